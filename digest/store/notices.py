"""Notices: the mails that are not the digest. They wait in one table and go out before any send."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, func, or_, select, update
from sqlmodel import Session, col

from digest.model import DeliveryState
from digest.store import statements
from digest.store.tables import NoticeRow

#: Between the claim and the answer; after a crash such a notice is tried again.
SENDING = "sending"
QUEUED = DeliveryState.QUEUED.value

_FRESH = {"populate_existing": True}


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


def is_known(session: Session, dedupe: str) -> bool:
    """True where a notice with this `dedupe` was ever put in line."""
    return bool(session.scalar(select(exists().where(col(NoticeRow.dedupe) == dedupe))))


def any_due(session: Session, *, owner: str, now: dt.datetime) -> bool:
    """True where `owner` has something to do: a notice is due, or one was left by a crash."""
    due = and_(col(NoticeRow.state) == QUEUED, col(NoticeRow.due_at) <= now)
    return bool(session.scalar(select(exists().where(or_(due, _claimed_by(owner))))))


def claim(session: Session, *, owner: str, now: dt.datetime, limit: int = 20) -> list[Notice]:
    """Take notices that are due, oldest first. Each is taken by one process only."""
    due = (
        select(col(NoticeRow.id))
        .where(col(NoticeRow.state) == QUEUED, col(NoticeRow.due_at) <= now)
        .order_by(col(NoticeRow.due_at), col(NoticeRow.id))
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    ids = list(session.scalars(due))
    mine = update(NoticeRow).where(col(NoticeRow.id).in_(ids), col(NoticeRow.state) == QUEUED)
    statements.moved(session, mine.values(state=SENDING, claimed_by=owner))
    found = select(NoticeRow).where(col(NoticeRow.id).in_(ids), _claimed_by(owner))
    rows = session.scalars(found.order_by(col(NoticeRow.id)), execution_options=_FRESH)
    return [_notice(row) for row in rows]


def reclaim(session: Session, *, owner: str) -> int:
    """Put back what `owner` took and did not settle; says how many. Only for who is alone at it."""
    change = update(NoticeRow).where(_claimed_by(owner))
    return statements.moved(session, change.values(state=QUEUED, claimed_by=""))


def postpone(session: Session, *, until: dt.datetime) -> None:
    """Nothing can be sent now: leave all notices alone for a while."""
    due = and_(col(NoticeRow.state) == QUEUED, col(NoticeRow.due_at) < until)
    statements.moved(session, update(NoticeRow).where(due).values(due_at=until))


def _claimed_by(owner: str) -> ColumnElement[bool]:
    return and_(col(NoticeRow.state) == SENDING, col(NoticeRow.claimed_by) == owner)


def settle(session: Session, notice: Notice, state: DeliveryState, *, reply: str) -> None:
    """The end of a notice. Its data goes: it may hold a link that opens a door."""
    change = update(NoticeRow).where(col(NoticeRow.id) == notice.id)
    values = {"state": state.value, "reply": reply, "claimed_by": ""}
    attempts = notice.attempts + 1
    statements.moved(session, change.values(attempts=attempts, data={}, **values))


def put_back(session: Session, notice: Notice, *, reply: str, due_at: dt.datetime) -> None:
    """Try a notice again at `due_at`; this was an attempt."""
    change = update(NoticeRow).where(col(NoticeRow.id) == notice.id)
    values = {"state": QUEUED, "reply": reply, "due_at": due_at, "claimed_by": ""}
    statements.moved(session, change.values(attempts=notice.attempts + 1, **values))


def pending(session: Session) -> int:
    """How many are not settled."""
    return session.scalar(select(func.count()).select_from(NoticeRow).where(_waiting())) or 0


def queued(session: Session) -> list[Notice]:
    """What is not settled, oldest first: for a person to look at, and for tests."""
    asked = select(NoticeRow).where(_waiting()).order_by(col(NoticeRow.id))
    return [_notice(row) for row in session.scalars(asked, execution_options=_FRESH)]


def _waiting() -> ColumnElement[bool]:
    return col(NoticeRow.state).in_([QUEUED, SENDING])


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
