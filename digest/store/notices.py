"""Notices: the mails that are not the digest. They wait in one table and go out before any send."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select, update
from sqlmodel import Session, col

from digest.model import DeliveryState
from digest.store import statements
from digest.store.tables import NoticeRow

#: Between the claim and the answer; after a crash such a notice is tried again.
SENDING = "sending"
QUEUED = DeliveryState.QUEUED.value


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """One notice to be sent. data: what its template needs."""

    id: int
    kind: str
    newsletter: str
    address: str
    dedupe: str
    data: Mapping[str, Any]
    attempts: int
    created_at: dt.datetime


def queue(
    session: Session,
    *,
    kind: str,
    newsletter: str,
    address: str,
    dedupe: str,
    data: Mapping[str, Any],
    now: dt.datetime,
) -> bool:
    """Put a notice in line; False where one with the same `dedupe` was ever put there."""
    return statements.inserted(
        session,
        NoticeRow,
        kind=kind,
        newsletter=newsletter,
        address=address,
        dedupe=dedupe,
        data=dict(data),
        state=QUEUED,
        attempts=0,
        created_at=now,
        due_at=now,
        claimed_by="",
    )


def claim(session: Session, *, owner: str, now: dt.datetime, limit: int = 50) -> list[Notice]:
    """Take notices that are due, oldest first. Each is taken by one process only."""
    due = (
        select(col(NoticeRow.id))
        .where(col(NoticeRow.state) == QUEUED, col(NoticeRow.due_at) <= now)
        .order_by(col(NoticeRow.id))
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    ids = list(session.scalars(due))
    mine = update(NoticeRow).where(col(NoticeRow.id).in_(ids), col(NoticeRow.state) == QUEUED)
    session.execute(
        mine.values(state=SENDING, claimed_by=owner, attempts=col(NoticeRow.attempts) + 1),
        execution_options={"synchronize_session": False},
    )
    found = select(NoticeRow).where(col(NoticeRow.id).in_(ids)).order_by(col(NoticeRow.id))
    rows = session.scalars(found, execution_options={"populate_existing": True})
    return [_notice(row) for row in rows]


def reclaim(session: Session, *, owner: str) -> int:
    """Put back what `owner` took and did not settle before it died; says how many."""
    change = update(NoticeRow).where(
        col(NoticeRow.state) == SENDING, col(NoticeRow.claimed_by) == owner
    )
    return statements.moved(session, change.values(state=QUEUED, claimed_by=""))


def settle(session: Session, notice_id: int, state: DeliveryState, *, reply: str) -> None:
    """The end of a notice. Its data goes: it may hold a link that opens a door."""
    change = update(NoticeRow).where(col(NoticeRow.id) == notice_id)
    values = {"state": state.value, "reply": reply, "data": {}, "claimed_by": ""}
    statements.moved(session, change.values(**values))


def put_back(session: Session, notice_id: int, *, reply: str, due_at: dt.datetime) -> None:
    """Try a notice again at `due_at`."""
    change = update(NoticeRow).where(col(NoticeRow.id) == notice_id)
    values = {"state": QUEUED, "reply": reply, "due_at": due_at, "claimed_by": ""}
    statements.moved(session, change.values(**values))


def pending(session: Session) -> int:
    """How many are not settled."""
    waiting = col(NoticeRow.state).in_([QUEUED, SENDING])
    return session.scalar(select(func.count()).select_from(NoticeRow).where(waiting)) or 0


def _notice(row: NoticeRow) -> Notice:
    assert row.id is not None
    return Notice(
        id=row.id,
        kind=row.kind,
        newsletter=row.newsletter,
        address=row.address,
        dedupe=row.dedupe,
        data=row.data,
        attempts=row.attempts,
        created_at=row.created_at,
    )
