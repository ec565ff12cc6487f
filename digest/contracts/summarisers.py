"""What every summariser must do: short, plain, true to its text, the same each time, and unmoved by odd texts."""

from __future__ import annotations

import re
from abc import abstractmethod

import pytest

from digest import words
from digest.facts import gate
from digest.model import Summary
from digest.protocols import Summariser, SummaryLimits

LIMITS = SummaryLimits()

#: Title and text of stories that hold what is easily told wrongly: numbers, roles, a quotation, a denial.
STORIES = (
    (
        "Levy on boats cut by a third",
        "The council of Port Ellery cut the harbour levy by a third on Tuesday. Nine of the fourteen councillors voted"
        " for the cut after a debate of five hours.\n\nMayor Ann Ferris said the ferries would feel the difference"
        " within a month. “We have waited nine years for this,” she said.\n\nThe harbour office did not say when the"
        " new prices will be published. It collected 412,000 crowns last year, 18,000 less than the year before.",
    ),
    (
        "No one hurt as tanker hits pier",
        "A tanker laden with 9,000 tonnes of rape oil struck the east pier at 4.20 in the morning. Nobody was hurt, and"
        " no oil was lost.\n\nThe pilot, Tomas Reed, had warned the harbour master of the current an hour before, the"
        " coast guard said. He was not on board.\n\nThe pier stays closed until 3 December. Ferries leave from the"
        " fish quay instead.",
    ),
    (
        "Fährverbindung bleibt bestehen",
        "Die Fähre nach Hessock fährt auch im Winter. Das teilte die Reederei am Mittwoch mit. Statt sechs gibt es dann"
        " vier Fahrten am Tag.\n\nDer Preis einer Karte bleibt bei 7,50 Euro. „Wir lassen niemanden auf der Insel"
        " sitzen“, sagte die Geschäftsführerin Karin Lohse.",
    ),
)
#: Texts that no story is.
ODD = (
    "", " \n\n ", "a", "…", '"', "“No.", "He left.", "?!?!", "\x00\x01", "\ud800", "\u202eevil\u202c", "🚢" * 90,
    "word " * 2_000, "x" * 20_000, "One.\n\n" * 3_000, "今日は晴れです。" * 300, "<script>alert(1)</script> & so on.",
    "{{ 7 * 7 }} {% for x in y %}", "الميناء مغلق اليوم. " * 40,
)  # fmt: skip


class SummariserContract:
    """Subclass it: `summariser` makes one."""

    @abstractmethod
    def summariser(self) -> Summariser:
        """A new one."""
        raise NotImplementedError

    def told(self, title: str, text: str, limits: SummaryLimits = LIMITS) -> Summary:
        return self.summariser().summarise(title, text, limits)

    def test_it_has_a_name(self) -> None:
        assert re.fullmatch(r"[a-z][a-z0-9-]{0,39}", self.summariser().name)

    @pytest.mark.parametrize(("title", "text"), STORIES)
    def test_a_story_is_told_in_plain_words_on_one_line(self, title: str, text: str) -> None:
        found = self.told(title, text)
        assert found.text == " ".join(found.text.split()) != ""
        assert found.method, "who made it is known"
        assert not re.search(r"</?\w+[^>]*>|\{\{|\*\*", found.text), "text, and no markup"

    @pytest.mark.parametrize(("title", "text"), STORIES)
    def test_a_summary_says_nothing_that_the_story_does_not(self, title: str, text: str) -> None:
        found = self.told(title, text)
        assert [doubt.told for doubt in gate.check(found.text, text, title=title)] == []

    @pytest.mark.parametrize(("title", "text"), STORIES)
    def test_sentences_that_are_said_to_be_the_storys_are(self, title: str, text: str) -> None:
        for one in self.told(title, text).sentences:
            assert text[one.start : one.end] == one.text

    @pytest.mark.parametrize(("sentences", "most"), [(1, 20), (2, 40), (3, 75), (5, 150)])
    def test_the_limits_are_kept(self, sentences: int, most: int) -> None:
        for title, text in (*STORIES, *(("", odd) for odd in ODD)):
            found = self.told(title, text, SummaryLimits(sentences, most))
            assert words.count(found.text) <= most
            assert len(found.sentences) <= sentences

    def test_the_same_story_has_the_same_summary_whatever_came_before(self) -> None:
        shared = self.summariser()
        first = [shared.summarise(title, text, LIMITS) for title, text in STORIES]
        again = [shared.summarise(title, text, LIMITS) for title, text in reversed(STORIES)]
        fresh = [self.told(title, text) for title, text in STORIES]
        assert first == list(reversed(again)) == fresh

    def test_no_text_has_no_summary(self) -> None:
        assert self.told("A title", "").text == ""
        assert self.told("A title", " \n\n ").text == ""

    @pytest.mark.parametrize("text", ODD, ids=range(len(ODD)))
    def test_an_odd_text_breaks_nothing(self, text: str) -> None:
        for title in ("", "A title", text[:100]):
            assert isinstance(self.told(title, text), Summary)
