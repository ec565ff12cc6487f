"""Suppressions: addresses that must not be mailed, known by their keyed hash alone."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import ColumnElement, and_, exists, insert, or_, select
from sqlmodel import Session, col

from digest.store.tables import SuppressionRow


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

    reason: complaint, hard_bounce, soft_bounce, manual or imported. until: None = for good.
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


def is_suppressed(session: Session, address_hash: str, *, at: dt.datetime) -> bool:
    """True where the address must not be mailed at that moment."""
    return bool(session.scalar(select(exists().where(_of(address_hash, at)))))


def active(at: dt.datetime) -> ColumnElement[bool]:
    """The condition that a suppression holds at a moment, for statements of this room."""
    until = col(SuppressionRow.until)
    return and_(col(SuppressionRow.since) <= at, or_(until.is_(None), until > at))


def _of(address_hash: str, at: dt.datetime) -> ColumnElement[bool]:
    return and_(col(SuppressionRow.address_hash) == address_hash, active(at))
