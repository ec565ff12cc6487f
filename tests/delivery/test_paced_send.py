"""A send at its pace: never faster than it may, every reader once, and on the next day where a day is full."""

from __future__ import annotations

import datetime as dt
import time
from pathlib import Path

import pytest

from digest import limits
from digest.bootstrap import House
from digest.delivery import finish, sender
from digest.delivery.budget_text import from_text
from digest.delivery.pace import Pace
from digest.errors import TryLater
from digest.limits import DAY_S
from digest.store import paces
from digest.store.engine import Database
from tests.delivery.sundays import Post, a_house, later, names, put_frozen, states


def paced(house: House, **given: object) -> House:
    house.paces["post"] = Pace("post", **given)  # type: ignore[index, arg-type]
    return house


def test_no_second_of_a_send_holds_more_than_its_limit(database: Database, tmp_path: Path) -> None:
    times: list[float] = []
    post = Post(at=lambda recipient: times.append(time.monotonic()))
    house = paced(a_house(database, tmp_path, post), limits=limits.read_limits("20/s"))
    object.__setattr__(house, "clock", lambda: dt.datetime.now(dt.UTC))
    object.__setattr__(house, "give_up_s", 10.0**9)
    issue = put_frozen(house, names(50))
    begin = time.monotonic()
    sender.drain(house, until_empty=True)
    assert states(house, issue) == {"accepted": 50}
    assert time.monotonic() - begin >= 1.0
    # the limit is exact for what is granted; what is handed over late meets what is granted next
    assert max(sum(t <= other < t + 1 for other in times) for t in times) <= 2 * 20


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


def held(database: Database, *budgets: str) -> list[int]:
    """How much of the day each budget of `post` has used up."""
    with database.write() as session:
        kept = paces.locked(session, "post", budgets)
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
