"""The units of thousands of texts at once: what each text read by itself (`likeness.read`) would give a table.

A text's words become numbers, and some hundred texts are weighed together; that takes a third of the time.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from digest.unit_table import Units, ranges

#: So many texts are weighed together.
_AT_ONCE = 400
#: Sets the two names of a pair apart in one number.
_LEFT = 1 << 32

Numbers = NDArray[np.integer[Any]]
#: A title's words and the first ones of its text, and whether there is no text.
Words = tuple[Sequence[str], Sequence[str], bool]


class Word(Protocol):
    """A word as it is compared: its units, each as it is spelled; what it counts; its name, if it is one."""

    @property
    def units(self) -> tuple[tuple[str, str], ...]: ...
    @property
    def kind(self) -> float: ...
    @property
    def name(self) -> str: ...
    @property
    def small(self) -> bool: ...


@dataclass(frozen=True, slots=True)
class Scale:
    """What counts how much: each word of a title, the words of a text by their places, two names in a row."""

    title: float
    text: Sequence[float]
    pair: float


def read(
    texts: Iterable[Words], word_of: Callable[[str], Word | None], scale: Scale, units: Units
) -> None:
    """Add the texts to `units`. word_of: None for a word that says nothing."""
    vocabulary, pairs = _Vocabulary(word_of, units), dict[int, int]()
    waiting = iter(texts)
    while some := list(islice(waiting, _AT_ONCE)):
        tokens = _Tokens.of(some, vocabulary, scale)
        cells = tokens.cells(vocabulary, pairs, scale.pair)
        cells.add_to(units, [bare for _, _, bare in some])


class _Vocabulary(dict[str, int]):
    """Words by number, as they are met; of each its units, what it counts, its name's unit (-1 for none)."""

    def __init__(self, word_of: Callable[[str], Word | None], units: Units) -> None:
        super().__init__()
        self._word_of, self.known = word_of, units
        self.first, self.many, self.name = array("i"), array("i"), array("i")
        self.kind, self.small = array("d"), array("b")
        self.units, self.capital = array("i"), array("b")

    def __missing__(self, written: str) -> int:
        word, number = self._word_of(written), self.known.number_of
        self.first.append(len(self.units))
        self.many.append(len(word.units) if word else 0)
        self.name.append(number[word.name] if word and word.name else -1)
        self.kind.append(word.kind if word else 0.0)
        self.small.append(bool(word and word.small))
        for unit, spelling in word.units if word else ():
            self.units.append(number[unit])
            self.capital.append(spelling[0].isupper())
        self[written] = place = len(self)
        return place


@dataclass(frozen=True, slots=True)
class _Tokens:
    """All words of some texts in order. texts: whose each is; parts: of which title or text; weights: by its place."""

    words: Numbers
    texts: Numbers
    parts: Numbers
    weights: NDArray[np.float64]

    @classmethod
    def of(cls, texts: Sequence[Words], vocabulary: _Vocabulary, scale: Scale) -> _Tokens:
        words, sizes = array("i"), array("i")
        for title, lead, _ in texts:
            for part in (title, lead):
                words.extend(map(vocabulary.__getitem__, part))
                sizes.append(len(part))
        parts = np.repeat(np.arange(len(sizes)), sizes)
        starts = np.cumsum([0, *sizes])[:-1]
        places = np.arange(len(words)) - starts[parts]
        by_place = np.array(scale.text)[np.minimum(places, len(scale.text) - 1)]
        weights = np.where(parts % 2 == 0, scale.title, by_place)
        return cls(np.array(words), parts // 2, parts, weights)

    def cells(self, vocabulary: _Vocabulary, pairs: dict[int, int], pair: float) -> _Cells:
        """Each unit of each text, with all that it counts there."""
        many = np.array(vocabulary.many)[self.words]
        at = np.repeat(np.arange(len(many)), many)
        inside = ranges(np.array(vocabulary.first)[self.words], many)
        units = np.array(vocabulary.units)[inside]
        amounts = (np.array(vocabulary.kind)[self.words] * self.weights)[at]
        second, paired = self._pairs(vocabulary, pairs)
        none = np.zeros(len(second), dtype=bool)
        return _Cells.of(
            np.concatenate([self.texts[at], self.texts[second]]),
            np.concatenate([units, paired]),
            np.concatenate([amounts, pair * self.weights[second]]),
            np.concatenate([np.array(vocabulary.capital, dtype=bool)[inside], none]),
            np.concatenate([np.array(vocabulary.small, dtype=bool)[self.words][at], none]),
        )

    def _pairs(self, vocabulary: _Vocabulary, pairs: dict[int, int]) -> tuple[Numbers, Numbers]:
        """Where the second of two names in a row stands, and the unit of both."""
        names = np.array(vocabulary.name)[self.words].astype(np.int64)
        both = (names[1:] >= 0) & (names[:-1] >= 0) & (self.parts[1:] == self.parts[:-1])
        second = np.flatnonzero(both) + 1
        codes, back = np.unique(names[second - 1] * _LEFT + names[second], return_inverse=True)
        known = vocabulary.known.number_of
        if new := [code for code in codes.tolist() if code not in pairs]:
            spelled = list(known)
            for code in new:
                pairs[code] = known[f"{spelled[code // _LEFT]}_{spelled[code % _LEFT]}"]
        numbers = np.array([pairs[code] for code in codes.tolist()], dtype=np.int64)
        return second, numbers[back]


@dataclass(frozen=True, slots=True)
class _Cells:
    """A unit in a text, once, by text: what it counts, and whether it is written with a capital wherever it stands."""

    texts: Numbers
    units: Numbers
    weights: NDArray[np.float64]
    capital: NDArray[np.bool_]

    @classmethod
    def of(
        cls,
        texts: Numbers,
        units: Numbers,
        amounts: NDArray[np.float64],
        capital: NDArray[np.bool_],
        small: NDArray[np.bool_],
    ) -> _Cells:
        """Amounts are added up in their order, as they would be one after the other."""
        width = int(units.max(initial=0)) + 1
        found, first, at = np.unique(texts * width + units, return_index=True, return_inverse=True)
        weights = np.bincount(at, amounts, len(found)).astype(float, copy=False)
        ever_small = np.bincount(at, small, len(found)) > 0
        return cls(found // width, found % width, weights, capital[first] & ~ever_small)

    def add_to(self, units: Units, bare: Sequence[bool]) -> None:
        many = np.bincount(self.texts, minlength=len(bare))
        units.extend(many.tolist(), bare, self.units, self.weights, self.capital)
