"""Summaries of a whole week, and of lines of JSON."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from digest.model import Summary
from digest.protocols import Summariser, SummaryLimits, TitledText
from digest.summarise import TEASER, begun, summarise_all, summarise_lines
from tests.articles import stored

LIMITS = SummaryLimits(3, 75)


class FirstLine:
    """A summariser that gives a text's first line."""

    name = "first line"

    def summarise(self, title: str, text: str, limits: SummaryLimits) -> Summary:
        return Summary(text.split("\n")[0], (), self.name)


def test_every_article_gets_its_summary_and_progress_is_shown() -> None:
    seen: list[tuple[str, int, int]] = []
    articles = [stored("One", id=1, text="First.\nSecond."), stored("Two", id=2, text="Other.")]
    found = summarise_all(
        articles, FirstLine(), LIMITS, progress=lambda stage, n, of: seen.append((stage, n, of))
    )
    assert {id: summary.text for id, summary in found.items()} == {1: "First.", 2: "Other."}
    assert seen == [("summarise", 0, 2), ("summarise", 1, 2), ("summarise", 2, 2)]


def test_an_article_without_a_text_is_told_by_its_teaser() -> None:
    article = stored(text="", teaser="The ferry runs again.")
    assert summarise_all([article], FirstLine(), LIMITS) == {
        article.id: Summary("The ferry runs again.", (), TEASER)
    }


def test_an_article_without_anything_has_an_empty_summary() -> None:
    article = stored(text="", teaser=None)
    assert summarise_all([article], FirstLine(), LIMITS)[article.id].text == ""


def test_lines_are_answered_in_order_and_a_bad_one_stops_nobody() -> None:
    given = [
        {"id": "a", "text": "First.\nSecond."},
        {"id": "b", "text": 5},
        {"text": "x"},
        {"id": 4},
    ]
    answers = list(summarise_lines(given, FirstLine(), LIMITS))
    assert [answer["id"] for answer in answers] == ["a", "b", None, 4]
    assert answers[0] == {"id": "a", "summary": "First.", "sentences": [], "method": "first line"}
    assert answers[1]["error"] == "text: expected a text"
    assert answers[2]["error"] == "id: expected a text or a whole number"
    assert answers[3]["summary"] == ""


class Early(FirstLine):
    """A summariser that notes what it may begin with."""

    def __init__(self) -> None:
        self.begun_with: list[TitledText] = []

    @contextmanager
    def begun(self, articles: Sequence[TitledText], limits: SummaryLimits) -> Iterator[Summariser]:
        self.begun_with = list(articles)
        yield self


def test_a_summariser_that_begins_early_is_told_of_all_articles() -> None:
    articles, early = (
        [stored("One", id=1, text="First."), stored("Two", id=2, text="Other.")],
        Early(),
    )
    with begun(articles, early, LIMITS) as teller:
        assert teller is early
    assert early.begun_with == [("One", "First."), ("Two", "Other.")]


def test_any_other_summariser_is_asked_as_it_is() -> None:
    plain = FirstLine()
    with begun([stored("One", id=1, text="First.")], plain, LIMITS) as teller:
        assert teller is plain
