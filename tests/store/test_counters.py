"""Counters: how often in the current span, whoever counts."""

from __future__ import annotations

import datetime as dt
from concurrent.futures import ThreadPoolExecutor

from sqlalchemy import func, select

from digest.store import counters
from digest.store.engine import Database
from digest.store.tables import LimitRow
from tests.people import NOW

HOUR, DAY = dt.timedelta(hours=1), dt.timedelta(days=1)


def hit(
    database: Database, bucket: str = "ask", *, now: dt.datetime = NOW, span: dt.timedelta = HOUR
) -> int:
    with database.write() as session:
        return counters.hit(session, bucket, now=now, span=span)


def test_hits_count_up_within_a_span_and_begin_anew_in_the_next(database: Database) -> None:
    assert [hit(database) for _ in range(3)] == [1, 2, 3]
    begins = NOW.replace(minute=0)
    assert hit(database, now=begins) == 4
    assert hit(database, now=begins + HOUR - dt.timedelta(microseconds=1)) == 5
    assert hit(database, now=begins + HOUR) == 1


def test_buckets_and_spans_count_apart(database: Database) -> None:
    midnight = NOW.replace(hour=0, minute=0)
    assert hit(database, "a", now=midnight) == 1
    assert hit(database, "b", now=midnight) == 1
    assert hit(database, "a", now=midnight, span=DAY) == 1


def test_old_spans_are_forgotten(database: Database) -> None:
    for hour in range(5):
        hit(database, now=NOW + hour * HOUR)
    with database.read() as session:
        assert session.scalar(select(func.count()).select_from(LimitRow)) == 1


def test_many_processes_count_together(database: Database) -> None:
    others = [Database(database.url) for _ in range(4)]
    with ThreadPoolExecutor(len(others)) as pool:
        counted = list(pool.map(hit, others))
    for one in others:
        one.close()
    assert sorted(counted) == [1, 2, 3, 4]


def test_a_long_bucket_is_still_counted(database: Database) -> None:
    assert hit(database, "x" * 300) == 1
    assert hit(database, "x" * 300) == 2


def test_a_tally_tells_what_was_counted_when(database: Database) -> None:
    begins = NOW.replace(minute=0)
    for minutes in (0, 1, 20, 59):
        with database.write() as session:
            counters.tally(session, "mails", now=begins + dt.timedelta(minutes=minutes))
    with database.read() as session:
        end = begins + HOUR
        assert counters.tallied(session, "mails", begins - HOUR, end) == 4
        assert counters.tallied(session, "mails", begins + dt.timedelta(minutes=5), end) == 2
        assert counters.tallied(session, "others", begins - HOUR, end) == 0


def test_a_tally_forgets_after_its_time(database: Database) -> None:
    for days in (0, 9):
        with database.write() as session:
            counters.tally(session, "mails", now=NOW + days * DAY)
    with database.read() as session:
        assert session.scalar(select(func.count()).select_from(LimitRow)) == 1
