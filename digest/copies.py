"""Texts that are copies of one another: republished, syndicated, cut, or rewritten in part.

Shingles of three words (five signs where words have no spaces) say which share enough to be looked at. A copy
is what holds half of the shorter one's shingles, or what, read from either side, is mostly the other's
own words in runs: so copies are known in which every fifth word was changed, or half of the sentences. Where
less was kept, it must stand in its old order and place (`digest.woven`). Two reports of one event share a few
quotations and no more (measured: `bench/duplicates.py`). One form filled in twice is no copy (`digest.forms`), nor
are two texts in one frame (`digest.frames`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from digest import woven

#: The part of the shorter text's shingles that a copy holds.
SAME = 0.5
#: The part of the words, from either side, that stands in shared runs of any length, and of long ones; and of
#: long ones that are woven into both texts alike.
_ANY_RUN, _LONG_RUNS, _WOVEN = 0.58, 0.40, 0.30
#: Below this part of the shorter text's shingles nothing is looked at.
_WORTH = 0.25
#: A text of fewer shingles is too short to be told from another.
LEAST = 12
#: What more texts than this have in common (a line at each one's end) leads from none of them to another.
_COMMON = 64
_WORD = re.compile(r"\w+")
_UNSPACED = re.compile(
    r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]"
)
#: Places of a sieve for shingles; a power of two, some times as many as a large week has.
_SIEVE = np.uint64(2**24)
#: Odd, so that no bit of a unit's number is lost.
_STEP = np.uint64(0x9E3779B97F4A7C15)
Codes = NDArray[np.uint64]
Places = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Print:
    """A text as it is compared. size: units of a shingle; long: units of a run that nobody writes twice.

    row: the shingle that begins at each unit, as a number of 64 bits; shingles: each once, sorted.
    """

    units: int
    size: int
    row: Codes
    shingles: Codes

    @property
    def long(self) -> int:
        return 8 if self.size == 3 else 14


def print_of(text: str) -> Print:
    """What makes a text itself: its words in order, without case and punctuation."""
    units = list(_units(text))
    unspaced = 0 if text.isascii() else sum(1 for u in units if len(u) == 1 and _UNSPACED.match(u))
    size = 5 if unspaced * 2 > len(units) else 3
    row = shingles_of(units, size)
    return Print(len(units), size, row, distinct(row))


def shingles_of(units: Sequence[str], size: int) -> Codes:
    """So many units in a row as one number, from each unit on. The same in this process only."""
    codes = np.fromiter(map(hash, units), np.int64, len(units)).view(np.uint64)
    row = np.zeros(max(len(units) - size + 1, 0), np.uint64)
    for place in range(size):
        row = (row + codes[place : place + len(row)]) * _STEP
    return row


def distinct(codes: Codes) -> Codes:
    """Each once, in order; a third of the time that `np.unique` takes for so few."""
    found = np.sort(codes)
    first = np.ones(len(found), dtype=bool)
    np.not_equal(found[1:], found[:-1], out=first[1:])
    return found[first]


def holds(one: Print, other: Print) -> bool:
    """Whether `one` holds half of the other's shingles."""
    least = min(len(one.shingles), len(other.shingles))
    if least < LEAST or len(one.shingles) < SAME * len(other.shingles):
        return False
    return int(_stand_in(other.shingles, one).sum()) >= SAME * len(other.shingles)


def tells(one: Print, other: Print) -> bool:
    """Whether `one` tells what the other does, and not the other twice as much."""
    if len(other.shingles) * SAME > len(one.shingles) and holds(other, one):
        return False
    return holds(one, other) or is_reworked(one, other)


def is_reworked(one: Print, other: Print) -> bool:
    """Whether either text is mostly the other's own words in runs."""
    any_run, long_runs = _covered(one, other)
    if any_run < _ANY_RUN and long_runs < _WOVEN:
        return False
    back, back_long = _covered(other, one)
    any_run, long_runs = min(any_run, back), min(long_runs, back_long)
    if any_run >= _ANY_RUN or long_runs >= _LONG_RUNS:
        return True
    return long_runs >= _WOVEN and woven.are_alike(one.row, other.row, one.size, one.long)


def standing(one: Print, other: Print) -> NDArray[np.bool_]:
    """Which units of `one` stand in a shingle that the other has as well."""
    inside = _stand_in(one.row, other)
    found = np.zeros(one.units, dtype=bool)
    for place in range(one.size):
        found[place : place + len(inside)] |= inside
    return found


def _covered(one: Print, other: Print) -> tuple[float, float]:
    """The part of a text's words in runs that stand in the other as well; and in long ones alone."""
    if not len(one.row):
        return 0.0, 0.0
    edges = np.diff(_stand_in(one.row, other).astype(np.int8), prepend=0, append=0)
    runs = np.flatnonzero(edges < 0) - np.flatnonzero(edges > 0) + one.size - 1
    return float(runs.sum()) / one.units, float(runs[runs >= one.long].sum()) / one.units


def _stand_in(shingles: Codes, other: Print) -> NDArray[np.bool_]:
    if not len(other.shingles):
        return np.zeros(len(shingles), dtype=bool)
    at = np.searchsorted(other.shingles, shingles)
    at[at == len(other.shingles)] = 0
    return np.asarray(other.shingles[at] == shingles)


