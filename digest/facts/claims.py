"""Claims: what the source has only from somebody who claims or asks it has not happened here.

`Critics claim that the mayor lied`, `it is unclear whether she resigned`: a summary that has the very words without
the claim makes a fact of them. Who is told to have said so may stand for the claim.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from digest.facts.clauses import SPEAKING, is_past
from digest.facts.denials import NO
from digest.facts.reading import Text, Word, is_matter
from digest.facts.word_lists import word_set

CLAIMED, ASKED = 1, 2
_CLAIMS = word_set(
    """claim claims claimed allege alleges alleged suspect suspects suspected believe believes believed argue argues
    argued think thinks thought insist insists insisted suggest suggests suggested"""
)
_ASKS = word_set("whether if unless provided")
#: Behind a denial these leave open what follows: `not true that`, `no evidence that`.
_UNPROVEN = word_set(
    "true evidence proof proved proven shown certain sure clear case sign believe think"
)
#: Of whom a summary tells this, that one says it or is under suspicion.
_TOLD = (
    SPEAKING
    | _CLAIMS
    | word_set(
        "according apparently allegedly reportedly accuse accuses accused blame blames blamed"
    )
)
#: Words behind which nothing is certain.
_OPEN = _ASKS | word_set(
    """may might could possible possibly perhaps unclear unknown open questions question sceptical skeptical doubt doubts
    doubted doubtful fail fails failed deny denies denied reject rejects rejected dispute disputes disputed"""
)
_ENDS = word_set("because since while although though but before after who which where when")
#: A claim reaches so far.
_REACH = 12


def unproven(summary: Text, source: Text) -> Iterator[str]:
    """The sentences that tell as done what the source only has as a claim or a question."""
    doubtful = {at: kind for row in source.by_sentence for at, kind in _deeds(row)}
    for row in summary.by_sentence if doubtful else ():
        low = {w.low for w in row}
        if low & _OPEN or any(w.low in NO or w.low.endswith("n't") for w in row):
            continue
        least = CLAIMED if low & _TOLD else 0
        for deed in row:
            there = _there(deed, row, source) if is_past(deed) else []
            if there and min(doubtful.get(at, 0) for at in there) > least:
                yield " ".join(w.text for w in row)[:120]
                break


def _deeds(row: list[Word]) -> Iterator[tuple[int, int]]:
    """The places of the verbs that a claim or a question hangs over, and which of the two it is."""
    for at, word in enumerate(row):
        kind = _kind(row, at)
        if not kind:
            continue
        told = kind == ASKED or any(w.low == "that" for w in row[at + 1 : at + 3])
        for one, other in pairwise(row[at : at + _REACH]):
            if (other.breaks and other.text != ",") or other.low in _ENDS:
                break
            if other.low in ("and", "or", ",") and not told:
                break
            if is_past(other) and one is not word and other.low not in _CLAIMS:
                yield other.at, kind
                break


def _kind(row: list[Word], at: int) -> int:
    """What a word makes of what stands behind it; 0 where nothing."""
    word, before = row[at], row[max(0, at - 4) : at]
    if word.low in _ASKS:
        return 0 if before and before[-1].low == "as" else ASKED
    if word.low in _CLAIMS:  # `the claims`, `the suspected thief`
        return (
            0 if before and before[-1].low in ("the", "a", "an", "his", "her", "their") else CLAIMED
        )
    denied = any(w.low in NO or w.low.endswith("n't") for w in before)
    open_ = word.low == "that" and before and before[-1].low in _UNPROVEN
    return ASKED if denied and open_ else 0


def _there(deed: Word, row: list[Word], source: Text) -> list[int]:
    """The places of a deed in the sentences that have it and share most of what stands around it here, two words at least."""
    around = {w.stem for w in row if is_matter(w)} - {deed.stem}
    found: dict[int, list[int]] = {}
    for other in source.by_sentence:
        places = [w.at for w in other if w.stem == deed.stem]
        if places:
            found.setdefault(len(around & {w.stem for w in other}), []).extend(places)
    best = max(found, default=0)
    return found[best] if best * 2 >= max(len(around), 2) else []
