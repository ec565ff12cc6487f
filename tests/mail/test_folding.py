"""A guess of how much a mail shows spares the search, and never changes what is found."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest

from digest.mail.folding import Fold, fitting
from digest.model import ArticleId, ComingDay, IssueContent
from tests import issues

LIMIT = 1500


def week() -> IssueContent:
    """A lead, a section of one, and forty briefs of different lengths."""
    made = issues.content()
    briefs = tuple(issues.story("b" * (n * 7 % 90 + 20), 100 + n) for n in range(40))
    return replace(made, briefs=tuple(replace(one, thread=()) for one in briefs))


def html(fold: Fold) -> str:
    return "".join(story.title for story in fold.stories) + "x" * 10 * bool(fold.hidden)


@pytest.mark.parametrize("guess", range(45))
def test_any_guess_gives_what_no_guess_gives(guess: int) -> None:
    asked = fitting(week(), html, LIMIT)
    assert 0 < asked[0].hidden < 40
    assert fitting(week(), html, LIMIT, guess=guess) == asked


def test_a_right_guess_asks_for_two_mails_alone() -> None:
    shown = len(fitting(week(), html, LIMIT)[0].stories)
    made: list[int] = []

    def counted(fold: Fold) -> str:
        made.append(len(fold.stories))
        return html(fold)

    fitting(week(), counted, LIMIT, guess=shown)
    assert made == [shown, shown + 1]


def test_a_week_that_fits_is_told_whole_whatever_the_guess() -> None:
    for guess in (None, 3, 20):
        assert fitting(week(), html, 10**6, guess=guess)[0].hidden == 0


def test_an_article_that_is_folded_is_named() -> None:
    fold = fitting(week(), html, LIMIT)[0]
    assert fold.folded <= {ArticleId(100 + n) for n in range(40)}


def test_the_days_to_come_give_way_before_any_story_does() -> None:
    day = ComingDay(dt.date(2026, 12, 1), None, "The council will vote on Tuesday.")
    made = week()
    assert made.lead
    announcing = replace(made, lead=replace(made.lead, coming=(day,)))

    def longer(fold: Fold) -> str:
        return html(fold) + "y" * 300 * len(fold.agenda)

    whole = len(longer(fitting(announcing, longer, None)[0]))
    assert fitting(announcing, longer, whole)[0].agenda == announcing.agenda
    shorter = fitting(announcing, longer, whole - 1)[0]
    assert (shorter.agenda, shorter.hidden) == ((), 0)
    assert fitting(announcing, longer, LIMIT)[0].hidden == fitting(made, html, LIMIT)[0].hidden
