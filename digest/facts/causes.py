"""Causes: who says why must have it from the source, the cause's words and that it is the cause."""

from __future__ import annotations

from collections.abc import Iterator

from digest.facts.calendar_words import DAYS, MONTHS
from digest.facts.reading import COUNTING, SPANS, Text, Word, is_matter
from digest.facts.spelled import ORDINAL
from digest.facts.statements import Source, source_of
from digest.facts.word_lists import word_set

#: `because` and what says the same, in five languages.
_BECAUSE = word_set("because owing weil wegen porque parce perché")
_PAIRS = frozenset(
    (("due", "to"), ("thanks", "to"), ("result", "of"), ("a", "cause"), ("à", "cause"), ("debido", "a"), ("a", "causa"), ("wegen", "der"))
)  # fmt: skip
#: Behind a verb these may tell a cause.
_MAYBE = word_set("over amid by par por durch")
#: What is no cause behind `by` and `over`.
_COUNTED = (
    COUNTING
    | SPANS
    | frozenset(ORDINAL)
    | frozenset(MONTHS)
    | frozenset(DAYS)
    | word_set("quarter thirds end")
)
#: What joins a cause to what it does.
_JOINS = word_set(
    """because since as after so due cause caused causes causing reason reasons blame blamed blames therefore thus led
    lead leads result results resulted over for following when prompted forced force forces owing thanks to saying by
    weil wegen da nachdem denn deshalb porque por debido tras parce car pour après perché per dopo"""
)


def uncaused(summary: Text, source: Text) -> Iterator[str]:
    """The causes that the source does not give."""
    known = source_of(source)
    for row in summary.by_sentence:
        for at, word in enumerate(row):
            sure = _is_because(row, at)
            if not sure and not (word.low in _MAYBE and at > 1):
                continue
            cause = list(_phrase(row[at + 1 :]))
            told = [
                w
                for w in cause
                if is_matter(w) and not w.text[0].isdigit() and w.low not in _COUNTED
            ]
            if told and not _is_given(told, row[:at], known, sure):
                yield " ".join(w.text for w in (word, *cause))[:120]


def _is_because(row: list[Word], at: int) -> bool:
    pair = (row[at].low, row[at + 1].low if at + 1 < len(row) else "")
    return row[at].low in _BECAUSE or pair in _PAIRS


def _phrase(behind: list[Word]) -> Iterator[Word]:
    for word in behind:
        if word.breaks or word.text in '"“”':
            return
        yield word


def _is_given(told: list[Word], effect: list[Word], known: Source, sure: bool) -> bool:
    """Whether the cause stands there; where it is called one, as one."""
    there = [w for w in told if known.speaks_of(w)]
    if not sure:
        return bool(there)
    if len(there) * 5 < len(told) * 3:
        return False
    effects = [w for w in effect if is_matter(w)]
    rows = known.sentences
    for at, sentence in enumerate(rows):
        if not any(sentence.has(w) for w in there):
            continue
        around = rows[max(0, at - 1) : at + 2]
        joined = any(w.low in _JOINS for w in sentence.row)
        beside = all(sentence.has(w) for w in told) and any(sentence.has(w) for w in effects)
        shared = max(sum(map(one.has, effects)) for one in around)
        here = any(sentence.has(w) for w in effects)
        if beside or (joined and (here or shared * 2 >= len(effects))):
            return True
    return not effects
