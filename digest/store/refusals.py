"""What the next server refused in a send that has ended: to be judged, held back, or forgiven."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Table, and_, delete, exists, literal, or_, select, update
from sqlmodel import Session, col

from digest.model import DeliveryState
from digest.store import statements
from digest.store.sends import SendStatus
from digest.store.tables import (
    DeliveryRow,
    EditionRow,
    MembershipRow,
    OutcomeRow,
    SendRow,
    SubscriberRow,
    SubscriptionRow,
)

FAILED = DeliveryState.FAILED.value

_OUTCOMES: Table = OutcomeRow.__table__  # type: ignore[attr-defined]


@dataclass(frozen=True, slots=True)
class Refusal:
    """A copy that the next server refused, or that was given up; `reply` is its word."""

    send_id: int
    subscriber_id: int
    handle: str
    checksum: str
    attempts: int
    reply: str
    at: dt.datetime


def ended_since(session: Session, moment: dt.datetime) -> list[int]:
    """The sends that are done, and were not before `moment`, by number."""
    done = col(SendRow.status) == SendStatus.DONE.value
    asked = select(col(SendRow.id)).where(done, col(SendRow.finished_at) > moment)
    return [one for one in session.scalars(asked.order_by(col(SendRow.id))) if one is not None]


def any_unjudged(session: Session, send_id: int) -> bool:
    """True where a refusal of a send has no outcome beside it."""
    asked = exists().where(col(DeliveryRow.send_id) == send_id, _failed(), ~_has_outcome())
    return bool(session.scalar(select(asked)))


def of_send(
    session: Session, send_id: int, outcome: str, *, after: int, limit: int
) -> list[Refusal]:
    """Refusals with this outcome beside them, "" for none yet, of readers with an id above `after`."""
    asked = (
        select(
            col(DeliveryRow.send_id),
            col(DeliveryRow.subscriber_id),
            col(SubscriberRow.handle),
            col(EditionRow.checksum),
            col(DeliveryRow.attempts),
            col(DeliveryRow.reply),
            col(DeliveryRow.at),
        )
        .join(SendRow, col(SendRow.id) == col(DeliveryRow.send_id))
        .join(EditionRow, col(EditionRow.id) == col(SendRow.edition_id))
        .join(SubscriberRow, col(SubscriberRow.id) == col(DeliveryRow.subscriber_id))
        .where(col(DeliveryRow.send_id) == send_id, col(DeliveryRow.subscriber_id) > after)
        .where(_failed(), _has_outcome(outcome) if outcome else ~_has_outcome())
        .order_by(col(DeliveryRow.subscriber_id))
        .limit(limit)
    )
    return [
        Refusal(send, reader, handle, checksum, attempts, reply or "", at)
        for send, reader, handle, checksum, attempts, reply, at in session.execute(asked)
    ]


def hold_back(session: Session, send_id: int, outcome: str, *, now: dt.datetime) -> int:
    """Put `outcome` beside every refusal of a send that has none; how many."""
    found = select(
        col(DeliveryRow.send_id),
        col(DeliveryRow.subscriber_id),
        literal(outcome),
        literal(""),
        literal(now, _OUTCOMES.c.at.type),
    ).where(col(DeliveryRow.send_id) == send_id, _failed(), ~_has_outcome())
    names = ["send_id", "subscriber_id", "outcome", "status", "at"]
    put = statements.insert(session, _OUTCOMES).from_select(names, found)
    counted = put.execution_options(preserve_rowcount=True)
    return session.connection().execute(counted).rowcount


def forgive(
    session: Session,
    outcome: str,
    *,
    instead_of: Collection[str],
    send_id: int | None = None,
    subscriber_id: int | None = None,
) -> None:
    """Write `outcome` over those that spoke against readers, of one send or of one reader."""
    change = update(OutcomeRow).where(col(OutcomeRow.outcome).in_(list(instead_of)))
    if send_id is not None:
        change = change.where(col(OutcomeRow.send_id) == send_id)
    if subscriber_id is not None:
        change = change.where(col(OutcomeRow.subscriber_id) == subscriber_id)
    statements.moved(session, change.values(outcome=outcome))


def forget(session: Session, send_id: int, *, but: Collection[str]) -> None:
    """Take away what was said of refusals of a send whose readers are in line again."""
    in_line = exists().where(
        col(DeliveryRow.send_id) == send_id,
        col(DeliveryRow.subscriber_id) == col(OutcomeRow.subscriber_id),
        col(DeliveryRow.state) == DeliveryState.QUEUED.value,
    )
    mine = col(OutcomeRow.send_id) == send_id, col(OutcomeRow.outcome).not_in(list(but))
    statements.moved(session, delete(OutcomeRow).where(*mine, in_line))


def _failed() -> ColumnElement[bool]:
    return and_(col(DeliveryRow.state) == FAILED, ~_moved_since())


def _moved_since() -> ColumnElement[bool]:
    """Who moved while it was being sent, also where they came back: their copy may have been refused at the
    other address, which the row does not name. That one has the next issue, and is judged by it."""
    moved, again, send = SubscriptionRow, MembershipRow, SendRow
    mine = col(send.id) == col(DeliveryRow.send_id)
    gone = exists().where(
        mine,
        col(moved.subscriber_id) == col(DeliveryRow.subscriber_id),
        col(moved.newsletter) == col(send.newsletter),
        col(moved.moved_to).is_not(None),
    )
    back = exists().where(
        mine,
        col(again.subscriber_id) == col(DeliveryRow.subscriber_id),
        col(again.newsletter) == col(send.newsletter),
        col(again.since) > col(send.cut_off),
    )
    return or_(gone, back)


def _has_outcome(outcome: str = "") -> ColumnElement[bool]:
    same = and_(
        col(OutcomeRow.send_id) == col(DeliveryRow.send_id),
        col(OutcomeRow.subscriber_id) == col(DeliveryRow.subscriber_id),
    )
    return (
        exists().where(same, col(OutcomeRow.outcome) == outcome)
        if outcome
        else exists().where(same)
    )
