"""Suppressions: from a moment on, for good or for a while."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import func, select

from digest.store import suppressions
from digest.store.engine import Database
from digest.store.tables import SuppressionRow
from tests.people import DAY, NOW

DAVE_HASH = "d" * 64
INSTANT = dt.timedelta(microseconds=1)


def add(
    database: Database,
    *,
    now: dt.datetime = NOW,
    reason: str = "complaint",
    until: dt.datetime | None = None,
) -> None:
    with database.write() as session:
        suppressions.add(session, DAVE_HASH, reason=reason, now=now, until=until)


def holds(database: Database, at: dt.datetime, hashed: str = DAVE_HASH) -> bool:
    with database.read() as session:
        return suppressions.is_suppressed(session, hashed, at=at)


def rows(database: Database) -> int:
    with database.read() as session:
        return session.scalar(select(func.count()).select_from(SuppressionRow)) or 0


def test_an_address_is_suppressed_from_that_moment_on(database: Database) -> None:
    add(database)
    assert not holds(database, NOW - INSTANT)
    assert holds(database, NOW)
    assert holds(database, NOW + 1000 * DAY)
    assert not holds(database, NOW, "a" * 64)


def test_a_suppression_for_a_while_ends(database: Database) -> None:
    add(database, until=NOW + DAY)
    assert holds(database, NOW + DAY - INSTANT)
    assert not holds(database, NOW + DAY)


def test_twice_for_one_reason_is_once_and_two_reasons_are_two(database: Database) -> None:
    add(database)
    add(database, now=NOW + DAY)
    assert rows(database) == 1
    add(database, now=NOW + DAY, reason="hard_bounce")
    assert rows(database) == 2


def test_a_suppression_for_a_while_does_not_stand_for_one_for_good(database: Database) -> None:
    add(database, until=NOW + 2 * DAY)
    add(database, now=NOW + DAY)
    assert holds(database, NOW + 3 * DAY)
