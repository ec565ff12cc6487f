"""Exposure: the same interest is the same interest, on Monday and on Saturday."""

from __future__ import annotations

import datetime as dt
import math

import pytest

from digest import signals
from digest.exposure import growth, hours_of, measure
from digest.model import Engagement, Storyline
from tests.articles import stored
from tests.people import NOW


def story(id: int, hours: float, comments: float | None, section: str = "Harbour") -> Storyline:
    engagement = () if comments is None else (Engagement("comments", comments),)
    published = NOW - dt.timedelta(hours=hours)
    one = stored(id=id, published_at=published, engagement=engagement, section=section)
    return Storyline(one, (one,))


def doublings(week: list[Storyline]) -> list[float | None]:
    return [m and m.doublings for m in measure(week, signals.comments, NOW)]


def test_a_number_that_grows_by_the_hour_is_compared_by_the_hour() -> None:
    assert growth([1, 10, 100, 150], [4, 40, 400, 600]) == pytest.approx(1, abs=0.05)


def test_a_number_that_comes_all_at_once_is_compared_as_it_is() -> None:
    hours = [float(h) for h in range(1, 160, 4)]
    assert growth(hours, [50.0] * len(hours)) < 0.05


def test_a_single_story_keeps_the_belief_in_a_fixed_number_an_hour() -> None:
    assert growth([50], [7]) == 1


@pytest.mark.parametrize("rate", ["by the hour", "all at once"])
def test_monday_and_saturday_with_the_same_interest_are_treated_alike(rate: str) -> None:
    hours = [float(h) for h in range(2, 160, 6)]
    counts = [h * 5 if rate == "by the hour" else 300.0 for h in hours]
    week = [story(n, h, c) for n, (h, c) in enumerate(zip(hours, counts, strict=True), 1)]
    found = [d for d in doublings(week) if d is not None]
    assert len(found) == len(week)
    assert max(found) - min(found) < 0.7


def test_one_comment_in_the_first_hour_is_no_triumph() -> None:
    first, *others = doublings([story(1, 1, 1), *(story(n, 100, 40) for n in range(2, 9))])
    assert first is not None
    assert first < 0.35
    assert all(d == others[0] for d in others)


def test_what_was_not_measured_has_no_part() -> None:
    assert measure([story(1, 5, None)], signals.comments, NOW) == [None]
    found = measure([story(1, 5, None), story(2, 5, 3)], signals.comments, NOW)
    assert found[0] is None
    assert found[1] is not None
    assert found[1].standing == "nothing to compare it with"


def test_nothing_but_noughts_moves_nobody() -> None:
    assert doublings([story(1, 5, 0), story(2, 9, 0)]) == [0.0, 0.0]


def test_a_hit_is_damped() -> None:
    assert (
        max(d or 0 for d in doublings([story(1, 9, 1e9), *(story(n, 9, 1) for n in range(2, 40))]))
        == 3
    )


def test_all_articles_of_a_storyline_count_with_their_own_exposure() -> None:
    a, b = story(1, 10, 20).lead, story(2, 100, 200).lead
    week = [Storyline(b, (b, a)), story(3, 110, 220), story(4, 50, 100)]
    together, *_ = measure(week, signals.comments, NOW)
    assert together is not None
    assert together.count == 220
    assert together.hours == 100


def test_a_story_stands_among_its_section_where_that_is_large_enough() -> None:
    week = [story(n, 50, 10.0 * n) for n in range(1, 6)]
    week += [story(n, 50, 1000, section="Sport") for n in range(6, 9)]
    said = [m.standing for m in measure(week, signals.comments, NOW) if m]
    assert said[0] == "fewer than most of this section, for its time"
    assert said[2] == "about the middle of this section, for its time"
    assert said[3] == "more than most of this section, for its time"
    assert said[4] == "more than all others of this section, for its time"
    assert said[7].endswith("of this week, for its time")


def test_an_hour_is_the_least_exposure_even_for_tomorrows_article() -> None:
    assert hours_of(stored(published_at=NOW + dt.timedelta(days=1)), NOW) == 1
    assert math.isclose(hours_of(stored(published_at=NOW - dt.timedelta(hours=30)), NOW), 30)
