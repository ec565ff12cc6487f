"""What was asked for and rejected, was too early to say or hangs on a condition: none of it has happened here."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from digest.facts.clauses import BEING
from digest.facts.denials import denied
from digest.facts.reading import Text, Word, clause_of, is_matter, stem
from digest.facts.word_lists import word_set

_ASKED = word_set(
    """amendment proposal plan bid motion call calls request attempt attempts offer appeal move suggestion petition idea
    demand demands application proposals plans requests bids"""
)
_REJECTED = word_set(
    "rejected refused defeated blocked withdrawn dismissed dropped failed abandoned"
)
_OUT = word_set("down out")
_OPEN = word_set(
    """if unless whether may might could would should asked wants wanted called proposed tried failed rejected refused
    unclear until"""
)


def undone(summary: Text, source: Text) -> Iterator[str]:
    """The sentences that tell as so what the source has as rejected, or too early or too hard to do."""
    held = _held(source)
    for row in summary.by_sentence if held else ():
        low = {w.low for w in row}
        if low & (_ASKED | _OPEN | {"too"}) or denied(row):
            continue
        stems = {w.stem for w in row}
        if "against" in low and "vote" in stems:
            continue
        for deed, things, least in held:
            if deed in stems and len(things & stems) >= least:
                yield " ".join(w.text for w in row)[:120]
                break
    yield from _on_condition(summary, source)


@lru_cache(maxsize=4)
def _held(source: Text) -> list[tuple[str, frozenset[str], int]]:
    return [found for row in source.by_sentence for found in (*_rejected(row), *_too(row))]


def _rejected(row: list[Word]) -> Iterator[tuple[str, frozenset[str], int]]:
    """(deed, its things, how many of them tell it) of `an amendment to exempt taxis was rejected`."""
    for at, word in enumerate(row):
        turned = word.low in ("turned", "voted", "thrown", "ruled") and any(
            w.low in _OUT for w in row[at + 1 : at + 2]
        )
        if not (word.low in _REJECTED or turned) or not row[max(0, at - 1) : at]:
            continue
        passive = row[at - 1].low in BEING or word.low == "failed"
        before = clause_of(row[:at][::-1])[::-1]
        tos = [
            n for n, w in enumerate(before) if w.low == "to" and n and before[n - 1].low in _ASKED
        ]
        if passive and tos:
            matter = [w for w in before[tos[0] + 1 :] if is_matter(w)]
            if len(matter) > 1:
                yield matter[0].stem, frozenset(w.stem for w in matter[1:4]), 1


def _too(row: list[Word]) -> Iterator[tuple[str, frozenset[str], int]]:
    """(deed, what it is told of) of `the trial was too short to show whether it helps`."""
    for at, word in enumerate(row):
        ahead = row[at + 1 : at + 4]
        tos = [n for n, w in enumerate(ahead) if w.low == "to"]
        if word.low != "too" or not tos:
            continue
        behind = clause_of(row[at + tos[0] + 2 : at + 14])
        things = frozenset(w.stem for w in behind[1:] if len(w.low) > 3) - _SMALL
        if len(things) > 1 and is_matter(behind[0]):
            yield behind[0].stem, things, 2


_SMALL = word_set("whether would that could with from there their this than")
_CONDITIONS = word_set("unless if provided")
_FREE = word_set("if unless may might could until provided whether would threatens threatened")


def _on_condition(summary: Text, source: Text) -> Iterator[str]:
    """`will strike again` of what will only be unless something else happens."""
    for place, row in enumerate(summary.by_sentence):
        low = {w.low for w in row}
        if "will" not in low or low & _FREE or denied(row):
            continue
        told = summary.stems_by_sentence[place] | {stem(w.text) for w in row if w.low in _NEXT}
        shared = [len(told & {w.stem for w in one}) for one in source.by_sentence]
        best = max(shared, default=0)
        near = [one for one, n in zip(source.by_sentence, shared, strict=True) if n == best]
        if best > 1 and all(_is_conditional(one, told) for one in near):
            yield " ".join(w.text for w in row)[:120]


_NEXT = word_set("next")


def _is_conditional(row: list[Word], told: frozenset[str]) -> bool:
    """Whether all that a sentence has of this stands in the clause before an `unless`, or an `if`."""
    for at, word in enumerate(row):
        if (
            word.low not in _CONDITIONS
            or not at
            or row[at - 1].low in ("as", "asked", "even", "and")
        ):
            continue
        starts = [n for n in range(at) if row[n].breaks or row[n].low in ("and", "but", "that")]
        piece = row[starts[-1] + 1 if starts else 0 : at]
        here = told & {w.stem for w in piece}
        return len(here) > 1 and here >= told & {w.stem for w in row}
    return False
