"""Place set off: learned from the past, mild where little is known, never without an end."""

from __future__ import annotations

import math
import random

import pytest

from digest import positions
from digest.model import ArticleId
from digest.positions import CAP, Chances, Shown, learn, ndcg


def week(
    decline: float, *, seed: int, order: str = "as it comes", brief: float = 0.0
) -> list[Shown]:
    """Twenty stories whose worth has nothing to do with their place, or whose place follows their worth."""
    chance = random.Random(seed)
    worth = [chance.lognormvariate(5, 0.5) for _ in range(20)]
    if order == "by worth":
        worth.sort(reverse=True)
    return [
        Shown(
            ArticleId(place),
            place,
            place > 12,
            math.log(one),
            round(one * place**decline * math.exp(brief * (place > 12))),
        )
        for place, one in enumerate(worth, 1)
    ]


def test_without_any_past_a_mild_decline_is_believed() -> None:
    assert learn([]) == Chances()
    few = [Shown(ArticleId(n), n, False, 0.0, 1) for n in range(1, 9)]
    assert learn([few]) == Chances(), "eight clicks tell nothing"


@pytest.mark.parametrize("decline", [0.0, -0.5, -1.0])
def test_with_a_year_of_issues_the_decline_is_found(decline: float) -> None:
    found = learn([week(decline, seed=n, brief=-0.7) for n in range(50)])
    assert found.decline == pytest.approx(decline, abs=0.12)
    assert found.brief == pytest.approx(-0.7, abs=0.2)
    assert found.issues == 50


def test_what_the_score_explains_is_not_put_down_to_place() -> None:
    """Good stories stand high; place itself does nothing."""
    found = learn([week(0.0, seed=n, order="by worth") for n in range(50)])
    assert found.decline > -0.15


def test_one_issue_claims_little() -> None:
    one, many = (learn([week(-1.5, seed=n) for n in range(count)]) for count in (1, 30))
    assert many.decline < one.decline < positions.USUAL_DECLINE


def test_no_click_counts_more_than_the_cap_and_none_less_than_once() -> None:
    deep = Chances(-2.0, -2.0)
    assert deep.weight(Shown(ArticleId(1), 90, True, 0, 1)) == CAP
    assert deep.weight(Shown(ArticleId(1), 1, False, 0, 1)) == 1
    upside_down = learn([week(+0.8, seed=n) for n in range(30)])
    assert upside_down.decline == 0, "nobody reads from the end"


def test_stories_of_one_score_are_no_trouble() -> None:
    same = [Shown(ArticleId(n), n, False, 1.0, 40) for n in range(1, 9)]
    assert -0.5 <= learn([same]).decline <= 0


def test_ndcg_is_one_for_the_best_order_and_less_for_any_other() -> None:
    gains = {ArticleId(1): 3.0, ArticleId(2): 2.0, ArticleId(3): 0.0}
    one, two, three = gains
    assert ndcg([one, two, three], gains) == 1
    swapped = ndcg([two, one, three], gains)
    assert swapped == pytest.approx((2 + 3 / math.log2(3)) / (3 + 2 / math.log2(3)))
    assert ndcg([three, one, two], gains) < swapped < 1  # type: ignore[operator]
    assert ndcg([one], dict.fromkeys(gains, 0.0)) is None
