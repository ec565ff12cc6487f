"""Suppressions: addresses that must not be mailed, known by their keyed hash alone."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable

from sqlalchemy import ColumnElement, and_, exists, func, insert, or_, select, update
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from digest.model import SubscriptionStatus
from digest.store import statements
from digest.store.tables import OutcomeRow, SubscriberRow, SubscriptionRow, SuppressionRow

#: Of who was forgotten: no import brings them back, but they themselves may come.
ERASED = "erased"


def add(
    session: Session,
    address_hash: str,
    *,
    reason: str,
    now: dt.datetime,
    detail: str = "",
    until: dt.datetime | None = None,
) -> None:
    """Suppress an address from `now` on; twice for the same reason is once.

    reason: complaint, hard_bounce, soft_bounce, manual, imported or erased. until: None = for good.
    """
    known = select(
        exists().where(
            _of(address_hash, now),
            col(SuppressionRow.reason) == reason,
            col(SuppressionRow.until).is_(None),
        )
    )
    if session.scalar(known):
        return
    session.execute(
        insert(SuppressionRow).values(
            address_hash=address_hash, reason=reason, since=now, until=until, detail=detail
        )
    )


def is_suppressed(
    session: Session, address_hash: str, *, at: dt.datetime, but: Collection[str] = ()
) -> bool:
    """True where the address must not be mailed at that moment. but: for other reasons than these."""
    why = col(SuppressionRow.reason).not_in(list(but))
    return bool(session.scalar(select(exists().where(_of(address_hash, at), why))))


def lift(
    session: Session, address_hashes: Iterable[str], reasons: Collection[str], *, now: dt.datetime
) -> int:
    """End the suppressions of addresses that hold now for these reasons; how many addresses had one.

    What was stays written: an audience of before asks for before.
    """
    lifted = 0
    for hashed in address_hashes:
        mine = _of(hashed, now), col(SuppressionRow.reason).in_(list(reasons))
        lifted += (
            statements.moved(session, update(SuppressionRow).where(*mine).values(until=now)) > 0
        )
    return lifted


def reasons(session: Session, address_hash: str, *, at: dt.datetime) -> list[str]:
    """Why an address must not be mailed at a moment, in the order of the alphabet; empty where it may."""
    asked = select(col(SuppressionRow.reason)).where(_of(address_hash, at)).distinct()
    return sorted(session.scalars(asked))


def count(session: Session, newsletter: str, *, at: dt.datetime) -> int:
    """How many confirmed readers of a newsletter must not be mailed at a moment."""
    asked = (
        select(func.count(func.distinct(col(SubscriberRow.id))))
        .select_from(SuppressionRow)
        .join(SubscriberRow, col(SubscriberRow.address_hash) == col(SuppressionRow.address_hash))
        .join(SubscriptionRow, col(SubscriptionRow.subscriber_id) == col(SubscriberRow.id))
        .where(active(at), col(SubscriptionRow.newsletter) == newsletter)
        .where(col(SubscriptionRow.status) == SubscriptionStatus.CONFIRMED.value)
    )
    return session.scalar(asked) or 0


def hashes_with(
    session: Session,
    send_id: int,
    outcomes: Collection[str],
    *,
    at: dt.datetime,
    elsewhere: Collection[str] = (),
) -> list[str]:
    """The suppressed addresses (hashes) whose copy of a send came to one of these outcomes.

    elsewhere: not those whose copy of another send came to one of these.
    """
    other = aliased(OutcomeRow)
    too = exists().where(
        col(other.subscriber_id) == col(SubscriberRow.id),
        col(other.send_id) != send_id,
        col(other.outcome).in_(list(elsewhere)),
    )
    asked = (
        select(col(SubscriberRow.address_hash))
        .join(OutcomeRow, col(OutcomeRow.subscriber_id) == col(SubscriberRow.id))
        .join(SuppressionRow, col(SuppressionRow.address_hash) == col(SubscriberRow.address_hash))
        .where(col(OutcomeRow.send_id) == send_id, col(OutcomeRow.outcome).in_(list(outcomes)))
        .where(active(at), ~too)
        .distinct()
    )
    return list(session.scalars(asked))


def active(at: dt.datetime) -> ColumnElement[bool]:
    """The condition that a suppression holds at a moment, for statements of this room."""
    until = col(SuppressionRow.until)
    return and_(col(SuppressionRow.since) <= at, or_(until.is_(None), until > at))


def _of(address_hash: str, at: dt.datetime) -> ColumnElement[bool]:
    return and_(col(SuppressionRow.address_hash) == address_hash, active(at))
