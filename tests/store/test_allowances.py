"""Allowances: so many in any span, whole or not at all, whoever asks at once."""

from __future__ import annotations

import datetime as dt
from concurrent.futures import ThreadPoolExecutor

from sqlalchemy import func, select

from digest.store import allowances
from digest.store.allowances import Limits
from digest.store.engine import Database
from digest.store.tables import AllowanceRow
from tests.people import NOW

HOUR, DAY = dt.timedelta(hours=1), dt.timedelta(days=1)
TWO: Limits = ((2, HOUR), (3, DAY))


def take(database: Database, *buckets: str, now: dt.datetime = NOW, limits: Limits = TWO) -> str:
    with database.write() as session:
        return allowances.take(session, dict.fromkeys(buckets, limits), now=now) or ""


def rows(database: Database) -> int:
    with database.read() as session:
        return session.scalar(select(func.count()).select_from(AllowanceRow)) or 0


def test_a_span_begins_anywhere_not_at_the_full_hour(database: Database) -> None:
    late = NOW.replace(minute=59)
    assert [take(database, "a", now=late) for _ in range(3)] == ["", "", "a"]
    assert take(database, "a", now=late + dt.timedelta(minutes=2)) == "a"
    assert take(database, "a", now=late + HOUR) == ""


def test_the_longer_span_holds_as_well(database: Database) -> None:
    assert [take(database, "a", now=NOW + hours * HOUR) for hours in (0, 2, 4, 6)] == [
        "", "", "", "a",
    ]  # fmt: skip
    assert take(database, "a", now=NOW + DAY) == ""


def test_what_is_refused_is_not_counted_anywhere(database: Database) -> None:
    take(database, "a")
    take(database, "a")
    assert [take(database, "a", "b") for _ in range(5)] == ["a"] * 5
    assert [take(database, "b") for _ in range(3)] == ["", "", "b"]


def test_what_no_limit_asks_about_any_more_is_forgotten(database: Database) -> None:
    take(database, "a", limits=((5, HOUR),))
    take(database, "b")
    take(database, "c", now=NOW + 2 * HOUR)
    assert rows(database) == 2


def test_many_processes_take_no_more_than_there_is(database: Database) -> None:
    others = [Database(database.url) for _ in range(4)]
    with ThreadPoolExecutor(len(others)) as pool:
        taken = list(pool.map(lambda one: take(one, "a", limits=((2, HOUR),)), others))
    for one in others:
        one.close()
    assert sorted(taken) == ["", "", "a", "a"]
