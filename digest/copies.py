"""Texts that are copies of one another: republished, syndicated, cut, or rewritten in part.

Shingles of three words (five signs where words have no spaces) say which share enough to be looked at. A copy
is what holds half of the shorter one's shingles, or what, read from either side, is mostly the other's
own words in runs: so copies are known in which every fifth word was changed, or half of the sentences. Two
reports of one event share a few quotations and no more (measured: `bench/duplicates.py`).
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Hashable, Iterator, Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

#: The part of the shorter text's shingles that a copy holds.
SAME = 0.5
#: The part of the words, from either side, that stands in shared runs of any length, and of long ones.
_ANY_RUN, _LONG_RUNS = 0.58, 0.40
#: Below this part of the shorter text's shingles nothing is looked at.
_WORTH = 0.25
#: A text of fewer shingles is too short to be told from another.
LEAST = 12
_UNSPACED = re.compile(
    r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]"
)
Shingle = tuple[str, ...]
Name = TypeVar("Name", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Print:
    """A text as it is compared. size: units of a shingle; long: units of a run that nobody writes twice."""

    units: tuple[str, ...]
    size: int
    shingles: frozenset[Shingle]

    @property
    def long(self) -> int:
        return 8 if self.size == 3 else 14


def print_of(text: str) -> Print:
    """What makes a text itself: its words in order, without case and punctuation."""
    units = tuple(_units(text.casefold()))
    unspaced = sum(1 for unit in units if len(unit) == 1 and _UNSPACED.match(unit))
    size = 5 if unspaced * 2 > len(units) else 3
    grams = (units[place : place + size] for place in range(len(units) - size + 1))
    return Print(units, size, frozenset(grams))


def holds(one: Print, other: Print) -> bool:
    """Whether `one` holds half of the other's shingles."""
    shared = len(one.shingles & other.shingles)
    return min(len(one.shingles), len(other.shingles)) >= LEAST and shared >= SAME * len(
        other.shingles
    )


def is_reworked(one: Print, other: Print) -> bool:
    """Whether either text is mostly the other's own words in runs."""
    pairs = ((one, other), (other, one))
    return all(_covered(a, b, a.size) >= _ANY_RUN for a, b in pairs) or all(
        _covered(a, b, a.long) >= _LONG_RUNS for a, b in pairs
    )


def _covered(one: Print, other: Print, least: int) -> float:
    """The part of a text's words in runs of at least so many that stand in the other as well."""
    covered = run = 0
    for place in range(len(one.units) - one.size + 1):
        if one.units[place : place + one.size] in other.shingles:
            run += 1
            continue
        covered += _words_of(run, one.size, least)
        run = 0
    covered += _words_of(run, one.size, least)
    return covered / len(one.units) if one.units else 0.0


def _words_of(run: int, size: int, least: int) -> int:
    words = run + size - 1 if run else 0
    return words if words >= least else 0


class Shelf(Generic[Name]):
    """Texts by name, and which of them a new one shares enough with to be looked at."""

    def __init__(self) -> None:
        self.prints: dict[Name, Print] = {}
        self._holders: defaultdict[Shingle, list[Name]] = defaultdict(list)

    def near(self, one: Print) -> Iterator[tuple[Name, Print]]:
        """Those on the shelf that share a quarter of the shorter text's shingles, in their order there."""
        for name, count in self._shared(one).items():
            other = self.prints.get(name)
            if other is None:
                continue
            least = min(len(one.shingles), len(other.shingles))
            if least >= LEAST and count >= _WORTH * least:
                yield name, other

    def put(self, name: Name, one: Print) -> None:
        """Keep a text for those to come."""
        self.prints[name] = one
        for shingle in one.shingles:
            self._holders[shingle].append(name)

    def drop(self, name: Name) -> None:
        """Compare nothing with this one any more."""
        self.prints.pop(name, None)

    def _shared(self, one: Print) -> Mapping[Name, int]:
        """How many shingles each shares, in the order in which they were put here."""
        counts = Counter(
            name for shingle in one.shingles for name in self._holders.get(shingle, ())
        )
        return {name: counts[name] for name in self.prints if name in counts}


def _units(text: str) -> Iterator[str]:
    """Words; signs, where words have no spaces between them."""
    for word in re.findall(r"\w+", text):
        if _UNSPACED.search(word):
            yield from word
        else:
            yield word
