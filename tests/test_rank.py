"""Rank: an order that anyone can check, the same for the same week."""

from __future__ import annotations

import datetime as dt
import math
import random
import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digest.earlier_weeks import EarlierWeeks
from digest.model import Engagement, Ranked, Storyline, Unit
from digest.rank import rank
from digest.schedules import RankTable
from tests.articles import WEDNESDAY, stored
from tests.people import NOW

WEIGHTS = RankTable()
HOUR = dt.timedelta(hours=1)


def single(id: int, *engagement: Engagement, **changes: Any) -> Storyline:
    one = stored(f"Story {id}", id=id, engagement=engagement, **changes)
    return Storyline(one, (one,))


def order(*week: Storyline, weights: RankTable = WEIGHTS) -> list[int]:
    return [ranked.storyline.lead.id for ranked in rank(week, weights, now=NOW)]


def part(ranked: Ranked, name: str) -> tuple[float, str]:
    reason = next(reason for reason in ranked.reasons if reason.name == name)
    return reason.points, reason.text


FIGURES = st.sampled_from(["reaction:happy", "comments", "views", "likes", "rating", "stars:4"])
ENGAGEMENT = st.lists(
    st.builds(
        Engagement,
        FIGURES,
        st.floats(allow_nan=True, allow_infinity=True),
        st.sampled_from(Unit),
        st.one_of(st.none(), st.integers(-5, 10**9), st.just(10**400)),
    ),
    max_size=4,
)


@settings(deadline=None)
@given(st.lists(st.tuples(ENGAGEMENT, st.integers(-500, 500), st.integers(0, 300)), max_size=8))
def test_the_parts_always_sum_to_the_score_and_scores_fall(
    week: list[tuple[list[Engagement], int, int]],
) -> None:
    lines = [
        single(n, *signs, published_at=NOW - hours * HOUR, text="word " * size)
        for n, (signs, hours, size) in enumerate(week, 1)
    ]
    ranked = rank(lines, WEIGHTS, now=NOW)
    assert sorted(r.storyline.lead.id for r in ranked) == list(range(1, len(week) + 1))
    for one in ranked:
        assert math.isfinite(one.score)
        assert one.score == pytest.approx(sum(reason.points for reason in one.reasons), abs=1e-3)
        assert all(reason.text and reason.name for reason in one.reasons)
    scores = [one.score for one in ranked]
    assert scores == sorted(scores, reverse=True)


def test_the_order_of_the_input_changes_nothing() -> None:
    week = [single(n, Engagement("comments", n % 4), published_at=WEDNESDAY) for n in range(1, 13)]
    expected = rank(week, WEIGHTS, now=NOW)
    for seed in range(5):
        random.Random(seed).shuffle(week)
        assert rank(week, WEIGHTS, now=NOW) == expected


def test_more_comments_reactions_and_views_for_the_same_time_rank_higher() -> None:
    for kind in ("comments", "reaction:happy", "views", "likes"):
        assert order(single(1, Engagement(kind, 5)), single(2, Engagement(kind, 60))) == [2, 1]


def test_every_part_says_in_plain_words_what_it_counted() -> None:
    week = [single(n, Engagement("reaction:sad", 10)) for n in range(2, 7)]
    best, *_ = rank([single(1, Engagement("reaction:sad", 47)), *week], WEIGHTS, now=NOW)
    points, text = part(best, "reactions")
    assert points > 0
    assert re.fullmatch(r"47 reactions in 3 days: [2-4]\.\d times the usual for the time", text)
    assert part(best, "recency")[1] == "published 3 days before the week closed"


WEEKS = st.lists(
    st.tuples(
        st.sampled_from(["comments", "views", "reaction:sad", "likes"]),
        st.integers(0, 5000),
        st.integers(1, 160),
        st.sampled_from(["Sport", "Harbour", "Town", ""]),
    ),
    min_size=2,
    max_size=30,
)


@settings(deadline=None)
@given(WEEKS)
def test_words_and_points_of_a_part_never_disagree(week: list[tuple[str, int, int, str]]) -> None:
    lines = [
        single(n, Engagement(kind, count), published_at=NOW - hours * HOUR, section=section)
        for n, (kind, count, hours, section) in enumerate(week, 1)
    ]
    for one in rank(lines, WEIGHTS, now=NOW):
        for reason in one.reasons:
            found = re.search(r"([\d.e+-]+) times the usual", reason.text)
            if found and reason.points:
                more = float(found[1]) > 1
                assert (reason.points > 0) == (more != (reason.name == "readership")), reason


def test_one_comment_more_is_no_better_for_a_section_of_many_readers() -> None:
    """Sport has ten times the readership: its best story leads, its middle ones do not."""
    sport = [single(n, Engagement("views", 900 + n), section="Sport") for n in range(1, 11)]
    town = [single(n, Engagement("views", 90), section="Town") for n in range(11, 20)]
    best = single(30, Engagement("views", 400), section="Town")
    assert order(*sport, *town, best)[0] == 30


def test_a_story_without_signs_stands_where_its_kind_stands() -> None:
    week = [single(n, Engagement("views", 900), authors=("Bo",)) for n in range(1, 8)]
    week += [single(n, Engagement("views", 100), authors=("Al",)) for n in range(8, 15)]
    new = [single(20, authors=("Bo",)), single(21, authors=("Al",))]
    places = order(*week, *new)
    assert places.index(20) < places.index(21)


