"""Learning: what editors do with the order moves the weights, a little at a time."""

from __future__ import annotations

import dataclasses

import pytest

from bench.judgement import clicks as simulated
from digest import learning
from digest.learning import LEARNABLE, Lesson, judge, propose, reordered
from digest.model import ArticleId, Layout, Reason, Story, Summary
from tests.articles import WEDNESDAY

WEIGHTS = dict.fromkeys(LEARNABLE, 1.0)


def story(id: int, **parts: float) -> Story:
    reasons = tuple(Reason(name, points, name) for name, points in parts.items())
    return Story(
        article_id=ArticleId(id),
        title=f"Story {id}",
        url=None,
        summary=Summary(""),
        section="",
        published_at=WEDNESDAY,
        read_seconds=9,
        score=sum(parts.values()),
        reasons=reasons,
    )


def ids(*numbers: int) -> tuple[ArticleId, ...]:
    return tuple(map(ArticleId, numbers))


def lesson(period: str = "2026-11-22", clicks: dict[ArticleId, int] | None = None) -> Lesson:
    """Comments put 1 to 6 first; the editor put the long ones, 7 to 12, in full and the others in brief."""
    loud = [story(n, comments=1 + n / 50, length=-0.3) for n in range(1, 7)]
    long = [story(n, comments=-1 - n / 50, length=0.3) for n in range(7, 13)]
    layout = Layout(
        lead=ArticleId(7), sections=(("Town", ids(8, 9, 10, 11, 12)),), briefs=ids(*range(1, 7))
    )
    return Lesson(period, (*loud, *long), layout, clicks or {})


def test_what_editors_set_aside_loses_weight_and_what_they_prefer_gains_it() -> None:
    found = propose([lesson(), lesson("2026-11-29")], WEIGHTS)
    assert found is not None
    assert found.weights["comments"][1] < 1 < found.weights["length"][1]
    assert found.would_agree > found.agreed
    assert set(found.changes) == {"comments", "length"}


def test_one_issue_changes_less_than_five() -> None:
    one, five = (propose([lesson(str(n)) for n in range(count)], WEIGHTS) for count in (1, 5))
    assert one is not None
    assert five is not None
    assert 1 < one.weights["length"][1] < five.weights["length"][1] <= 4


def test_an_order_that_editors_left_as_it_was_changes_nearly_nothing() -> None:
    stories = tuple(story(n, comments=2.0 - n / 5) for n in range(1, 13))
    layout = Layout(
        lead=ArticleId(1), sections=(("Town", ids(2, 3, 4)),), briefs=ids(*range(5, 13))
    )
    found = propose([Lesson("x", stories, layout)], WEIGHTS)
    assert found is not None
    assert found.agreed == 1
    assert found.weights["comments"][1] == pytest.approx(1, abs=0.4)


def test_what_was_dropped_stands_behind_all_that_was_told() -> None:
    stories = (story(1, views=2.0), story(2, views=0.1), story(3, views=0.2))
    layout = Layout(briefs=ids(2, 3), dropped=((ArticleId(1), "stale"),))
    found = propose([Lesson("x", stories, layout)] * 9, WEIGHTS)
    assert found is not None
    assert found.weights["views"][1] < 1


def test_clicks_count_where_they_are_surely_more() -> None:
    stories = (story(1, length=0.5), story(2, length=-0.5))
    layout = Layout(briefs=ids(1, 2))
    sure = {ArticleId(1): 2, ArticleId(2): 90}
    assert (
        propose([Lesson("x", stories, layout, {ArticleId(1): 9, ArticleId(2): 11})], WEIGHTS)
        is None
    )
    found = propose([Lesson("x", stories, layout, sure)] * 30, WEIGHTS)
    assert found is not None
    assert found.weights["length"][1] < 1


def test_a_weight_of_nought_stays_nought() -> None:
    found = propose([lesson()], {**WEIGHTS, "length": 0.0})
    assert found is not None
    assert found.weights["length"] == (0.0, 0.0)


def test_nothing_moved_teaches_nothing() -> None:
    assert propose([], WEIGHTS) is None
    assert propose([Lesson("x", (), Layout())], WEIGHTS) is None


def test_the_new_order_is_that_of_the_proposed_scores() -> None:
    stories = lesson().stories
    assert learning.by_score(stories)[0].article_id == 6
    assert reordered(stories, {"comments": 0.0, "length": 4.0})[0].article_id in range(7, 13)


def read(clicks: dict[int, int], *, moved: bool = False) -> Lesson:
    """Four stories told in full, the lengthy ones at the end, in the order of today's scores."""
    stories = [story(n, comments=1.0 - n / 20, length=n / 22) for n in range(1, 5)]
    layout = Layout(sections=(("Town", ids(1, 2, 3, 4)),))
    counted = {ArticleId(n): count for n, count in clicks.items()}
    places = {ArticleId(n): n for n in range(1, 5)}
    return Lesson("2026-11-22", tuple(stories), layout, counted, moved=moved, places=places)


def test_an_order_that_no_editor_touched_teaches_only_by_its_clicks() -> None:
    assert propose([read({})], WEIGHTS) is None
    assert propose([read(dict.fromkeys(range(1, 5), 50))], WEIGHTS) is not None, (
        "the last as often as the first"
    )


def test_fewer_clicks_further_down_are_no_verdict_where_place_explains_them() -> None:
    declining = {n: round(100 * n**-0.5) for n in range(1, 5)}
    assert propose([read(declining)], WEIGHTS) is None


def test_clicks_against_the_order_move_the_weights_and_the_new_order_reads_better() -> None:
    against = [
        dataclasses.replace(read({1: 20, 2: 40, 3: 80, 4: 160}), period=str(n)) for n in range(9)
    ]
    found = propose(against, WEIGHTS)
    assert found is not None
    assert found.weights["comments"][1] < 1 < found.weights["length"][1]
    assert len(found.judged) == 9
    first = found.judged[0]
    assert first.clicks == 300
    assert first.proposed is not None
    assert first.printed == first.today < first.proposed <= 1


def test_a_thousand_clicked_pairs_are_no_louder_than_an_editor() -> None:
    many = tuple(story(n, length=n / 100) for n in range(60))
    layout = Layout(briefs=ids(*range(60)))
    clicks = {ArticleId(n): 10 * n * n for n in range(60)}
    clicked = propose([Lesson("x", many, layout, clicks, moved=False)], WEIGHTS)
    assert clicked is not None
    assert clicked.pairs > 1000
    assert 1 < clicked.weights["length"][1] < 1.6


def test_the_order_is_judged_also_where_clicks_teach_nothing() -> None:
    (found,) = judge([read({n: round(100 * n**-0.5) for n in range(1, 5)})])
    assert (found.period, found.proposed) == ("2026-11-22", None)
    assert found.today == found.printed > 0.9
    assert judge([lesson()]) == ()


def test_clicks_teach_what_readers_want_though_place_hides_it() -> None:
    taught = simulated.weeks(6, decline=-1.0, seed=1)
    unseen = simulated.weeks(10, decline=-1.0, seed=2)
    found = propose([week.lesson for week in taught], WEIGHTS)
    assert found is not None
    assert simulated.worth(unseen, found.factors) > simulated.worth(unseen, {}) + 0.05
