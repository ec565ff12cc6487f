"""The curve of attention: learned from the stories, and cautious where they are few."""

from __future__ import annotations

import math

import pytest

from digest.attention import Curve, Sightings, learn

HOURS = [float(h) for h in range(2, 166, 4)]


def seen(curve: str) -> Sightings:
    share = {
        "by the hour": lambda h: h / 168,
        "all at once": lambda h: 1.0,
        "half a day": lambda h: 1 - math.exp(-h / 12),
    }[curve]
    return Sightings(HOURS, [round(400 * share(h)) for h in HOURS])


def test_what_grows_by_the_hour_is_seen_to_grow_by_the_hour() -> None:
    assert learn([seen("by the hour")]).share([42])[0] == pytest.approx(0.25, abs=0.05)


def test_what_comes_all_at_once_is_nearly_all_there_after_hours() -> None:
    assert learn([seen("all at once")]).share([6])[0] > 0.85


def test_attention_that_fades_within_a_day_is_seen_to_fade() -> None:
    share = learn([seen("half a day")]).share([6, 24, 100])
    assert share[0] == pytest.approx(0.4, abs=0.1)
    assert share[1] > 0.8
    assert share[2] > 0.97


def test_a_curve_rises_and_is_whole_after_a_week() -> None:
    for curve in (learn([]), learn([seen("half a day")]), learn([Sightings([5], [7])])):
        shares = list(curve.share([1, 5, 20, 60, 168]))
        assert shares == sorted(shares)
        assert shares[-1] == pytest.approx(1)


def test_nothing_counted_teaches_nothing() -> None:
    assert learn([Sightings([5, 9], [0, 0])]) == learn([]) == learn([Sightings([], [])])


def test_earlier_weeks_speak_where_this_one_is_small() -> None:
    small = Sightings([10, 100], [5, 6])
    assert learn([small, seen("by the hour")]).share([42])[0] < learn([small]).share([42])[0]


def test_less_than_an_hour_counts_as_one() -> None:
    curve = learn([seen("half a day")])
    assert isinstance(curve, Curve)
    assert curve.share([0.0])[0] == curve.share([1.0])[0] > 0
