"""Crowding: in a week without any sign, who stood among few comes before who stood in a crowd."""

from __future__ import annotations

import datetime as dt

import pytest

from digest.crowding import LEAST, crowds
from digest.earlier_weeks import EarlierWeeks
from digest.model import Article, Engagement, Storyline
from digest.rank import rank
from digest.schedules import RankTable
from tests.articles import stored

MONDAY = dt.datetime(2026, 11, 23, 9, tzinfo=dt.UTC)
NOW = MONDAY + dt.timedelta(days=7)


def a_week(*quiet: Article) -> list[Article]:
    """A crowd of Monday's news, and these."""
    crowd = range(100, 100 + LEAST)
    news = [stored(f"News {n}", id=n, published_at=MONDAY, section="News") for n in crowd]
    return [*news, *quiet]


ART = stored("The painter of gates", id=1, published_at=MONDAY, section="Art")
LATE = stored("One more of the council", id=2, published_at=MONDAY.replace(day=25), section="News")


def order(week: list[Article]) -> list[int]:
    storylines = [Storyline(one, (one,)) for one in week]
    return [one.storyline.lead.id for one in rank(storylines, RankTable(), now=NOW)]


def test_a_crowd_is_told_by_its_day_and_its_section() -> None:
    *_, art, late = crowds(a_week(ART, LATE))
    assert art is not None
    assert late is not None
    assert (art.day, art.section) == (LEAST + 1, 1)
    assert (late.day, late.section) == (1, LEAST + 1)
    assert art.told == f"{LEAST + 1} stories on its day and 1 in its section, this one among them"
    assert art.doublings == late.doublings > 4


def test_stories_of_the_greatest_crowd_gain_nothing() -> None:
    first, *_ = crowds(a_week())
    assert first is not None
    assert first.doublings == 0


def test_without_a_section_the_site_is_the_crowd() -> None:
    sites = [
        stored(f"Post {n}", id=n, published_at=MONDAY, section=None, url=f"https://{site}/{n}")
        for n, site in enumerate([*["large.example"] * LEAST, "small.example"], 1)
    ]
    assert [one.section for one in crowds(sites) if one] == [LEAST] * LEAST + [1]
    small = crowds(sites)[-1]
    assert small is not None
    assert small.told.endswith("and 1 of its site, this one among them")


def test_a_small_week_has_no_crowds() -> None:
    assert crowds(a_week()[1:]) == [None] * (LEAST - 1)


def test_in_a_week_without_any_sign_the_quiet_ones_come_first() -> None:
    assert order(a_week(ART, LATE))[:2] == [2, 1]


@pytest.mark.parametrize("known", ["this week", "earlier weeks"])
def test_where_readers_are_known_a_crowd_says_nothing(known: str) -> None:
    likes = (Engagement("likes", 40),) if known == "this week" else ()
    read = stored("Read by many", id=3, published_at=MONDAY, section="News", engagement=likes)
    earlier = EarlierWeeks({("section", "news"): 0.5} if known == "earlier weeks" else {})
    ranked = rank(
        [Storyline(one, (one,)) for one in a_week(ART, read)], RankTable(), now=NOW, earlier=earlier
    )
    assert not any(reason.name == "crowding" for one in ranked for reason in one.reasons)
