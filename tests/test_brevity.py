"""Brevity: in a week without any sign a short title comes before a long one."""

from __future__ import annotations

import datetime as dt

import pytest

from digest.brevity import briefs
from digest.crowding import LEAST
from digest.model import Article, Engagement, Storyline
from digest.rank import rank
from digest.schedules import RankTable
from tests.articles import stored

MONDAY = dt.datetime(2026, 11, 23, 9, tzinfo=dt.UTC)
NOW = MONDAY + dt.timedelta(days=7)
LONG = "The council of the town says what it will say of the bridge on some later day"


def a_week(*titles: str, signs: tuple[Engagement, ...] = ()) -> list[Article]:
    """Stories with titles of eight words, and these, all of one moment and one section."""
    usual = [f"Story {n} of the bridge and the town" for n in range(LEAST)]
    return [
        stored(title, id=n, published_at=MONDAY, section="News", engagement=signs)
        for n, title in enumerate([*usual, *titles], 1)
    ]


def titles_in_order(week: list[Article]) -> list[str]:
    storylines = [Storyline(one, (one,)) for one in week]
    return [one.storyline.lead.title for one in rank(storylines, RankTable(), now=NOW)]


def test_a_title_is_held_against_the_middle_of_the_weeks_titles() -> None:
    *_, short, long = briefs(a_week("The bridge falls", LONG))
    assert short is not None
    assert long is not None
    assert (short.words, short.usual) == (3, 8)
    assert short.halvings == pytest.approx(1.415, abs=0.001)
    assert long.halvings < 0


def test_a_middle_between_two_numbers_is_told_as_it_is() -> None:
    """Else `8 words in its title; the middle has 8` would come before who has as many."""
    longer = [f"Story {n} of the old bridge and the town" for n in range(LEAST)]
    week = a_week(*longer)
    first = rank([Storyline(one, (one,)) for one in week], RankTable(), now=NOW)[0]
    (told,) = (one.text for one in first.reasons if one.name == "brevity")
    assert told == "8 words in its title; the middle of this week's titles has 8.5"


def test_no_title_is_more_than_two_halvings_from_the_middle() -> None:
    *_, short, long = briefs(a_week("Fallen", " ".join([LONG] * 20)))
    assert short is not None
    assert long is not None
    assert (short.halvings, long.halvings) == (2, -2)


@pytest.mark.parametrize("title", ["", "…"])
def test_what_has_no_word_in_its_title_is_not_brief(title: str) -> None:
    assert briefs(a_week(title))[-1] is None
    assert briefs([stored(title, id=n) for n in range(LEAST)]) == [None] * LEAST


def test_a_small_week_has_no_middle() -> None:
    assert briefs(a_week()[1:]) == [None] * (LEAST - 1)


def test_in_a_week_without_any_sign_the_short_title_comes_first_and_the_long_one_last() -> None:
    ordered = titles_in_order(a_week(LONG, "The bridge falls"))
    assert (ordered[0], ordered[-1]) == ("The bridge falls", LONG)


def test_its_reason_tells_both_lengths() -> None:
    week = [Storyline(one, (one,)) for one in a_week("The bridge falls")]
    first, *_ = rank(week, RankTable(), now=NOW)
    reason = next(one for one in first.reasons if one.name == "brevity")
    assert reason.points == pytest.approx(0.3 * 1.415 / 3, abs=0.001)
    assert reason.text == "3 words in its title; the middle of this week's titles has 8"


def test_where_readers_are_known_a_short_title_says_nothing() -> None:
    week = a_week("The bridge falls", signs=(Engagement("likes", 4),))
    ranked = rank([Storyline(one, (one,)) for one in week], RankTable(), now=NOW)
    assert not any(reason.name == "brevity" for one in ranked for reason in one.reasons)