def test_earlier_weeks_order_a_week_without_signs() -> None:
    earlier = EarlierWeeks({("author", "bo"): 1.5, ("word", "gull"): 0.4})
    week = [single(1), single(2, authors=("Bo",)), single(3)]
    best, *_ = rank(week, WEIGHTS, now=NOW, earlier=earlier)
    assert best.storyline.lead.id == 2
    assert part(best, "expected")[1] == "stories by Bo get 2.8 times the usual"


def test_earlier_weeks_fall_silent_where_signs_came_in() -> None:
    earlier = EarlierWeeks({("author", "bo"): 1.5})
    loud = single(1, Engagement("views", 4000))
    week = [loud, *(single(n, Engagement("views", 1000), authors=("Bo",)) for n in range(2, 9))]
    assert rank(week, WEIGHTS, now=NOW, earlier=earlier)[0].storyline.lead.id == 1


def test_an_unusual_mixture_of_faces_says_something_however_many_there_are() -> None:
    calm = [
        single(n, Engagement("reaction:happy", 40), Engagement("reaction:sad", 10))
        for n in (1, 2, 3)
    ]
    sad = single(4, Engagement("reaction:happy", 10), Engagement("reaction:sad", 40))
    found = {r.storyline.lead.id: r for r in rank([*calm, sad], WEIGHTS, now=NOW)}
    assert part(found[4], "mixture")[0] > part(found[1], "mixture")[0] > 0
    assert part(found[4], "mixture")[1] == "80% of its reactions are sad; this week 35% are"


def test_text_that_stands_elsewhere_takes_points_off() -> None:
    own = single(1, text=" ".join(f"own{n}" for n in range(60)))
    wire = [single(n, text=" ".join(f"wire{n}" for n in range(60))) for n in (2, 3)]
    ranked = rank([own, *wire], WEIGHTS, now=NOW)
    assert ranked[0].storyline.lead.id == 1
    assert part(ranked[1], "originality") == (-0.5, "100% of its text stands elsewhere")


def test_it_counts_less_to_be_new_where_readers_signs_are_known() -> None:
    bare, *_ = rank([single(1), single(2)], WEIGHTS, now=NOW)
    read, *_ = rank([single(n, Engagement("views", 9)) for n in (1, 2)], WEIGHTS, now=NOW)
    assert 0 < part(read, "recency")[0] < part(bare, "recency")[0]


def test_sources_weigh_what_the_schedule_says() -> None:
    ranked = rank([single(1), single(2, source="wire")], RankTable(sources={"wire": -1}), now=NOW)
    assert part(ranked[1], "source") == (-1.0, "comes from wire")


def test_few_votes_count_little_and_unknown_ones_nothing() -> None:
    many = single(1, Engagement("rating", 4.8, Unit.AVERAGE, 200))
    few = single(2, Engagement("rating", 5.0, Unit.AVERAGE, 2))
    unknown = single(3, Engagement("rating", 5.0, Unit.AVERAGE))
    poor = single(4, Engagement("rating", 1.5, Unit.AVERAGE, 200))
    ranked = rank([many, few, unknown, poor], WEIGHTS, now=NOW)
    assert [r.storyline.lead.id for r in ranked] == [1, 2, 3, 4]
    assert part(ranked[2], "rating") == (
        0.0,
        "rated 5.0 of 5 by an unknown number of readers: not counted",
    )


def test_a_percentage_without_its_readers_changes_nothing() -> None:
    bare = rank([single(1), single(2)], WEIGHTS, now=NOW)
    loud = single(1, Engagement("reaction:happy", 99, Unit.PERCENT))
    assert [r.score for r in rank([loud, single(2)], WEIGHTS, now=NOW)] == [r.score for r in bare]


def test_an_event_of_three_articles_beats_one_of_one() -> None:
    a, b, c = (stored(f"Levy {n}", id=n) for n in (1, 2, 3))
    reason = "3 articles that share Ellery, harbour and levy"
    best, *_ = rank([single(9), Storyline(c, (a, b, c), reason)], WEIGHTS, now=NOW)
    assert best.storyline.lead.id == 3
    assert part(best, "coverage")[1] == reason


def test_without_any_signal_the_longer_and_the_newer_come_first() -> None:
    long = single(1, text="word " * 400, published_at=WEDNESDAY)
    new = single(2, text="word " * 100, published_at=WEDNESDAY + 24 * HOUR)
    old = single(3, text="word " * 100, published_at=WEDNESDAY - 24 * HOUR)
    assert order(old, long, new) == [1, 2, 3]


def test_ties_go_to_the_newest_and_then_to_the_greater_id() -> None:
    nothing = RankTable(recency=0, length=0)
    newer = single(1, published_at=WEDNESDAY + HOUR)
    assert order(single(2), newer, single(3), weights=nothing) == [1, 3, 2]


def test_sections_weigh_what_the_schedule_says() -> None:
    weights = RankTable(sections={"sport": -2.0})
    ranked = rank([single(1, section="Sport"), single(2)], weights, now=NOW)
    assert [r.storyline.lead.id for r in ranked] == [2, 1]
    assert part(ranked[1], "section") == (-2.0, "stands in the section Sport")


def test_a_weight_of_nought_ignores_the_sign() -> None:
    loud, newer = (
        single(1, Engagement("views", 1e6)),
        single(2, Engagement("views", 1), published_at=WEDNESDAY + HOUR),
    )
    assert order(loud, newer, weights=RankTable(views=0)) == [2, 1]


def test_an_empty_week_has_no_order() -> None:
    assert rank([], WEIGHTS, now=NOW) == ()
