"""Providers that are left alone: until when, and whether they would go on by themselves."""

from __future__ import annotations

import datetime as dt

from digest.delivery.rests import Rests
from tests.delivery.sundays import Post
from tests.people import NOW

FIRST, SECOND = Post(name="first"), Post(name="second")
BOTH = (FIRST, SECOND)
MINUTE = dt.timedelta(minutes=1)


def test_who_rests_is_not_asked_until_the_rest_is_over() -> None:
    rests = Rests()
    rests.begin("first", NOW + MINUTE)
    assert rests.able(BOTH, NOW) == [SECOND]
    assert rests.first_at(BOTH, NOW) == NOW
    assert rests.able(BOTH, NOW + MINUTE) == [FIRST, SECOND]


def test_where_all_rest_the_earliest_end_counts() -> None:
    rests = Rests()
    rests.begin("first", NOW + 5 * MINUTE, halted=True)
    rests.begin("second", NOW + MINUTE)
    assert rests.able(BOTH, NOW) == []
    assert rests.first_at(BOTH, NOW) == NOW + MINUTE


def test_all_have_halted_only_while_each_of_them_has() -> None:
    rests = Rests()
    rests.begin("first", NOW + 5 * MINUTE, halted=True)
    assert not rests.all_halted(BOTH, NOW)
    rests.begin("second", NOW + MINUTE, halted=True)
    assert rests.all_halted(BOTH, NOW)
    assert not rests.all_halted(BOTH, NOW + MINUTE)
    rests.clear()
    assert rests.able(BOTH, NOW) == [FIRST, SECOND]
