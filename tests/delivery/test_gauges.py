"""How much of each limit is used: what was granted, told without taking anything or waiting for anybody."""

from __future__ import annotations

import datetime as dt

from digest.delivery import gauges
from digest.delivery.gauges import Gauge, Gauges, WarmingUp
from digest.delivery.pace import Pace
from digest.limits import Limit
from digest.store.engine import Database
from tests.delivery.test_pace import grant, grant_domains, pace, rows
from tests.people import DAY, NOW

HOUR = dt.timedelta(hours=1)


def read(database: Database, one: Pace, *, now: dt.datetime = NOW) -> Gauges:
    with database.read() as session:
        return gauges.read(session, one, now=now)


def test_without_limits_there_is_nothing_to_tell(sqlite: Database) -> None:
    assert read(sqlite, pace()) == Gauges()


def test_limits_that_nobody_used_stand_at_nothing_and_looking_writes_nothing(
    database: Database,
) -> None:
    found = read(database, pace("5/s, 900/h", domains="google=2/s"))
    assert found.own == (Gauge(Limit(1, 5), 0), Gauge(Limit(3600, 900), 0))
    assert found.domains == (("google", (Gauge(Limit(1, 2), 0),)),)
    assert rows(database) == set()


def test_what_was_granted_is_used_until_it_leaves_the_span(database: Database) -> None:
    one = pace("100/h")
    assert grant(database, one, 60).count == 60
    (used,) = read(database, one).own
    assert (used.used, used.share, used.more_at) == (60, 0.6, None)
    (gone,) = read(database, one, now=NOW + HOUR).own
    assert gone.used == 0


def test_a_limit_that_is_used_up_says_when_the_next_may_leave_as_the_grant_does(
    database: Database,
) -> None:
    one = pace("100/h")
    granted = grant(database, one, 101)
    (full,) = read(database, one, now=NOW + HOUR / 4).own
    assert full.more_at is not None
    assert full.more_at == granted.again_at == NOW + HOUR


def test_a_limit_that_was_made_smaller_may_be_used_more_than_whole(database: Database) -> None:
    grant(database, pace("100/h"), 80)
    (found,) = read(database, pace("40/h")).own
    assert found.share == 2.0
    assert found.more_at is not None


def test_a_warm_up_tells_its_day_and_what_it_holds(database: Database) -> None:
    one = pace(warm_up="200 x1.5 for news.example")
    assert read(database, one).warm_up == WarmingUp("news.example", 1, 200, begun=False)
    grant(database, one, 150)
    found = read(database, one, now=NOW + 2 * DAY + HOUR)
    assert found.warm_up == WarmingUp("news.example", 3, 450, begun=True, ends_at=NOW + 3 * DAY)
    assert found.own == (Gauge(Limit(86400, 450), 0),)
    assert read(database, one).own == (Gauge(Limit(86400, 200), 150),)


def test_domains_with_the_least_room_come_first_and_forgotten_ones_not_at_all(
    database: Database,
) -> None:
    one = pace(domains="google=100/h, orange=10/h, *=50/15min")
    grant_domains(database, one, {"gmail.com": 20, "orange.fr": 9, "club.example": 30})
    found = read(database, one).domains
    assert [(name, used.used) for name, (used,) in found] == [
        ("orange", 9),
        ("club.example", 30),
        ("google", 20),
    ]
    names = [name for name, _ in read(database, one, now=NOW + HOUR / 2).domains]
    assert names == ["orange", "google"]


def test_a_slow_start_tells_its_rate(database: Database) -> None:
    one = pace(slow="20 to 500")
    assert read(database, one).rate == 20
    assert read(database, pace("5/s")).rate is None
