"""The units of many texts (words, names, numbers) as one table, and what pairs of texts have in common of them.

Sums over the common units of pairs are made a few texts at a time: so many texts take as much memory as the answer
does. A unit that every twentieth text has stands in a full matrix; the rest is counted unit by unit.
"""

from __future__ import annotations

import datetime as dt
from array import array
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import Any

import numpy as np
from numpy.typing import NDArray

from digest import words

#: As if so many other articles stood beside the week's: keeps small weeks' weights steady.
OTHERS = 150
#: So large a part of the texts makes a unit one of many, and so many texts are taken at a time.
_MANY, _AT_ONCE = 0.05, 64

Matrix = NDArray[np.floating[Any]]
Flags = NDArray[np.bool_]
Places = NDArray[np.integer[Any]]

#: Of the places that a table has a million of: half the bytes of Python's own.
_SMALL = np.int32

_COMMON = frozenset(words.stem(word) for word in words.EVERYDAY)


@dataclass(slots=True)
class Text:
    """One article, as far as it is compared: weights by unit, a unit's spellings, and which are names."""

    when: dt.datetime | None
    bare: bool = False
    weights: dict[str, float] = field(default_factory=dict)
    spelled: dict[str, str] = field(default_factory=dict)


def is_telling(unit: str) -> bool:
    """False for what every news site prints every day, for numbers and for pairs of names."""
    return unit not in _COMMON and not unit.isdigit() and "_" not in unit


@dataclass(frozen=True, slots=True)
class Sums:
    """What is added up for each pair of texts: products of values of the units that both have.

    units, texts, values: sorted by unit, then by text. signs: of each value on one of the two sides.
    """

    size: int
    units: Places
    texts: Places
    values: Matrix
    signs: Matrix | None = None

    def in_blocks(self, rows: Places, columns: int) -> Iterator[tuple[Places, Matrix]]:
        """The sums of these texts with the first so many, some rows at a time."""
        full, signed, spread = self._parted(columns)
        for start in range(0, len(rows), _AT_ONCE):
            block = rows[start : start + _AT_ONCE]
            found = spread.of_rows(block)
            found += signed[block] @ full[:columns].T
            yield block, found

    def _parted(self, columns: int) -> tuple[Matrix, Matrix, _Spread]:
        """The units of many texts as a full matrix, without and with signs; and those of few."""
        every = np.arange(self.units.max(initial=-1) + 2, dtype=self.units.dtype)
        begins = np.searchsorted(self.units, every).astype(_SMALL)
        having = np.diff(begins)[self.units]
        many = having > max(1.0, self.size * _MANY)
        few = np.flatnonzero(~many & (having > 1))
        return *self._full(many), _Spread.of(self, few, begins, columns)

    def _full(self, many: Flags) -> tuple[Matrix, Matrix]:
        """The units of many texts, a row a text; and the same with signs."""
        found, column = np.unique(self.units[many], return_inverse=True)
        full = np.zeros((self.size, len(found)))
        full[self.texts[many], column] = self.values[many]
        if self.signs is None:
            return full, full
        signed = full.copy()
        signed[self.texts[many], column] *= self.signs[many]
        return full, signed


@dataclass(frozen=True, slots=True)
class _Spread:
    """The units of few texts: for each value those of its unit among the first `width` texts.

    at: places in the sums, sorted by text. first, having: where those of its unit begin, and how many they are.
    """

    sums: Sums
    at: Places
    begins: Places
    first: Places
    having: Places
    width: int

    @classmethod
    def of(cls, sums: Sums, few: Places, starts: Places, width: int) -> _Spread:
        at = few[np.argsort(sums.texts[few], kind="stable")].astype(_SMALL)
        begins = np.searchsorted(sums.texts[at], np.arange(sums.size + 1))
        wanted = np.concatenate([[0], np.cumsum(sums.texts < width)]).astype(_SMALL)[starts]
        units = sums.units[at]
        return cls(sums, at, begins, starts[units], np.diff(wanted)[units], width)

    def of_rows(self, block: Places) -> Matrix:
        """What the block's texts share with the first so many."""
        sums, sizes = self.sums, self.begins[block + 1] - self.begins[block]
        inside = ranges(self.begins[block], sizes)
        at, having = self.at[inside], self.having[inside]
        others = ranges(self.first[inside], having)
        values = sums.values[at] if sums.signs is None else sums.values[at] * sums.signs[at]
        rows = np.repeat(np.arange(len(block)) * self.width, sizes)
        cells = np.repeat(rows, having) + sums.texts[others]
        products = np.repeat(values, having) * sums.values[others]
        found = np.bincount(cells, products, len(block) * self.width).astype(float, copy=False)
        return found.reshape(len(block), self.width)


def ranges(first: Places, sizes: Places) -> Places:
    """So many places from each first one on, one range after the other."""
    ends = np.cumsum(sizes)
    total = int(ends[-1]) if len(ends) else 0
    return np.asarray(np.arange(total) + np.repeat(first - (ends - sizes), sizes))


