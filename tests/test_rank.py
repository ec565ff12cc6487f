"""Rank: an order that anyone can check, the same for the same week."""

from __future__ import annotations

import datetime as dt
import math
import random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digest.model import Engagement, Ranked, Storyline, Unit
from digest.rank import rank, rank_lines
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
    assert text == "47 reactions in 3 days: more than all others of this section, for its time"
    assert part(best, "recency")[1] == "published 3 days before the week closed"


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


# ---------------------------------------------------------------- JSON lines


def line(id: str, **changes: object) -> dict[str, object]:
    return {"id": id, "published": "2026-11-25T12:00:00Z", "now": "2026-11-28T18:00:00Z", **changes}


def test_lines_are_answered_in_their_order_with_rank_score_and_reasons() -> None:
    given = [
        line("a", comments=2, text="word " * 90),
        line(
            "b", comments=50, reactions={"happy": 8, "sad": 1}, views="900", rating=4.5, ratings=9
        ),
        line("c", reactions=3),
    ]
    answers = list(rank_lines(given, WEIGHTS))
    assert [answer["id"] for answer in answers] == ["a", "b", "c"]
    assert sorted(str(answer["rank"]) for answer in answers) == ["1", "2", "3"]
    assert answers[1]["rank"] == 1
    reasons: Any = answers[1]["reasons"]
    assert sum(reason["points"] for reason in reasons) == pytest.approx(answers[1]["score"])
    assert {"comments", "reactions", "views", "rating"} <= {reason["name"] for reason in reasons}


def test_a_bad_line_is_answered_with_its_error_and_stops_nobody() -> None:
    given = [line("a"), {"id": "b"}, line("c", comments=-1), {"now": "x"}, line("e", now="never")]
    answers = list(rank_lines(given, WEIGHTS))
    assert answers[0]["rank"] == 1
    assert ["error" in answer for answer in answers] == [False, True, True, True, True]
    assert [answer["id"] for answer in answers] == ["a", "b", "c", None, "e"]


def test_a_bad_date_beside_a_given_now_is_an_error_of_that_line_alone() -> None:
    answers = list(rank_lines([line("a", published=None), line("b")], WEIGHTS))
    assert "error" in answers[0]
    assert answers[1]["rank"] == 1


def test_without_now_each_calendar_week_is_ranked_on_its_own() -> None:
    given = [{"id": n, "date": f"2026-11-{day:02}"} for n, day in enumerate((2, 8, 9, 15))]
    assert [answer["rank"] for answer in rank_lines(given, WEIGHTS)] == [2, 1, 2, 1]
