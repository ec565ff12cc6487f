"""Many summaries at once: a child helps, and whatever becomes of it they are the same."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Iterator

import pytest

from digest.contracts import SummariserContract
from digest.model import Summary
from digest.protocols import Summariser, SummaryLimits, TitledText
from digest.summarisers import beside
from digest.summarisers.beside import BesideSummariser
from digest.summarisers.extractive import ExtractiveSummariser

LIMITS = SummaryLimits(3, 75)
#: From so many on a child is worth it here.
WORTH = 60
#: The longest that a test waits for a child.
PATIENCE_S = 240.0

TEXT = (
    "The council of {0} voted on Monday to raise the harbour levy by {1} percent. "
    "“Nobody likes it,” said the mayor, Ada Quill, “but the quay needs {1} new piles.” "
    "It is the third rise in as many years. Fishermen had asked for a delay until spring. "
    "The ferry company of {0} said that it would print new tickets from {1} June on.\n\n"
    "The levy pays for {1} lamps as well."
)
ODD = [
    ("", ""),
    ("Titel", "\ud800 Ein Satz."),
    ("港口", "渡轮从星期一开始每小时开行一次。票价不变。"),
]


class Nobody:
    """A summariser that must not be asked."""

    name = "nobody"

    def summarise(self, title: str, text: str, limits: SummaryLimits) -> Summary:
        raise AssertionError("the child has made this one")


def articles(many: int = WORTH) -> list[TitledText]:
    told = [(f"Levy of Port {n}", TEXT.format(f"Port {n}", n + 2)) for n in range(many - len(ODD))]
    return [*ODD, *told]


def plainly(given: list[TitledText]) -> list[Summary]:
    return [ExtractiveSummariser().summarise(*one, LIMITS) for one in given]


def asked(given: list[TitledText]) -> list[Summary]:
    with BesideSummariser().begun(given, LIMITS) as teller:
        return [teller.summarise(*one, LIMITS) for one in given]


def helpers() -> list[threading.Thread]:
    return [one for one in threading.enumerate() if one.name == "summaries"]


@pytest.fixture(autouse=True)
def two_processors(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Nothing is remembered of other tests, and no child outlives its own."""
    monkeypatch.setattr(beside, "_MADE", beside._Made(1000))
    monkeypatch.setattr(beside, "WORTH", WORTH)
    monkeypatch.setattr(beside, "_SECONDS", PATIENCE_S)  # a busy machine starts it slowly
    monkeypatch.setattr(beside, "processors", lambda: 2)
    yield
    for one in helpers():
        one.join(PATIENCE_S)


class TestBeside(SummariserContract):
    def summariser(self) -> Summariser:
        return BesideSummariser()


def test_what_the_child_makes_is_what_we_make(monkeypatch: pytest.MonkeyPatch) -> None:
    given = articles()
    with BesideSummariser().begun(given, LIMITS) as teller:
        monkeypatch.setattr(beside, "_OWN", Nobody())
        until = time.monotonic() + PATIENCE_S
        while beside._MADE.get(*given[0], LIMITS) is None and time.monotonic() < until:
            time.sleep(0.01)
        made = [teller.summarise(*one, LIMITS) for one in given]
    assert made == plainly(given)


@pytest.mark.parametrize(("what", "value"), [("_SECONDS", 0.001), ("_MEMORY", 1_000_000)])
def test_a_child_that_is_ended_costs_no_summary(
    monkeypatch: pytest.MonkeyPatch, what: str, value: float
) -> None:
    monkeypatch.setattr(beside, what, value)
    given = articles()
    with BesideSummariser().begun(given, LIMITS) as teller:
        for one in helpers():
            one.join(PATIENCE_S)
        assert [teller.summarise(*one, LIMITS) for one in given] == plainly(given)


def test_a_child_that_cannot_be_started_costs_no_summary(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    assert asked(articles()) == plainly(articles())


def test_where_no_thread_is_to_be_had_no_summary_is_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    def no_thread(self: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", no_thread)
    assert asked(articles()) == plainly(articles())


@pytest.mark.parametrize(("processors", "many"), [(1, WORTH), (2, WORTH - 1)])
def test_without_an_idle_processor_or_for_few_articles_there_is_no_child(
    monkeypatch: pytest.MonkeyPatch, processors: int, many: int
) -> None:
    monkeypatch.setattr(beside, "processors", lambda: processors)
    with BesideSummariser().begun(articles(many), LIMITS):
        assert helpers() == []


def test_what_was_made_once_is_remembered_by_title_text_and_limits(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    given = articles(8)
    first = asked(given)
    short = BesideSummariser().summarise(*given[-1], SummaryLimits(1, 20))
    assert short != first[-1]
    monkeypatch.setattr(beside, "_OWN", Nobody())
    assert asked(given) == first
    with pytest.raises(AssertionError):
        BesideSummariser().summarise("Another title", given[-1][1], LIMITS)


def test_the_oldest_are_forgotten_when_there_are_too_many() -> None:
    made = beside._Made(2)
    for title in ("one", "two", "three"):
        made.keep(title, "", LIMITS, Summary(title))
    assert [made.get(title, "", LIMITS) for title in ("one", "two")] == [None, Summary("two")]


def test_this_process_may_use_a_processor_at_least() -> None:
    assert beside.processors() >= 1