@dataclass(frozen=True, slots=True)
class UnitTable:
    """Every (unit, text) that there is, sorted by unit, with its value; and what is known of each unit.

    words: how many different ones each text has; bare: the texts that are titles alone. articles: in how many texts
    a unit stands. telling: a word that tells stories apart, or a number. signs: of a script without spaces.
    """

    size: int
    units: Places
    texts: Places
    values: Matrix
    words: Matrix
    bare: Flags
    articles: Places
    telling: Flags
    name: Flags
    number: Flags
    pair: Flags
    signs: Flags

    @classmethod
    def of(cls, texts: Iterable[Text]) -> UnitTable:
        """The texts are asked for one after the other, and none is kept."""
        read = Units()
        for text in texts:
            read.add(text)
        return cls.of_units(read)

    @classmethod
    def of_units(cls, read: Units) -> UnitTable:
        """Of texts that were read already."""
        every = sorted(read.number_of)
        units, places, weights, capital = read.by_unit(every)
        articles = np.bincount(units, minlength=len(every))
        common = np.array([unit in _COMMON for unit in every], dtype=bool)
        pair = np.array(["_" in unit for unit in every], dtype=bool)
        rarity = np.log((len(read.many) + OTHERS) / (articles + 0.5)) * np.where(common, 0.3, 1.0)
        mostly = np.bincount(units, capital, len(every)) * 2 > articles
        number = np.array([unit[0].isdigit() for unit in every], dtype=bool)
        return cls(
            size=len(read.many),
            units=units,
            texts=places,
            values=(1 + np.log(weights)) * rarity[units],
            words=np.bincount(places, ~pair[units], len(read.many)).astype(float, copy=False),
            bare=np.array(read.bare, dtype=bool),
            articles=articles,
            telling=~common & ~pair,
            name=(mostly | pair) & ~number,
            number=number,
            pair=pair,
            signs=np.array([words.is_unspaced(unit) for unit in every], dtype=bool),
        )

    def sums(self, wanted: Flags, values: Matrix, signs: Matrix | None = None) -> Sums:
        """Over the wanted units, with a value for each place of the table."""
        inside = wanted[self.units]
        some = None if signs is None else signs[inside]
        return Sums(self.size, self.units[inside], self.texts[inside], values[inside], some)

    def directions(self, wanted: Flags) -> tuple[Matrix, Flags]:
        """Values such that each text's wanted ones have the length 1, and which texts have any of them."""
        inside = wanted[self.units]
        norms = np.bincount(self.texts[inside], self.values[inside] ** 2, self.size)
        lengths = np.sqrt(np.where(norms == 0, 1.0, norms))
        return np.where(inside, self.values / lengths[self.texts], 0.0), np.asarray(norms > 0)

    def density(self, agreed: Flags, least: int) -> Matrix:
        """For each telling unit of so many texts or more the share of the pairs of them that agree."""
        found = np.zeros(len(self.articles))
        starts = np.concatenate([[0], np.cumsum(self.articles)])
        for unit in np.flatnonzero(self.telling & (self.articles >= least)):
            places = self.texts[starts[unit] : starts[unit + 1]]
            pairs = len(places) * (len(places) - 1)
            found[unit] = agreed[np.ix_(places, places)].sum() / pairs
        return found


class Units:
    """Texts as they are read: units numbered as they come, with their weights and whether they begin with a capital."""

    def __init__(self) -> None:
        self.number_of: defaultdict[str, int] = defaultdict(count().__next__)
        self.many: list[int] = []
        self.bare: list[bool] = []
        self._units, self._weights, self._capital = array("i"), array("d"), array("b")

    def add(self, text: Text) -> None:
        spelled = text.spelled
        self.many.append(len(text.weights))
        self.bare.append(text.bare)
        self._units.extend(map(self.number_of.__getitem__, text.weights))
        self._weights.extend(text.weights.values())
        self._capital.extend([u in spelled and spelled[u][0].isupper() for u in text.weights])

    def extend(
        self,
        many: Sequence[int],
        bare: Sequence[bool],
        units: Places,
        weights: Matrix,
        capital: Flags,
    ) -> None:
        """Add texts of so many units each; units by their numbers."""
        self.many.extend(many)
        self.bare.extend(bare)
        self._units.frombytes(units.astype(_SMALL).tobytes())
        self._weights.frombytes(weights.astype(float).tobytes())
        self._capital.frombytes(capital.astype(np.int8).tobytes())

    def by_unit(self, every: Sequence[str]) -> tuple[Places, Places, Matrix, Flags]:
        """Units (by their place in `every`), texts, weights and capitals, sorted by unit, then by text."""
        place_of = np.empty(len(every), _SMALL)
        place_of[[self.number_of[unit] for unit in every]] = np.arange(len(every))
        units = place_of[np.array(self._units, dtype=_SMALL)]
        order = np.argsort(units, kind="stable")
        texts = np.repeat(np.arange(len(self.many), dtype=_SMALL), self.many)
        weights = np.array(self._weights, dtype=float)
        capital = np.array(self._capital, dtype=bool)
        return units[order], texts[order], weights[order], capital[order]


def stacked(first: Sums, *others: Sums) -> Sums:
    """Several sums as one."""
    every, offset = [first], int(first.units.max(initial=-1)) + 1
    for one in others:
        every.append(Sums(one.size, one.units + offset, one.texts, one.values))
        offset += int(one.units.max(initial=-1)) + 1
    return Sums(
        first.size,
        np.concatenate([one.units for one in every]),
        np.concatenate([one.texts for one in every]),
        np.concatenate([one.values for one in every]),
    )
