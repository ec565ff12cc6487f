"""Earlier weeks: what a story may expect by who wrote it, where it stands and what it is called."""

from __future__ import annotations

import datetime as dt

from digest.earlier_weeks import EarlierWeeks, learn
from digest.model import Article, Engagement
from tests.articles import stored
from tests.people import NOW

WEIGHTS = {"reactions": 1.0, "comments": 1.0, "views": 0.7}
WEEK = dt.timedelta(days=7)


def past() -> list[Article]:
    """Ten weeks of sixteen stories: Bo's get four times the comments of the others."""
    return [
        stored(
            f"Story {week} {n}",
            id=week * 100 + n,
            authors=("Bo Lamb",) if n % 4 == 0 else (f"Author {n}",),
            section="Sport" if n % 2 else "Harbour",
            published_at=NOW - week * WEEK - dt.timedelta(hours=30 + n),
            engagement=(Engagement("comments", 80 if n % 4 == 0 else 20),),
        )
        for week in range(1, 11)
        for n in range(16)
    ]


def test_an_author_who_was_always_read_may_expect_to_be_read() -> None:
    earlier = learn(past(), WEIGHTS, now=NOW)
    bo = earlier.expected(stored("Anything", authors=("bo  lamb",)))
    other = earlier.expected(stored("Anything", authors=("Author 3",)))
    assert bo.total > other.total + 0.5
    assert "by bo  lamb" in bo.why


def test_an_unknown_author_may_expect_what_the_section_gets() -> None:
    earlier = learn(past(), WEIGHTS, now=NOW)
    new = earlier.expected(stored("Anything", authors=("Zoe New",), section="Sport"))
    assert new.section < 0
    assert new.total < 0


def test_a_loud_week_is_not_taken_for_the_merit_of_its_authors() -> None:
    quiet = [
        stored(
            id=n,
            published_at=NOW - 3 * WEEK - dt.timedelta(hours=n),
            authors=("Quiet",),
            engagement=(Engagement("views", 10),),
        )
        for n in range(1, 9)
    ]
    loud = [
        stored(
            id=n,
            published_at=NOW - 2 * WEEK - dt.timedelta(hours=n),
            authors=("Loud",),
            engagement=(Engagement("views", 1000),),
        )
        for n in range(11, 19)
    ]
    earlier = learn([*quiet, *loud], WEIGHTS, now=NOW)
    assert abs(earlier.expected(stored(authors=("Loud",))).total) < 0.1


def test_one_story_teaches_little_and_many_teach_more() -> None:
    earlier = learn(past(), WEIGHTS, now=NOW)
    once = learn(past()[:16], WEIGHTS, now=NOW)
    bo = stored("Anything", authors=("Bo Lamb",))
    assert 0 < once.expected(bo).total < earlier.expected(bo).total


def test_nothing_measured_promises_nothing() -> None:
    assert learn([], WEIGHTS, now=NOW) == EarlierWeeks()
    assert learn([stored(engagement=())], WEIGHTS, now=NOW) == EarlierWeeks()
    assert EarlierWeeks().expected(stored()).total == 0


def test_an_address_that_is_none_is_no_source() -> None:
    earlier = learn(past(), WEIGHTS, now=NOW)
    assert isinstance(earlier.expected(stored(url="http://[half")).total, float)