def near(before: Iterable[Print], prints: Sequence[Print]) -> list[list[int]]:
    """For each of `prints` the places of those ahead of it that share a quarter of the shorter one's shingles.

    Places count from the first of `before` on.
    """
    shelf = _Shelf.of(before, prints)
    found: list[set[int]] = [set() for _ in shelf.sizes]
    for place in range(len(shelf.sizes) - len(prints), len(shelf.sizes)):
        found[place] |= set(shelf.by_rare(place, place))
    for place in shelf.mostly_common():
        for other in shelf.by_all(place):
            found[max(place, other)].add(min(place, other))
    return [sorted(one) for one in found[len(found) - len(prints) :]]


def near_any(before: Iterable[Print], prints: Sequence[Print]) -> list[int]:
    """The places of those before that share a quarter of the shorter one's shingles with any of `prints`."""
    shelf = _Shelf.of(before, prints)
    first = len(shelf.sizes) - len(prints)
    found: set[int] = set()
    for place in range(first, len(shelf.sizes)):
        found.update(shelf.by_rare(place, first))
    for place in shelf.mostly_common():
        others = shelf.by_all(place)
        if place >= first:
            found.update(other for other in others if other < first)
        elif any(other >= first for other in others):
            found.add(place)
    return sorted(found)


@dataclass(frozen=True, slots=True)
class _Shelf:
    """Texts by place, and who has a shingle that one of the later ones has.

    hits: each text's shingles by number, and whether it is common; sizes: how many it has in all. holders: the texts
    that have a shingle, ordered by its number; having: how many they are. common: a text's common ones.
    """

    hits: list[Places]
    sizes: Places
    having: Places
    begins: Places
    holders: Places
    common: Places

    @classmethod
    def of(cls, before: Iterable[Print], prints: Sequence[Print]) -> _Shelf:
        known = distinct(np.concatenate([np.empty(0, np.uint64), *(p.shingles for p in prints)]))
        may_be = np.zeros(
            _SIEVE, dtype=bool
        )  # most are asked in vain, and a look here costs a tenth
        may_be[known % _SIEVE] = True
        hits: list[Places] = []
        sizes: list[int] = []
        for one in chain(before, prints):
            likely = one.shingles[may_be[one.shingles % _SIEVE]]
            at = np.searchsorted(known, likely)
            at[at == len(known)] = 0
            hits.append(at[known[at] == likely] if len(known) else at)
            sizes.append(len(one.shingles))
        every = np.concatenate([np.empty(0, np.int64), *hits])
        having = np.bincount(every, minlength=len(known))
        holders = np.repeat(np.arange(len(hits)), [len(one) for one in hits])
        begins = np.concatenate([[0], np.cumsum(having)])
        common = np.array([np.count_nonzero(having[one] > _COMMON) for one in hits], dtype=np.int64)
        holders = holders[np.argsort(every, kind="stable")]
        return cls(hits, np.array(sizes, dtype=np.int64), having, begins, holders, common)

    def by_rare(self, place: int, end: int) -> Iterator[int]:
        """Those before `end` that share enough, as far as rare shingles tell: all, where common ones are few."""
        hits = self.hits[place]
        having = self.having[hits]
        others, shared = self._holding(hits[(having > 1) & (having <= _COMMON)], end)
        most = shared + np.minimum(self.common[place], self.common[others])
        likely = self._are_enough(place, others, most)
        for other in others[likely]:
            if self._are_enough(place, other, self._shared(place, other)):
                yield int(other)

    def by_all(self, place: int) -> list[int]:
        """All that share enough."""
        others, shared = self._holding(self.hits[place], len(self.sizes))
        alike = self._are_enough(place, others, shared) & (others != place)
        return [int(other) for other in others[alike]]

    def mostly_common(self) -> list[int]:
        """Texts of which a quarter stands in many others."""
        return [
            int(one) for one in np.flatnonzero(self.common >= np.maximum(_WORTH * self.sizes, 1))
        ]

    def _holding(self, hits: Places, end: int) -> tuple[Places, Places]:
        """The texts before `end` that have any of these shingles, and how many of them."""
        lists = [self.holders[self.begins[hit] : self.begins[hit + 1]] for hit in hits]
        every = np.concatenate([np.empty(0, np.int64), *lists])
        return np.unique(every[every < end], return_counts=True)

    def _shared(self, one: int, other: int | np.int64) -> int:
        return len(np.intersect1d(self.hits[one], self.hits[other], assume_unique=True))

    def _are_enough(
        self, place: int, others: Places | np.int64, shared: Places | int
    ) -> NDArray[np.bool_]:
        least = np.minimum(self.sizes[place], self.sizes[others])
        return np.asarray((least >= LEAST) & (shared >= _WORTH * least))


def units_of(word: str) -> Sequence[str]:
    """The word itself; its signs, where words have no spaces between them."""
    return word if _UNSPACED.search(word) else (word,)


def _units(text: str) -> Iterable[str]:
    if text.isascii():
        return _WORD.findall(text.casefold())
    return (unit.casefold() for word in _WORD.findall(text) for unit in units_of(word))
