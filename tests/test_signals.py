"""Readers' signs: what counts, and what says nothing without the number behind it."""

from __future__ import annotations

import datetime as dt

import pytest

from digest import signals
from digest.model import Article, Engagement, Unit
from tests.articles import WEDNESDAY, stored
from tests.people import NOW


def article(*engagement: Engagement) -> Article:
    return stored(engagement=engagement)


def test_reactions_of_every_kind_are_added_and_dislikes_left_out() -> None:
    one = article(
        Engagement("reaction:happy", 4),
        Engagement("reaction:angry", 2),
        Engagement("likes", 3),
        Engagement("dislikes", 9),
    )
    assert signals.reactions(one) == 9


def test_a_percentage_counts_by_the_readers_behind_it_and_not_without_them() -> None:
    assert signals.reactions(article(Engagement("reaction:sad", 25, Unit.PERCENT, 40))) == 10
    assert signals.reactions(article(Engagement("reaction:sad", 25, Unit.PERCENT))) is None


@pytest.mark.parametrize("value", [-1.0, float("nan"), float("inf"), 1e300])
def test_a_figure_that_is_none_counts_as_nothing(value: float) -> None:
    assert signals.comments(article(Engagement("comments", value))) is None
    assert signals.views(article(Engagement("views", value))) is None


def test_a_rating_keeps_its_votes() -> None:
    rated = article(Engagement("rating", 4.5, Unit.AVERAGE, 12))
    assert signals.rating(rated) == signals.Rating(4.5, 12)
    assert signals.rating(article(Engagement("rating", 4.5, Unit.AVERAGE))) == signals.Rating(
        4.5, None
    )
    assert signals.rating(article(Engagement("rating", 0.0, Unit.AVERAGE, 12))) is None
    assert signals.rating(article()) is None


def test_a_rating_is_made_of_stars_where_only_these_are_known() -> None:
    stars = article(Engagement("stars:5", 3), Engagement("stars:1", 1))
    assert signals.rating(stars) == signals.Rating(4.0, 4)
    assert signals.rating(article(Engagement("stars:5", 80, Unit.PERCENT))) is None


def test_figures_were_read_when_they_say_and_never_after_now() -> None:
    later = NOW + dt.timedelta(days=1)
    assert signals.taken_at(article(Engagement("views", 1, taken_at=WEDNESDAY)), NOW) == WEDNESDAY
    assert signals.taken_at(article(Engagement("views", 1, taken_at=later)), NOW) == NOW
    assert signals.taken_at(article(), NOW) == NOW
