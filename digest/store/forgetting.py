"""What goes by itself after a while: who is to be forgotten, and rows that nobody needs any more."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import ColumnElement, and_, delete, exists, func, or_, select, update
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from digest.model import SubscriptionStatus
from digest.store import statements
from digest.store.tables import (
    DeliveryRow,
    LimitRow,
    MoveRow,
    NoticeRow,
    SendRow,
    SubscriberRow,
    SubscriptionRow,
    TokenRow,
)

PENDING, _, UNSUBSCRIBED = (status.value for status in SubscriptionStatus)


def forgotten(
    session: Session,
    newsletter: str,
    *,
    asked_before: dt.datetime | None,
    left_before: dt.datetime | None,
    limit: int,
) -> list[tuple[str, bool]]:
    """Folded addresses of readers of a newsletter who are to be forgotten, and whether they were readers.

    asked_before: of those who never confirmed; left_before: of those who left; None = never. Who is
    something to another newsletter stays, and so does who moved and can still be found by an old link.
    """
    due = []
    if asked_before:
        due.append(_stands(PENDING, asked_before))
    if left_before:
        due.append(_stands(UNSUBSCRIBED, left_before))
    if not due:
        return []
    other = aliased(SubscriptionRow)
    elsewhere = exists().where(
        col(other.subscriber_id) == col(SubscriberRow.id), col(other.newsletter) != newsletter
    )
    asked = (
        select(col(SubscriberRow.address_key), col(SubscriptionRow.status))
        .join(SubscriptionRow, col(SubscriptionRow.subscriber_id) == col(SubscriberRow.id))
        .where(col(SubscriptionRow.newsletter) == newsletter, or_(*due), ~elsewhere)
        .where(col(SubscriptionRow.moved_to).is_(None))
        .order_by(col(SubscriberRow.id))
        .limit(limit)
    )
    return [(key, status == UNSUBSCRIBED) for key, status in session.execute(asked)]


def _stands(status: str, before: dt.datetime) -> ColumnElement[bool]:
    return and_(col(SubscriptionRow.status) == status, col(SubscriptionRow.changed_at) < before)


def settled_notices(session: Session, *, before: dt.datetime) -> int:
    """Drop notices that are final: their addresses are needed no more."""
    final = col(NoticeRow.state).not_in(["queued", "sending"])
    old = delete(NoticeRow).where(final, col(NoticeRow.created_at) < before)
    return statements.moved(session, old)


def stale_tokens(session: Session, *, before: dt.datetime) -> int:
    """Drop what has expired."""
    return statements.moved(session, delete(TokenRow).where(col(TokenRow.expires_at) < before))


def old_counters(session: Session, *, before: dt.datetime) -> int:
    """Drop counters whose span is over for longer than any that is asked for."""
    return statements.moved(session, delete(LimitRow).where(col(LimitRow.starts_at) < before))


def old_moves(session: Session, *, before: dt.datetime) -> int:
    """Drop moves that nobody can stop any more."""
    return statements.moved(session, delete(MoveRow).where(col(MoveRow.asked_at) < before))


def old_replies(session: Session, *, before: dt.datetime) -> int:
    """Leave of a relay's words, which may hold an address, the codes: of sends that ended before then."""
    over = select(col(SendRow.id)).where(col(SendRow.finished_at) < before)
    long = func.length(col(DeliveryRow.reply)) > 3
    change = update(DeliveryRow).where(col(DeliveryRow.send_id).in_(over), long)
    shorter = func.substr(col(DeliveryRow.reply), 1, 3)
    return statements.moved(session, change.values(reply=shorter))
