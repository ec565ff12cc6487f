"""A send at its pace: never faster than it may, every reader once, and on the next day where a day is full."""

from __future__ import annotations

import datetime as dt
import time
from pathlib import Path

import pytest

from digest import limits
from digest.bootstrap import House
from digest.delivery import finish, sender
from digest.delivery.budget import SECOND, SLACK
from digest.delivery.budget_text import from_text
from digest.delivery.pace import Pace
from digest.errors import TryLater
from digest.limits import DAY_S
from digest.store import paces
from digest.store.engine import Database
from tests.delivery.sundays import Post, a_house, going_on, later, names, put_frozen, states


def paced(house: House, **given: object) -> House:
    house.paces["post"] = Pace("post", **given)  # type: ignore[index, arg-type]
    return house


def test_a_send_is_never_ahead_of_its_limit(database: Database, tmp_path: Path) -> None:
    """At no moment has more arrived than the limit had let go by then, to the message.

    Counted from the send's beginning, for what is handed over late meets what is granted next: a single
    second in the middle may hold more on a machine that was busy, and then the one before held less.
    """
    per_s, readers = 30, 90
    times: list[dt.datetime] = []
    post = Post(at=lambda recipient: times.append(house.clock()))
    house = paced(a_house(database, tmp_path, post), limits=limits.read_limits(f"{per_s}/s"))
    object.__setattr__(house, "clock", going_on(house.clock(), time.time()))
    issue = put_frozen(house, names(readers))
    begin = house.clock()
    sender.drain(house, until_empty=True)
    assert states(house, issue) == {"accepted": readers}
    for number, at in enumerate(sorted(times), 1):
        gone_s = (at - begin).total_seconds()
        assert number <= per_s * (
            int(gone_s) + 1
        )  # so much in so many seconds, wherever they begin
        assert number <= per_s * (gone_s + SLACK / SECOND) + 1  # and spread out within them


def test_a_domain_with_a_limit_holds_up_nobody_else(database: Database, tmp_path: Path) -> None:
    post = Post()
    house = paced(
        a_house(database, tmp_path, post), domains=limits.read_domain_limits("gmail.com=3/h")
    )
    issue = put_frozen(house, [*names(20), *(f"reader{n}@gmail.com" for n in range(9))])
    sender.drain(house)
    assert states(house, issue) == {"accepted": 23, "waiting": 6}
    later(house, hours=1, minutes=1)
    sender.drain(house)
    assert states(house, issue) == {"accepted": 26, "waiting": 3}
    later(house, hours=1, minutes=1)
    sender.drain(house)
    assert states(house, issue) == {"accepted": 29}
    assert set(post.accepted.values()) == {1}


def test_a_day_that_is_full_goes_on_the_next_one(database: Database, tmp_path: Path) -> None:
    post = Post()
    house = paced(a_house(database, tmp_path, post), limits=limits.read_limits("700/d"))
    issue = put_frozen(house, names(1200))
    sender.drain(house)
    assert post.accepted.total() == 700
    assert sender.drain(house).handed_over == 0
    later(house, hours=23)
    sender.drain(house)
    later(house, hours=2)
    sender.drain(house)
    assert states(house, issue) == {"accepted": 1200}
    assert set(post.accepted.values()) == {1}


def held(database: Database, *budgets: str, provider: str = "post") -> list[int]:
    """How much of the day each budget of a provider has used up."""
    with database.write() as session:
        kept = paces.locked(session, provider, budgets)
    windows = [from_text(kept[name]).windows[DAY_S] for name in budgets]
    return [sum(count for _, count in window.slices) for window in windows]


@pytest.mark.parametrize("after", [1, 50, 130])
def test_a_send_that_is_stopped_uses_up_what_it_handed_over_and_no_more(
    database: Database, tmp_path: Path, after: int
) -> None:
    begun: list[object] = []
    post = Post(at=begun.append)
    house = paced(
        a_house(database, tmp_path, post),
        limits=limits.read_limits("700/d"),
        domains=limits.read_domain_limits("example.net=600/d"),
    )
    issue = put_frozen(house, names(400))
    sender.drain(house, stop=lambda: len(begun) >= after)
    assert after <= post.accepted.total() < 400
    assert held(database, "", "example.net") == [post.accepted.total()] * 2
    sender.drain(house)
    assert states(house, issue) == {"accepted": 400}
    assert set(post.accepted.values()) == {1}
    assert held(database, "", "example.net") == [400, 400]


def test_a_send_that_has_just_used_up_what_may_leave_is_over_and_waits_for_nothing(
    database: Database, tmp_path: Path
) -> None:
    house = paced(a_house(database, tmp_path, Post(channels=1)), limits=limits.read_limits("8/d"))
    issue = put_frozen(house, names(8))
    sender.drain(house)
    assert finish.finish(house, now=house.clock()) == [issue.id]


def test_who_is_first_tried_on_the_fourth_day_has_as_much_time_as_the_first(
    sqlite: Database, tmp_path: Path
) -> None:
    who = names(8)
    post = Post({who[7]: [TryLater("450 4.2.0 greylisted")]}, channels=1)
    house = paced(a_house(sqlite, tmp_path, post), limits=limits.read_limits("2/d"))
    issue = put_frozen(house, who)
    for _ in range(5):
        sender.drain(house)
        later(house, hours=24, seconds=30)
    assert states(house, issue) == {"accepted": 8}
