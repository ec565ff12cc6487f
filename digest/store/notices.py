"""Notices: the mails that are not the digest. They wait in one table and go out before any send."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Update, and_, delete, exists, func, or_, select, update
from sqlmodel import Session, col

from digest.model import DeliveryState
from digest.store import statements
from digest.store.tables import NoticeRow

#: Between the claim and the answer; after a crash such a notice is tried again.
SENDING = "sending"
#: So long a claim is left to its holder, who renews it before each notice; then its machine is taken for dead.
TAKE_OVER = dt.timedelta(minutes=10)
QUEUED = DeliveryState.QUEUED.value
#: The states of what is not settled.
WAITING = (QUEUED, SENDING)

_FRESH = {"populate_existing": True}


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """One notice to be sent. data: what its template needs. claimed_by: who has it in hand."""

    id: int
    kind: str
    newsletter: str
    address: str
    dedupe: str
    data: Mapping[str, Any]
    attempts: int
    created_at: dt.datetime
    claimed_by: str = ""


def queue(
    session: Session,
    *,
    kind: str,
    newsletter: str,
    address: str,
    dedupe: str,
    data: Mapping[str, Any],
    now: dt.datetime,
    due_at: dt.datetime | None = None,
) -> bool:
    """Put a notice in line; False where one with the same `dedupe` was ever put there. due_at: None is at once."""
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
        due_at=due_at or now,
        claimed_by="",
    )


def withdraw(session: Session, dedupe: str) -> None:
    """Forget a notice that nobody has taken in hand yet."""
    waits = and_(col(NoticeRow.dedupe) == dedupe, col(NoticeRow.state) == QUEUED)
    session.execute(delete(NoticeRow).where(waits))


def standing(session: Session, dedupe: str) -> tuple[str, str]:
    """(state, last reply) of the notice with this `dedupe`; empty where there is none."""
    asked = select(col(NoticeRow.state), col(NoticeRow.reply)).where(
        col(NoticeRow.dedupe) == dedupe
    )
    found = session.execute(asked).one_or_none()
    return (found[0], found[1] or "") if found else ("", "")


def any_due(session: Session, *, owner: str, now: dt.datetime) -> bool:
    """True where `owner` has something to do: a notice is due, or one was left by a crash."""
    due = and_(col(NoticeRow.state) == QUEUED, col(NoticeRow.due_at) <= now)
    asked = select(exists().where(or_(due, _left(owner, now))))
    return bool(session.scalar(asked))


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
    statements.moved(session, mine.values(state=SENDING, claimed_by=owner, claimed_at=now))
    found = select(NoticeRow).where(col(NoticeRow.id).in_(ids), _claimed_by(owner))
    rows = session.scalars(found.order_by(col(NoticeRow.id)), execution_options=_FRESH)
    return [_notice(row) for row in rows]


def keep(session: Session, notice: Notice, *, now: dt.datetime) -> bool:
    """Renew the claim right before the notice goes; False where it was taken over."""
    return bool(statements.moved(session, _in_hand(notice).values(claimed_at=now)))


def reclaim(session: Session, *, owner: str, now: dt.datetime) -> int:
    """Put back what `owner` took and did not settle, and what a dead machine left; says how many.

    Only for who is alone at it.
    """
    change = update(NoticeRow).where(_left(owner, now))
    return statements.moved(session, change.values(state=QUEUED, claimed_by=""))


def postpone(session: Session, *, until: dt.datetime) -> None:
    """Nothing can be sent now: leave all notices alone for a while."""
    due = and_(col(NoticeRow.state) == QUEUED, col(NoticeRow.due_at) < until)
    statements.moved(session, update(NoticeRow).where(due).values(due_at=until))


def _claimed_by(owner: str) -> ColumnElement[bool]:
    return and_(col(NoticeRow.state) == SENDING, col(NoticeRow.claimed_by) == owner)


def _left(owner: str, now: dt.datetime) -> ColumnElement[bool]:
    """Claimed by `owner` itself, whose last run ended in the middle, or by anybody too long ago."""
    since = func.coalesce(col(NoticeRow.claimed_at), col(NoticeRow.due_at))
    stale = and_(col(NoticeRow.state) == SENDING, since < now - TAKE_OVER)
    return or_(_claimed_by(owner), stale)


def _in_hand(notice: Notice) -> Update:
    """A change of a notice for as long as it is in the hand that claimed it."""
    return update(NoticeRow).where(col(NoticeRow.id) == notice.id, _claimed_by(notice.claimed_by))


def settle(session: Session, notice: Notice, state: DeliveryState, *, reply: str) -> None:
    """The end of a notice. Its data goes: it may hold a link that opens a door."""
    values = {"state": state.value, "reply": reply, "claimed_by": ""}
    attempts = notice.attempts + 1
    statements.moved(session, _in_hand(notice).values(attempts=attempts, data={}, **values))


def put_back(session: Session, notice: Notice, *, reply: str, due_at: dt.datetime) -> None:
    """Try a notice again at `due_at`; this was an attempt."""
    values = {"state": QUEUED, "reply": reply, "due_at": due_at, "claimed_by": ""}
    statements.moved(session, _in_hand(notice).values(attempts=notice.attempts + 1, **values))


def give_up_all(session: Session, *, why: str) -> int:
    """Settle every notice that waits as one whose fate nobody knows; how many. Nothing of it is sent."""
    state = DeliveryState.UNCERTAIN.value
    change = update(NoticeRow).where(_waiting())
    return statements.moved(session, change.values(state=state, reply=why, claimed_by="", data={}))


def pending(session: Session) -> int:
    """How many are not settled."""
    return session.scalar(select(func.count()).select_from(NoticeRow).where(_waiting())) or 0


def queued(session: Session) -> list[Notice]:
    """What is not settled, oldest first: for a person to look at, and for tests."""
    asked = select(NoticeRow).where(_waiting()).order_by(col(NoticeRow.id))
    return [_notice(row) for row in session.scalars(asked, execution_options=_FRESH)]


def _waiting() -> ColumnElement[bool]:
    return col(NoticeRow.state).in_(WAITING)


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
        claimed_by=row.claimed_by,
    )
