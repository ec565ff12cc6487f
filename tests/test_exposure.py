"""Exposure: the same interest is the same interest, on Monday and on Saturday."""

from __future__ import annotations

import datetime as dt
import math
from typing import Any

import pytest

from digest import attention
from digest.exposure import Interest, hours_of, measure, sightings
from digest.model import Engagement, Storyline
from tests.articles import stored
from tests.people import NOW

WEIGHTS = {"reactions": 1.0, "comments": 1.0, "views": 0.7}


def story(id: int, hours: float, comments: float | None, **others: Any) -> Storyline:
    engagement = () if comments is None else (Engagement("comments", comments),)
    engagement += tuple(Engagement(kind, value) for kind, value in others.items())
    published = NOW - dt.timedelta(hours=hours)
    one = stored(id=id, published_at=published, engagement=engagement)
    return Storyline(one, (one,))


def interests(week: list[Storyline], weights: dict[str, float] = WEIGHTS) -> list[Interest]:
    return measure(week, weights, attention.learn(sightings(week, NOW)), NOW)


@pytest.mark.parametrize("rate", ["by the hour", "all at once"])
def test_monday_and_saturday_with_the_same_interest_are_treated_alike(rate: str) -> None:
    hours = [float(h) for h in range(2, 160, 6)]
    counts = [h * 5 if rate == "by the hour" else 300.0 for h in hours]
    week = [story(n, h, c) for n, (h, c) in enumerate(zip(hours, counts, strict=True), 1)]
    found = [one.doublings * one.surety for one in interests(week)]
    assert max(found) - min(found) < 0.7


def test_one_comment_in_the_first_hour_is_no_triumph() -> None:
    first, *others = interests([story(1, 1, 1), *(story(n, 100, 40) for n in range(2, 9))])
    assert first.doublings * first.surety < 0.5
    assert first.surety < others[0].surety
    assert all(one.doublings == others[0].doublings for one in others)


def test_the_more_was_counted_the_surer_it_is() -> None:
    few, many = (interests([story(n, 50, count) for n in range(9)]) for count in (2, 200))
    assert 0 < few[0].surety < many[0].surety <= 1


def test_signs_that_agree_are_surer_than_one_alone() -> None:
    alone = interests([story(n, 50, 20.0 + n) for n in range(9)])
    both = interests([story(n, 50, 20.0 + n, views=900.0) for n in range(9)])
    assert both[0].surety > alone[0].surety
    assert {sign.name for sign in both[0].signs} == {"comments", "views"}
    assert sum(sign.part for sign in both[0].signs) == pytest.approx(1)


def test_a_sign_of_many_counts_more_than_one_of_few() -> None:
    signs = {
        sign.name: sign
        for sign in interests([story(n, 50, 3, views=3000.0) for n in (1, 2)])[0].signs
    }
    assert signs["views"].part > signs["comments"].part


def test_what_was_not_measured_has_no_signs() -> None:
    assert interests([story(1, 5, None)]) == [Interest()]
    nothing, something = interests([story(1, 5, None), story(2, 5, 3)])
    assert nothing == Interest()
    assert something.signs[0].count == 3


def test_a_weight_of_nought_leaves_a_sign_out() -> None:
    assert interests([story(1, 5, 3)], {**WEIGHTS, "comments": 0.0}) == [Interest()]


def test_nothing_but_noughts_moves_nobody() -> None:
    assert [one.doublings for one in interests([story(1, 5, 0), story(2, 9, 0)])] == [0.0, 0.0]


def test_a_hit_is_damped() -> None:
    found = interests([story(1, 9, 1e9), *(story(n, 9, 1) for n in range(2, 40))])
    assert max(one.doublings for one in found) <= 4


def test_all_articles_of_a_storyline_count_with_their_own_exposure() -> None:
    a, b = story(1, 10, 20).lead, story(2, 100, 200).lead
    week = [Storyline(b, (b, a)), story(3, 110, 220), story(4, 50, 100)]
    sign = interests(week)[0].signs[0]
    assert sign.count == 220
    assert sign.hours == 100


def test_an_hour_is_the_least_exposure_even_for_tomorrows_article() -> None:
    assert hours_of(stored(published_at=NOW + dt.timedelta(days=1)), NOW) == 1
    assert math.isclose(hours_of(stored(published_at=NOW - dt.timedelta(hours=30)), NOW), 30)
