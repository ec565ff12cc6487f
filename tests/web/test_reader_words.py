"""A reader's history in words: every kind has some, and what a newer program wrote breaks nothing."""

from __future__ import annotations

import pytest

from digest.audience.bounces import Verdict
from digest.delivery.lifting import ALL
from digest.model import DeliveryState, ReportKind
from digest.store.histories import Happening, What
from digest.store.suppressions import ERASED
from digest.web import reader_words
from tests.people import NOW


@pytest.mark.parametrize("what", list(What))
@pytest.mark.parametrize("word", ["", "a-word-of-tomorrow"])
def test_each_kind_is_said_whatever_stands_in_it(what: What, word: str) -> None:
    line = reader_words.said(Happening(at=NOW, what=what, word=word))
    assert line.at == NOW
    assert line.mood in ("", "good", "bad", "warn")


def test_every_reason_and_state_that_there_is_has_words_of_its_own() -> None:
    assert set(reader_words.REASONS) == {*ALL, ERASED}
    states = [Happening(at=NOW, what=What.COPY, word=one.value) for one in DeliveryState]
    assert len({reader_words.said(one).title for one in states}) == len(DeliveryState)
    kinds = [one.value for one in ReportKind if one is not ReportKind.OTHER]
    verdicts = [one.value for one in Verdict if one is not Verdict.NOTHING]
    for word in {*kinds, *verdicts}:
        said = reader_words.said(Happening(at=NOW, what=What.REPORT, word=word))
        assert said.title != word


def test_who_left_is_told_how_and_why() -> None:
    left = Happening(at=NOW, what=What.LEFT, word="one-click", more="too-long")
    line = reader_words.said(left)
    assert (line.title, line.more) == (
        "Left by the mail program’s own button",
        reader_words.LEFT_FOR["too-long"],
    )


def test_what_a_program_did_is_said_to_be_its_doing() -> None:
    asked, changed, left = (
        reader_words.said(Happening(at=NOW, what=what, word="api"))
        for what in (What.ASKED, What.CHANGED, What.LEFT)
    )
    assert asked.title == "Signed up: the API"
    assert changed.more == "for them, by a program of yours"
    assert left.title == "Left on request, by a program of yours"
