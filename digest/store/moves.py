"""Moves of a subscription from one address to another: asked, done, stopped."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from sqlalchemy import delete, exists, insert, select, update
from sqlmodel import Session, col

from digest.model import SubscriberId, SubscriptionStatus
from digest.store import leaving, statements, subscribers
from digest.store.tables import MembershipRow, MoveRow, SubscriptionRow


@dataclass(frozen=True, slots=True)
class Move:
    """One move. address: empty once it is decided. to: as whom the subscription went on."""

    id: int
    subscriber: SubscriberId
    newsletter: str
    address: str
    state: str
    asked_at: dt.datetime
    to: SubscriberId | None


def open_one(
    session: Session, subscriber_id: int, newsletter: str, address: str, *, now: dt.datetime
) -> int:
    """Note a wish; an older one of the same reader that is not decided is stopped by it."""
    older = update(MoveRow).where(
        col(MoveRow.subscriber_id) == subscriber_id,
        col(MoveRow.newsletter) == newsletter,
        col(MoveRow.state) == "asked",
    )
    statements.moved(session, older.values(state="stopped", address=""))
    made = (
        insert(MoveRow)
        .values(
            subscriber_id=subscriber_id,
            newsletter=newsletter,
            address=address,
            asked_at=now,
            state="asked",
            to_id=None,
        )
        .returning(col(MoveRow.id))
    )
    return session.scalars(made).one() or 0


def by_id(session: Session, move_id: int) -> Move | None:
    asked = select(MoveRow).where(col(MoveRow.id) == move_id)
    row = session.scalars(asked.execution_options(populate_existing=True)).one_or_none()
    if row is None:
        return None
    to = None if row.to_id is None else SubscriberId(row.to_id)
    who = SubscriberId(row.subscriber_id)
    return Move(row.id or 0, who, row.newsletter, row.address, row.state, row.asked_at, to)


def settle(session: Session, move_id: int, state: str, *, to: int | None) -> None:
    """It is decided: the address is needed here no more."""
    change = update(MoveRow).where(col(MoveRow.id) == move_id)
    statements.moved(session, change.values(state=state, address="", to_id=to))


def leave_to(session: Session, old: int, new: int, newsletter: str, *, now: dt.datetime) -> None:
    """One reader's subscription ends and goes on as another's."""
    if old != new:
        subscribers.leave(session, old, newsletter, now=now, method="move")
        leaving.go_on_as(session, old, newsletter, new)
        leaving.go_on_as(session, new, newsletter, None)


def inherit(session: Session, old: int, new: int, newsletter: str) -> None:
    """What is known of a subscription beside its choices: since when it is, its tags, the order of its sections."""
    row = SubscriptionRow
    names = ("asked_at", "tags", "first_sections")
    asked = select(*(col(getattr(row, name)) for name in names)).where(
        col(row.subscriber_id) == old, col(row.newsletter) == newsletter
    )
    kept = dict(zip(names, session.execute(asked).one(), strict=True))
    mine = update(row).where(col(row.subscriber_id) == new, col(row.newsletter) == newsletter)
    statements.moved(session, mine.values(**kept))


def bring_back(session: Session, move: Move, *, now: dt.datetime) -> None:
    """Undo a move: who has the subscription now leaves, and the old address is with us again, unless that one left.

    It may have moved further since. Who read the newsletter before the move goes on reading it.
    """
    assert move.to is not None
    holder = leaving.now_at(session, move.to, move.newsletter)
    if holder == move.subscriber:
        return
    standing = subscribers.status(session, holder, move.newsletter)
    if not _was_reader(session, holder, move):
        subscribers.leave(session, holder, move.newsletter, now=now, method="move")
    if standing is SubscriptionStatus.CONFIRMED:
        leaving.come_back(
            session,
            move.subscriber,
            move.newsletter,
            since=move.asked_at,
            now=now,
            method="move",
        )


def _was_reader(session: Session, holder: int, move: Move) -> bool:
    """True for who has been with us without a break since before the move was asked for."""
    row = MembershipRow
    span = exists().where(
        col(row.subscriber_id) == holder,
        col(row.newsletter) == move.newsletter,
        col(row.until).is_(None),
        col(row.since) < move.asked_at,
    )
    return bool(session.scalar(select(span)))


def forget(session: Session, *, before: dt.datetime) -> int:
    """Drop what was asked before then; how many."""
    return statements.moved(session, delete(MoveRow).where(col(MoveRow.asked_at) < before))
