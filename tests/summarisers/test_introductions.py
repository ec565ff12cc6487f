"""Nobody is named by a surname alone whom the summary has not introduced."""

from __future__ import annotations

from digest.protocols import SummaryLimits
from digest.summarisers.extractive import ExtractiveSummariser
from digest.summarisers.introductions import needs

WHOLE = "Lt. Frank Hargrove found the boat."
ALONE = "Hargrove said that nobody was on board."


def test_a_surname_needs_one_of_the_sentences_with_the_whole_name() -> None:
    assert needs("A boat", [WHOLE, "It rained.", ALONE]) == [[], [], [frozenset({0})]]
    again = "Frank Hargrove came back."
    assert needs("A boat", [WHOLE, again, ALONE])[2] == [frozenset({0, 1})]


def test_who_stands_in_the_title_or_is_never_told_whole_needs_nobody() -> None:
    assert needs("Hargrove's boat", [WHOLE, ALONE])[1] == []
    assert needs("hargrove finds a boat", [WHOLE, ALONE])[1] == []
    assert needs("A boat", ["The boat lay still.", ALONE])[1] == []
    assert needs("A boat", [ALONE, WHOLE])[0] == []


def test_a_title_introduces_nobody_and_a_common_word_is_no_name() -> None:
    assert needs("A boat", [WHOLE, "Mr Hargrove wept."])[1] == [frozenset({0})]
    police = ["The New York Police came.", "Police said the police had been quick."]
    assert needs("A boat", police)[1] == []


def test_a_summary_introduces_whom_it_names() -> None:
    text = (
        "The night ferry to Port Ellery hit a sandbank on Tuesday with 214 people on board. "
        "The first mate, Frank Hargrove, had seen the bank and called the bridge twice. "
        "Two tugs from the harbour pulled the ferry free in the morning when the tide came. "
        "Hargrove said that the ferry to Port Ellery had been too fast for the sandbank. "
        "The harbour office will look into what happened on the bridge of the ferry."
    )
    for words in (30, 45, 75):
        told = ExtractiveSummariser().summarise("", text, SummaryLimits(3, words)).text
        assert "Hargrove said" not in told or "Frank Hargrove" in told


def test_a_quotation_that_nobody_says_comes_only_with_the_sentence_before_it() -> None:
    said = "The captain shook his head when he was asked about the night at the bank of sand."
    text = (
        "Two tugs pulled the night ferry free in the morning, eleven hours after it had run aground. "
        f'{said} "We saw the sandbank from the ferry too late." The ferry sails again on Sunday from the old quay.'
    )
    told = ExtractiveSummariser().summarise("", text, SummaryLimits(2, 45)).text
    assert "We saw the sandbank" not in told or said in told
