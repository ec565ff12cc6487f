"""Which units tell a story best: every set of them that fits is scored, and the best one taken.

The numbers are in `chooser.json`; `python -m bench.judgement.train_chooser` makes them anew from articles with
summaries that people wrote. First the chance of each word and pair of words to stand in such a summary,
then, by the chances that a set covers and by its units' places and nearness to the whole, the set.
"""

from __future__ import annotations

import json
import pkgutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from itertools import combinations

import numpy as np
import numpy.typing as npt

from digest import words
from digest.protocols import SummaryLimits
from digest.summarisers.introductions import needs
from digest.summarisers.reading import PAIR_MEASURES, WORD_MEASURES, Floats, Reading
from digest.summarisers.units import Unit

#: How many units, from the start, can be chosen at all.
REACH = 30
#: So many of these, from the first usable on, are tried in sets.
CANDIDATES = 14
#: Two units as alike as this (cosine) say the same.
SAME = 0.7
#: A sentence of so many words may stand alone.
ALONE = 35
#: How often a word of the title counts in the middle of a text.
TITLE_WEIGHS = 2.0

Chosen = tuple[int, ...]
Flags = npt.NDArray[np.bool_]
Places = npt.NDArray[np.int64]

UNIT_MEASURES = (
    "first", "second", "third", "1 / place", "log place", "title", "middle", "middle of others",
    "later ones", "the start", "usual words",
)  # fmt: skip
_ALSO_MEAN = (3, 6, 7, 9, 10)
SET_MEASURES = (
    "words at 25", "words at 50", "words at 80", "pairs at 25", "pairs at 60", "matter",
    "matter a word", "pairs a word", "share of matter", "begins first", "first two", "begin", "end",
    "span", "from the start on", "side by side",
    *(f"sum: {name}" for name in UNIT_MEASURES),
    *(f"mean: {UNIT_MEASURES[number]}" for number in _ALSO_MEAN),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Weights:
    """The trained numbers, in the order of the measures; the chances have their bias last."""

    word: Floats
    pair: Floats
    set: Floats


@cache
def shipped() -> Weights:
    """The numbers that came with the package."""
    text = pkgutil.get_data(__package__, "chooser.json")  # importlib.resources loads thirty modules
    assert text is not None
    return weights_from(json.loads(text))


def weights_from(given: Mapping[str, Mapping[str, float]]) -> Weights:
    """From tables of measure → number. Raises KeyError where one is missing."""
    return Weights(
        word=np.array([given["word"][name] for name in (*WORD_MEASURES, "bias")]),
        pair=np.array([given["pair"][name] for name in (*PAIR_MEASURES, "bias")]),
        set=np.array([given["set"][name] for name in SET_MEASURES]),
    )


def choose(
    reading: Reading, units: Sequence[Unit], limits: SummaryLimits, weights: Weights | None = None
) -> Chosen:
    """The places of the best set of units, in the text's order; empty where none fits."""
    if whole := _everything(units, limits):
        return whole
    sets = sets_of(units, limits)
    if not sets:
        return ()
    weights = weights or shipped()
    candidates = Candidates(reading, sets)
    measures = candidates.measures(*chances(reading, weights))
    scores = measures @ weights.set
    scores[candidates.barred(units)] = -np.inf
    return sets.chosen(int(np.argmax(scores)))


def _everything(units: Sequence[Unit], limits: SummaryLimits) -> Chosen:
    """All units, where the article is no longer than its summary may be."""
    whole = sum(len(unit.sentences) for unit in units) <= limits.sentences
    fits = sum(unit.words for unit in units) <= limits.words
    sound = all(unit.usable and unit.quotes for unit in units) and not (units and units[0].leans)
    return tuple(range(len(units))) if whole and fits and sound else ()


def chances(reading: Reading, weights: Weights) -> tuple[Floats, Floats]:
    """Of each word, and of each pair, to stand in a summary that a person writes."""
    of_words = _chance(reading.word_measures, weights.word)
    return of_words, _chance(reading.pair_measures(of_words), weights.pair)


def _chance(measures: Floats, weights: Floats) -> Floats:
    chance: Floats = 1 / (1 + np.exp(-(measures @ weights[:-1] + weights[-1])))
    return chance


@dataclass(frozen=True, slots=True)
class Sets:
    """Sets of units, a row each. near: the units that are in any; members: who of them is in it."""

    near: Places
    members: Flags

    def __len__(self) -> int:
        return len(self.members)

    def chosen(self, row: int) -> Chosen:
        """One of them, in the text's order."""
        return tuple(self.near[self.members[row]].tolist())


def sets_of(units: Sequence[Unit], limits: SummaryLimits) -> Sets:
    """Every set of units that fits the limits and leaves no antecedent and no half quotation behind.

    Where there is none, the first unit is allowed what it may not have else.
    """
    reach = range(min(len(units), REACH))
    near = [i for i in reach if units[i].usable and units[i].quotes][:CANDIDATES]
    members = _patterns(len(near), limits.sentences)
    fits = members @ np.array([units[i].words for i in near]) <= limits.words
    fits &= members @ np.array([len(units[i].sentences) for i in near]) <= limits.sentences
    column = {place: number for number, place in enumerate(near)}
    for place, number in column.items():
        if units[place].leans:
            before = column.get(place - 1)
            fits &= (
                ~members[:, number] if before is None else members[:, before] | ~members[:, number]
            )
    found = members[fits]
    if len(found):
        used = found.any(0)
        return Sets(np.array(near)[used], found[:, used])
    first = bool(units) and units[0].usable
    return Sets(np.zeros(int(first), dtype=np.int64), np.ones((int(first), int(first)), dtype=bool))


@cache
def _patterns(size: int, most: int) -> Flags:
    """Every set of at most `most` of `size` things: who is in it."""
    patterns = [p for count in range(1, most + 1) for p in combinations(range(size), count)]
    members = np.zeros((len(patterns), size), dtype=bool)
    for row, pattern in enumerate(patterns):
        members[row, list(pattern)] = True
    return members


class Candidates:
    """The sets that may be chosen, as matrices: a row a set or a unit, a column a word or a pair."""

    def __init__(self, reading: Reading, sets: Sets) -> None:
        self.reading, self.sets = reading, sets
        self.near, self.members = sets.near, sets.members.astype(float)

    def barred(self, units: Sequence[Unit]) -> Flags:
        """Sets that say the same twice, single short sentences where two can be told, and strangers' names."""
        alike = self._cosines[np.ix_(self.near, self.near)] > SAME
        np.fill_diagonal(alike, val=False)
        repeats: Flags = (self.members @ alike * self.members).sum(1) > 0
        sizes = self.members @ np.array([len(units[i].sentences) for i in self.near])
        lengths = self.members @ np.array([units[i].words for i in self.near])
        barred = repeats | ((sizes < 2) & (lengths < ALONE))
        barred = repeats if barred.all() else barred
        unknown = barred | self._unintroduced()
        return barred if unknown.all() else unknown

    def _unintroduced(self) -> Flags:
        """Sets that name somebody whom they do not introduce."""
        needed = needs(self.reading.headline, self.reading.texts[: self._reach])
        column = {place: number for number, place in enumerate(self.near)}
        found = np.zeros(len(self.sets), dtype=bool)
        for place, number in column.items():
            for group in needed[place]:
                there = [column[one] for one in group if one in column]
                found |= self.sets.members[:, number] & ~self.sets.members[:, there].any(1)
        return found

    def measures(self, of_words: Floats, of_pairs: Floats) -> Floats:
        """A row a set, a column each of SET_MEASURES. of_words, of_pairs: their chances."""
        units = self.unit_measures[self.near]
        sums = self.members @ units
        means = sums[:, _ALSO_MEAN] / self.members.sum(1, keepdims=True)
        return np.hstack([self._covered(of_words, of_pairs), self._places, sums, means])

    def _covered(self, of_words: Floats, of_pairs: Floats) -> Floats:
        """What a summary of so many words would share with each set, as far as can be foreseen."""
        used = self._word_counts[self.near].any(0)
        counts = self.members @ self._word_counts[self.near][:, used]
        there, length, chances_ = counts > 0, counts.sum(1), of_words[used]
        matter = np.where(self.reading.common, 0.0, of_words)
        pairs = (self.members @ self._pairs_there > 0) @ of_pairs[self._near_pairs]
        more = (np.minimum(counts, 2) - there) @ chances_ / 2
        words_, kept, size = there @ chances_ + more, there @ matter[used], np.maximum(1, length)
        columns = [2 * words_ / (length + other) for other in (25, 50, 80)]
        columns += [2 * pairs / (length + other) for other in (25, 60)]
        columns += [kept / 10, 2 * kept / size, 5 * pairs / size, kept / (matter.sum() + 1e-6)]
        return np.column_stack(columns)

    @cached_property
    def _places(self) -> Floats:
        members, near = self.sets.members, self.sets.near
        first = near[members.argmax(1)]
        last = near[-1 - members[:, ::-1].argmax(1)]
        size, both = members.sum(1), members[:, near < 2].sum(1) == 2
        columns = [
            first == 0, both, first / 5, last / 10, (last - first) / 10,
            (first == 0) & (last == size - 1), last - first == size - 1,
        ]  # fmt: skip
        return np.column_stack(columns).astype(float)

    @cached_property
    def _reach(self) -> int:
        return min(self.reading.units, REACH)

    @cached_property
    def _word_counts(self) -> Floats:
        reading, size = self.reading, len(self.reading.words)
        within = reading.places < self._reach
        cells = reading.places[within] * size + reading.ids[within]
        counts = np.bincount(cells, minlength=self._reach * size).reshape(self._reach, size)
        return counts.astype(float)

    @cached_property
    def _near_pairs(self) -> npt.NDArray[np.int64]:
        """The pairs that stand in units that may be chosen."""
        reading = self.reading
        return np.unique(reading.pair_ids[np.isin(reading.pair_places, self.near)])

    @cached_property
    def _pairs_there(self) -> Floats:
        reading, near = self.reading, self.near
        within = np.isin(reading.pair_places, near)
        rows = np.searchsorted(near, reading.pair_places[within])
        there = np.zeros((len(near), len(self._near_pairs)))
        there[rows, np.searchsorted(self._near_pairs, reading.pair_ids[within])] = 1
        return there

    @cached_property
    def _matter(self) -> Floats:
        """How often each word stands in each unit, without those that carry no matter."""
        return np.where(self.reading.common, 0.0, self._word_counts)

    @cached_property
    def _directions(self) -> Floats:
        lengths = np.linalg.norm(self._matter, axis=1, keepdims=True)
        return self._matter / np.where(lengths > 0, lengths, 1.0)

    @cached_property
    def _cosines(self) -> Floats:
        cosines: Floats = self._directions @ self._directions.T
        return cosines

    @cached_property
    def unit_measures(self) -> Floats:
        """A row a unit within reach, a column each of UNIT_MEASURES."""
        reading, n = self.reading, self._reach
        whole = np.where(reading.common, 0.0, reading.count + TITLE_WEIGHS * reading.titled)
        norm, place = np.linalg.norm(whole) or 1.0, np.arange(n)
        cosines = self._cosines
        later = np.triu(cosines, 1).sum(1) / np.maximum(1, n - 1 - place) * 3
        others = cosines[:, :3].copy()
        others[place[:3], place[:3]] = 0
        size = np.maximum(1, self._matter.sum(1))
        middle = self._directions @ whole / norm
        columns = [
            place == 0, place == 1, place == 2, 1 / (1 + place), np.log1p(place),
            (self._matter > 0) @ reading.titled / max(1, len(frozenset(reading.title) - words.STOP)), middle,
            middle - (self._directions * self._matter).sum(1) / norm, later, others.max(1),
            self._matter @ whole / size / max(1.0, whole.sum()) * 20,
        ]  # fmt: skip
        return np.column_stack([np.asarray(c, dtype=float) for c in columns])
