"""Allowances: at most so many of a thing in any span, wherever it begins; in the database, for all processes."""

from __future__ import annotations

import datetime as dt
import zlib
from collections.abc import Mapping, Sequence

from sqlalchemy import delete, func, insert, select, text
from sqlmodel import Session, col

from digest.store import statements
from digest.store.tables import AllowanceRow

#: (at most so many, in any span of this length).
Limits = Sequence[tuple[int, dt.timedelta]]

#: Sets these locks apart from any other use of advisory locks in the same database.
_ROOM = 0x5CA7C7


def take(session: Session, wanted: Mapping[str, Limits], *, now: dt.datetime) -> str | None:
    """Take one of every bucket, or none of any; the first bucket that is full, None where all had room.

    A clock that was set back counts what was taken in its future as well: nobody gets more by it.
    """
    for bucket in sorted(wanted):  # all in one order, so that no two wait for each other
        _hold(session, bucket)
    found = full(session, wanted, now=now)
    if found is not None:
        return found
    statements.moved(session, delete(AllowanceRow).where(col(AllowanceRow.stale_at) <= now))
    rows = [
        {"bucket": bucket, "at": now, "stale_at": now + max(span for _, span in limits)}
        for bucket, limits in wanted.items()
    ]
    if rows:
        session.execute(insert(AllowanceRow), rows)
    return None


def full(session: Session, wanted: Mapping[str, Limits], *, now: dt.datetime) -> str | None:
    """The first bucket that has no room now; takes nothing and waits for nobody."""
    for bucket, limits in wanted.items():
        if any(_taken(session, bucket, now - span) >= most for most, span in limits):
            return bucket
    return None


def _taken(session: Session, bucket: str, since: dt.datetime) -> int:
    asked = select(func.count()).where(
        col(AllowanceRow.bucket) == bucket, col(AllowanceRow.at) > since
    )
    return session.scalar(asked) or 0


def _hold(session: Session, bucket: str) -> None:
    """PostgreSQL lets two count at once: one waits for the other's commit. SQLite has one writer anyway."""
    if session.get_bind().dialect.name != "sqlite":
        key = zlib.crc32(bucket.encode()) - 2**31
        statement = text("SELECT pg_advisory_xact_lock(:room, :key)")
        session.execute(statement, {"room": _ROOM, "key": key})
