"""Counters: how often something was done in the current span of time."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import delete, func, select
from sqlmodel import Session, col

from digest.store import statements
from digest.store.tables import LimitRow


def hit(session: Session, bucket: str, *, now: dt.datetime, span: dt.timedelta) -> int:
    """Count one more in `bucket`; how many there are now in the span of time that `now` is in.

    Spans are fixed: they begin at multiples of `span` since 1970. What an older span counted is
    forgotten with the first hit of a new one.
    """
    seconds = int(span.total_seconds())
    starts_at = dt.datetime.fromtimestamp(int(now.timestamp()) // seconds * seconds, dt.UTC)
    name = f"{bucket[:105]}/{seconds}"  # one bucket may be counted in several spans
    statement = statements.insert(session, LimitRow).values(
        bucket=name, starts_at=starts_at, count=1
    )
    count: int = session.scalars(
        statement.on_conflict_do_update(
            index_elements=["bucket", "starts_at"], set_={"count": col(LimitRow.count) + 1}
        ).returning(col(LimitRow.count))
    ).one()
    if count == 1:
        older = (col(LimitRow.bucket) == name) & (col(LimitRow.starts_at) < starts_at)
        statements.moved(session, delete(LimitRow).where(older))
    return count


#: How finely a tally tells when; and how long it remembers.
SLOT = dt.timedelta(minutes=5)
KEPT = dt.timedelta(days=8)


def tally(session: Session, bucket: str, *, now: dt.datetime) -> None:
    """Count one more in a tally that remembers when, to the slot, for `KEPT`."""
    name, starts_at = f"{bucket[:105]}/tally", _slot(now)
    statement = statements.insert(session, LimitRow).values(
        bucket=name, starts_at=starts_at, count=1
    )
    count = session.scalars(
        statement.on_conflict_do_update(
            index_elements=["bucket", "starts_at"], set_={"count": col(LimitRow.count) + 1}
        ).returning(col(LimitRow.count))
    ).one()
    if count == 1:
        older = (col(LimitRow.bucket) == name) & (col(LimitRow.starts_at) < now - KEPT)
        statements.moved(session, delete(LimitRow).where(older))


def tallied(session: Session, bucket: str, since: dt.datetime, until: dt.datetime) -> int:
    """How many were counted from one moment to another, in whole slots: those that begin between."""
    asked = select(func.coalesce(func.sum(col(LimitRow.count)), 0)).where(
        col(LimitRow.bucket) == f"{bucket[:105]}/tally",
        col(LimitRow.starts_at) > since,
        col(LimitRow.starts_at) <= until,
    )
    return int(session.scalar(asked) or 0)


def _slot(now: dt.datetime) -> dt.datetime:
    seconds = int(SLOT.total_seconds())
    return dt.datetime.fromtimestamp(int(now.timestamp()) // seconds * seconds, dt.UTC)
