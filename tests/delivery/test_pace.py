"""The pace in the database: shared, kept over a restart, by provider, by domain, by day, by success."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

import pytest
from sqlalchemy import select
from sqlmodel import col

from digest.delivery.pace import Grant, Pace
from digest.limits import read_domain_limits, read_limits, read_slow_start, read_warm_up
from digest.store.engine import Database
from digest.store.tables import PaceRow
from tests.people import DAY, NOW

SECOND = dt.timedelta(seconds=1)


def pace(
    limits: str = "", *, domains: str = "", warm_up: str = "", slow: str = "", name: str = "smtp"
) -> Pace:
    return Pace(
        name,
        read_limits(limits),
        read_domain_limits(domains),
        read_warm_up(warm_up),
        read_slow_start(slow),
    )


def grant(database: Database, one: Pace, wanted: int = 10**6, *, now: dt.datetime = NOW) -> Grant:
    with database.write() as session:
        return one.grant(session, wanted=wanted, now=now)


def grant_domains(
    database: Database, one: Pace, wanted: Mapping[str, int], *, now: dt.datetime = NOW
) -> dict[str, Grant]:
    with database.write() as session:
        return one.grant_domains(session, wanted, now=now)


def note(database: Database, one: Pace, good: int, trouble: int, *, now: dt.datetime) -> None:
    with database.write() as session:
        one.note(session, good=good, trouble=trouble, now=now)


def rows(database: Database) -> set[str]:
    with database.read() as session:
        return set(session.scalars(select(col(PaceRow.name))))


# ---------------------------------------------------------------- free


def test_without_any_limit_all_is_granted_and_nothing_written(sqlite: Database) -> None:
    one = pace()
    assert one.is_free
    assert grant(sqlite, one, 500) == Grant(500)
    note(sqlite, one, 5, 5, now=NOW)
    with sqlite.write() as session:
        one.give_back(session, unused=5, since=NOW, now=NOW)
        one.give_back_domains(session, {"gmail.com": 5}, since=NOW, now=NOW)
    assert grant_domains(sqlite, one, {"gmail.com": 500}) == {}
    assert rows(sqlite) == set()


@pytest.mark.parametrize(
    "one",
    [pace("1/s"), pace(domains="*=1/s"), pace(warm_up="1 x2"), pace(slow="1")],
    ids=["limits", "domains", "warm-up", "slow start"],
)
def test_whatever_limits_makes_it_no_longer_free(one: Pace) -> None:
    assert not one.is_free


def test_limits_of_domains_alone_grant_everything_else(sqlite: Database) -> None:
    assert grant(sqlite, pace(domains="gmail.com=1/s"), 500) == Grant(500)
    assert rows(sqlite) == set()


# ---------------------------------------------------------------- limits


def test_a_restart_and_another_process_find_what_was_granted(database: Database) -> None:
    assert grant(database, pace("100/h"), 60) == Grant(60)
    other = Database(database.url)
    found = grant(other, pace("100/h"), 60, now=NOW + SECOND)
    other.close()
    assert found == Grant(40, NOW + SECOND + dt.timedelta(hours=1)), "both in one slice of the hour"
    assert grant(database, pace("100/h"), now=NOW + 2 * SECOND).count == 0


def test_each_provider_has_a_budget_of_its_own(database: Database) -> None:
    assert grant(database, pace("5/h")).count == 5
    assert grant(database, pace("5/h", name="postmark")).count == 5


def test_the_tightest_of_several_limits_holds(sqlite: Database) -> None:
    one = pace("100/s, 30/min, 40/h")
    granted = [grant(sqlite, one, now=NOW + n * 2 * SECOND).count for n in range(60)]
    assert sum(granted[:30]) == 30
    assert sum(granted) == 40


def test_a_limit_that_is_changed_counts_what_was_granted_before(sqlite: Database) -> None:
    grant(sqlite, pace("50/h"), 50)
    assert grant(sqlite, pace("80/h"), now=NOW + SECOND).count == 30
    lowered = grant(sqlite, pace("20/h"), now=NOW + 2 * SECOND)
    assert lowered == Grant(0, NOW + dt.timedelta(hours=1, seconds=1))


def test_nothing_wanted_is_nothing_granted(sqlite: Database) -> None:
    assert grant(sqlite, pace("5/h"), 0) == grant(sqlite, pace("5/h"), -1) == Grant(0)


def test_what_is_not_used_may_be_had_by_another(database: Database) -> None:
    one = pace("100/h", slow="1000")
    assert grant(database, one, 100).count == 100
    with database.write() as session:
        one.give_back(session, unused=30, since=NOW, now=NOW + SECOND)
    assert grant(database, one, now=NOW + SECOND).count == 30
    with database.write() as session:
        spared = one.grant(session, wanted=5, now=NOW + SECOND).count
        one.give_back(session, spare=spared, now=NOW + SECOND)
    assert grant(database, one, now=NOW + 2 * SECOND).count == 0


def test_a_clock_behind_is_told_a_moment_of_its_own_time(sqlite: Database) -> None:
    one = pace("10/h")
    grant(sqlite, one, 10)
    behind = NOW - 2 * SECOND
    assert grant(sqlite, one, 1, now=behind) == Grant(0, behind + dt.timedelta(hours=1))


# ---------------------------------------------------------------- domains


def test_a_domain_has_its_share_and_its_neighbours_theirs(database: Database) -> None:
    one = pace(domains="google=20/h, *=5/h")
    wanted = {"gmail.com": 15, "googlemail.com": 15, "a.example": 9, "b.example": 3}
    found = grant_domains(database, one, wanted)
    again = NOW + dt.timedelta(hours=1)
    assert found == {
        "gmail.com": Grant(15),
        "googlemail.com": Grant(5, again),
        "a.example": Grant(5, again),
        "b.example": Grant(3),
    }
    assert grant_domains(database, one, {"google": 1, "b.example": 9}) == {
        "google": Grant(0, again),
        "b.example": Grant(2, again),
    }


def test_only_domains_with_a_limit_are_told(sqlite: Database) -> None:
    one = pace(domains="gmail.com=5/h")
    assert one.limited("GMAIL.com") == "gmail.com"
    assert one.limited("a.example") is None
    found = grant_domains(sqlite, one, {"a.example": 5, "gmail.com": 0})
    assert found == {"gmail.com": Grant(0)}


def test_what_a_domain_did_not_use_is_given_back(database: Database) -> None:
    one = pace(domains="gmail.com=5/h, *=2/h")
    grant_domains(database, one, {"gmail.com": 5, "a.example": 2})
    with database.write() as session:
        one.give_back_domains(
            session, {"gmail.com": 2, "a.example": 1, "b.example": -1}, since=NOW, now=NOW
        )
    found = grant_domains(database, one, {"gmail.com": 5, "a.example": 5})
    assert {name: grant.count for name, grant in found.items()} == {"gmail.com": 2, "a.example": 1}


def test_domains_that_nobody_mails_any_more_are_forgotten(database: Database) -> None:
    one = pace("100/s", domains="*=5/min")
    grant(database, one)
    grant_domains(database, one, {"a.example": 5, "b.example": 5})
    grant_domains(database, one, {"a.example": 1}, now=NOW + dt.timedelta(hours=2))
    assert rows(database) == {"", "a.example"}


# ---------------------------------------------------------------- warm-up


def test_a_warm_up_grows_by_the_days_since_the_first_message(database: Database) -> None:
    one = pace(warm_up="200 x2")
    begin, sent = NOW - DAY / 3, []
    for day in range(4):
        sent += [
            grant(database, one, now=begin + day * DAY + hour * DAY / 24) for hour in range(24)
        ]
    counts = [one.count for one in sent]
    assert [sum(counts[24 * day : 24 * day + 24]) for day in range(4)] == [200, 400, 800, 1600]
    assert sent[0].again_at == begin + DAY, "the first day's are used up at once"


def test_any_24_hours_hold_no_more_than_the_day_s_cap(sqlite: Database) -> None:
    one = pace(warm_up="100 x1.5")
    assert grant(sqlite, one, 1).count == 1
    late = NOW + DAY - SECOND
    assert grant(sqlite, one, now=late).count == 99
    more = grant(sqlite, one, 40, now=late)
    assert more == Grant(0, NOW + DAY), "the next day's cap comes before these leave the window"
    assert grant(sqlite, one, now=NOW + DAY).count == 150 - 99


def test_another_sending_domain_warms_up_anew_and_a_restart_does_not(database: Database) -> None:
    old = pace(warm_up="10 x2 for old.example")
    assert grant(database, old).count == 10
    later = NOW + 30 * DAY
    assert grant(database, pace(warm_up="10 x2 for old.example"), now=later).count > 10**5
    new = pace(warm_up="10 x2 for new.example")
    assert grant(database, new, now=later + DAY).count == 10


def test_a_day_s_limit_holds_beside_a_warm_up(sqlite: Database) -> None:
    one = pace("300/d", warm_up="200 x2")
    assert grant(sqlite, one).count == 200
    assert grant(sqlite, one, now=NOW + DAY).count == 300


# ---------------------------------------------------------------- slow start


def test_a_slow_start_is_shared_and_doubles_with_what_all_of_them_sent(database: Database) -> None:
    one, two = pace(slow="20 to 100"), pace(slow="20 to 100")
    assert grant(database, one).count == 5, "a fifth of a second's worth, and one"
    note(database, one, 10, 0, now=NOW)
    note(database, two, 10, 0, now=NOW + SECOND)
    granted = [grant(database, two, now=NOW + SECOND + n * SECOND / 20).count for n in range(1, 21)]
    assert 40 <= sum(granted) <= 40 + 9


def test_trouble_halves_it(sqlite: Database) -> None:
    one = pace(slow="100")
    grant(sqlite, one)
    note(sqlite, one, 0, 30, now=NOW)
    note(sqlite, one, 0, 30, now=NOW + SECOND)
    granted = [grant(sqlite, one, now=NOW + SECOND + n * SECOND / 20).count for n in range(1, 21)]
    assert 50 <= sum(granted) <= 50 + 11


def test_where_nothing_else_limits_the_rate_is_the_slow_start_s(sqlite: Database) -> None:
    one = pace("10/min", slow="1000")
    grant(sqlite, one)
    assert sum(grant(sqlite, one, now=NOW + n * SECOND).count for n in range(1, 60)) <= 10


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"limits": "5/d, 900/h"}, "5/d (DIGEST_LIMITS)"),
        ({"warm_up": "5 x2"}, "5 on day 1 of the warm-up (DIGEST_WARM_UP)"),
        ({"limits": "900/d", "warm_up": "5 x2"}, "5 on day 1 of the warm-up (DIGEST_WARM_UP)"),
        ({"limits": "900/d"}, ""),
    ],
)
def test_the_limit_that_is_used_up_is_named(
    database: Database, given: dict[str, str], told: str
) -> None:
    one = pace(**given)
    grant(database, one, 20)
    with database.write() as session:
        assert one.used_up(session, now=NOW) == told
