"""Calls with an idempotency key: begun once, answered once, remembered for a day.

draft-ietf-httpapi-idempotency-key-header-07: the same key and request is given the first one's answer.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from sqlalchemy import and_, delete, select, update
from sqlmodel import Session, col

from digest.store import statements
from digest.store.tables import ApiCallRow

#: How long an answer is remembered; and after what time a call that never answered is taken for broken off.
KEPT, BROKEN = dt.timedelta(hours=24), dt.timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Call:
    """A call that was begun before. status: 0 while it runs. answer: sealed."""

    request_hash: str
    status: int
    answer: str


def begin(session: Session, key_hash: str, request_hash: str, *, now: dt.datetime) -> Call | None:
    """None where this call is the first with its key, which is its own from here on; else the one that was."""
    stale = and_(
        col(ApiCallRow.key_hash) == key_hash,
        (col(ApiCallRow.begun_at) <= now - KEPT)
        | ((col(ApiCallRow.status) == 0) & (col(ApiCallRow.begun_at) <= now - BROKEN)),
    )
    statements.moved(session, delete(ApiCallRow).where(stale))
    new = {"request_hash": request_hash, "begun_at": now, "status": 0, "answer": ""}
    if statements.inserted(session, ApiCallRow, key_hash=key_hash, **new):
        return None
    asked = select(ApiCallRow).where(col(ApiCallRow.key_hash) == key_hash)
    row = session.scalars(asked, execution_options={"populate_existing": True}).one_or_none()
    if row is None:  # the first one came to nothing at this very moment
        return Call(request_hash, 0, "")
    return Call(row.request_hash, row.status, row.answer)


def end(session: Session, key_hash: str, status: int, answer: str) -> None:
    """Keep the answer."""
    running = col(ApiCallRow.key_hash) == key_hash, col(ApiCallRow.status) == 0
    change = update(ApiCallRow).where(*running).values(status=status, answer=answer)
    statements.moved(session, change)


def drop(session: Session, key_hash: str) -> None:
    """Nothing was done: the same key may be tried again."""
    running = col(ApiCallRow.key_hash) == key_hash, col(ApiCallRow.status) == 0
    statements.moved(session, delete(ApiCallRow).where(*running))


def forget(session: Session, *, before: dt.datetime) -> int:
    """Drop what was begun before a moment."""
    return statements.moved(session, delete(ApiCallRow).where(col(ApiCallRow.begun_at) < before))
