"""The pace: no span ever holds more than its limit, nobody starves, and a restart forgets nothing."""

from __future__ import annotations

import datetime as dt
import multiprocessing
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digest import limits
from digest.delivery import budget as budgets
from digest.delivery.budget import Budget
from digest.delivery.pace import Pace
from digest.limits import Limit, SlowStart
from digest.store.engine import Database

NOW = dt.datetime(2026, 11, 29, 8, tzinfo=dt.UTC)


def granted(database: Database, pace: Pace, wanted: int, now: dt.datetime) -> int:
    with database.write() as session:
        return pace.grant(session, wanted=wanted, now=now).count


def most_in_a_span(taken: list[tuple[float, int]], span: float) -> int:
    """The most that any span of so many seconds holds."""
    return max(
        sum(count for at, count in taken if begin <= at < begin + span) for begin, _ in taken
    )


def test_without_limits_nothing_is_asked(sqlite: Database) -> None:
    pace = Pace("smtp")
    assert pace.is_free
    assert granted(sqlite, pace, 10_000, NOW) == 10_000


@settings(max_examples=60, deadline=None)
@given(
    count=st.integers(1, 40),
    seconds=st.sampled_from([1, 7, 60]),
    steps=st.lists(st.tuples(st.floats(0, 30), st.integers(1, 60)), min_size=1, max_size=60),
)
def test_no_span_holds_more_than_its_limit_however_it_is_asked(
    count: int, seconds: int, steps: list[tuple[float, int]]
) -> None:
    limit, budget, at = (Limit(seconds, count),), Budget(), 0.0
    taken: list[tuple[float, int]] = []
    for wait, wanted in steps:
        at += wait
        moment = int(at * 1_000_000)
        room = budgets.room(budget, limit, moment)
        assert room is not None
        got = min(room, wanted)
        if got:
            budget = budgets.take(budget, limit, got, moment)
            taken.append((at, got))
    if taken:
        assert most_in_a_span(taken, seconds) <= count


def test_it_does_not_starve(database: Database) -> None:
    pace = Pace("smtp", limits.read_limits("100/s"))
    total = sum(
        granted(database, pace, 50, NOW + dt.timedelta(milliseconds=50 * tick))
        for tick in range(400)
    )
    assert 0.98 * 100 * 20 <= total <= 100 * 20 + 100


def test_the_limit_is_known_after_a_restart(database: Database) -> None:
    first = Pace("smtp", limits.read_limits("100/d"))
    assert granted(database, first, 80, NOW) == 80
    again = Pace("smtp", limits.read_limits("100/d"))
    later = NOW + dt.timedelta(hours=1)
    assert granted(database, again, 80, later) == 20
    with database.write() as session:
        grant = again.grant(session, wanted=5, now=later)
    assert grant.count == 0
    assert grant.again_at is not None
    assert later < grant.again_at <= NOW + dt.timedelta(days=1, minutes=1)


def test_what_was_not_used_comes_back(database: Database) -> None:
    pace = Pace("smtp", limits.read_limits("100/h"))
    assert granted(database, pace, 100, NOW) == 100
    with database.write() as session:
        pace.give_back(session, unused=40, now=NOW)
    assert granted(database, pace, 100, NOW) == 40


def test_a_clock_that_goes_back_gives_nothing_twice(database: Database) -> None:
    pace = Pace("smtp", limits.read_limits("10/d"))
    assert granted(database, pace, 10, NOW) == 10
    assert granted(database, pace, 10, NOW - dt.timedelta(seconds=3)) == 0


def test_a_warm_up_grows_day_by_day(database: Database) -> None:
    pace = Pace("smtp", warm_up=limits.read_warm_up("20 x2"))
    days = [granted(database, pace, 1000, NOW + dt.timedelta(days=n, minutes=n)) for n in range(4)]
    assert days == [20, 40, 80, 160]


def test_a_slow_start_doubles_where_it_goes_well_and_halves_where_not(database: Database) -> None:
    pace = Pace("smtp", slow_start=SlowStart(10, 1000))

    def a_second(n: int, *, trouble: int) -> int:
        total = 0
        for tick in range(20):
            now = NOW + dt.timedelta(seconds=n, milliseconds=50 * tick)
            got = granted(database, pace, 100, now)
            total += got
            with database.write() as session:
                pace.note(session, good=got - min(got, trouble), trouble=min(got, trouble), now=now)
        return total

    well = [a_second(n, trouble=0) for n in range(5)]
    assert well[-1] > 3 * well[0]
    badly = [a_second(n, trouble=99) for n in range(5, 9)]
    assert badly[-1] < well[-1]


def test_domains_of_one_provider_share_their_budget(database: Database) -> None:
    pace = Pace("smtp", domains=limits.read_domain_limits("google=10/d"))
    with database.write() as session:
        wanted = {"gmail.com": 8, "googlemail.com": 8, "example.net": 50}
        found = pace.grant_domains(session, wanted, now=NOW)
    assert found["gmail.com"].count + found["googlemail.com"].count == 10
    assert "example.net" not in found
    assert pace.limited("example.net") is None


def _worker(url: str, until: float, found: multiprocessing.Queue[int]) -> None:
    database, pace = Database(url), Pace("smtp", limits.read_limits("200/s"))
    total = 0
    while time.time() < until:
        total += granted(database, pace, 20, dt.datetime.now(dt.UTC))
        time.sleep(0.01)
    database.close()
    found.put(total)


@pytest.mark.slow
def test_four_processes_together_keep_one_limit(database: Database, tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    found: multiprocessing.Queue[int] = context.Queue()
    url = database.engine.url.render_as_string(hide_password=False)
    begin = time.time()
    until = begin + 8
    workers = [context.Process(target=_worker, args=(url, until, found)) for _ in range(4)]
    for one in workers:
        one.start()
    total = sum(found.get(timeout=60) for _ in workers)
    for one in workers:
        one.join(timeout=30)
    spent = time.time() - begin
    assert total <= 200 * (spent + 1) * 1.02
    assert total > 0
