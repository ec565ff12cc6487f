"""An article read once: its words and pairs of words, where each stands and how often.

What a person would put into a summary can be foreseen best word by word (Hong and Nenkova 2014, "Improving
the Estimation of Word Importance"); so the measures of words and of pairs stand here, for `chooser`.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property, lru_cache
from itertools import chain, pairwise

import numpy as np
import numpy.typing as npt

from digest import words

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

#: So many units from the start are "early".
EARLY = 3
#: A word of the title counts as so many more of the text, where the text has it too.
TITLE_COUNTS = 1.0

WORD_MEASURES = (
    "log count", "share of text", "log place", "1 / place", "in first", "first in second",
    "share of units", "log units", "early", "in title", "capital", "capital x log count", "number",
    "common", "everyday", "letters", "log length of text", "log count / place",
    "common x log count", "last place",
)  # fmt: skip
PAIR_MEASURES = (
    "one", "other", "one x other", "log count", "log place", "in first", "first in second",
    "in title", "one common", "other common", "both common", "log units", "log count of matter",
)  # fmt: skip


@lru_cache(maxsize=50_000)
def _traits(word: str) -> tuple[float, float, float]:
    """Whether it has a digit, whether everybody uses it every day, its letters in tens (at most 1.2)."""
    number = not word.isalpha() and any(map(str.isdigit, word))
    return float(number), float(word in words.EVERYDAY), min(len(word), 12) / 10


class Tally:
    """How often each thing stands in a text, in how many units, and where first and last."""

    def __init__(self, things: Ints, places: Ints, size: int) -> None:
        """things, places: what stands there, one after the other, and in which unit; size: how many things."""
        self.count = np.bincount(things, minlength=size).astype(float)
        self.last = np.zeros(size)
        self.last[things] = places
        self.first = np.zeros(size)
        self.first[things[::-1]] = places[::-1]
        span = int(places.max(initial=0)) + 1
        once = np.unique(things * span + places) // span
        self.units = np.bincount(once, minlength=size).astype(float)


class Reading:
    """The words and pairs of a text's units.

    words: in the order of their first places. pairs: two word numbers a row. `ids` and `places`: the text
    as word numbers, and the unit of each.
    """

    def __init__(self, title: str, texts: Sequence[str]) -> None:
        self.headline, self.texts, self.units = title, texts, len(texts)
        numbers: dict[str, int] = {}
        written = [words.tokens(text) for text in texts]
        every = [word for inside in written for word in inside]
        stems = list(map(words.shared_units, every))
        each = np.fromiter(map(len, stems), np.int64, len(stems))
        ids = [numbers.setdefault(one, len(numbers)) for some in stems for one in some]
        capitals = np.array([word[0].isupper() for word in every], dtype=bool)
        places = np.repeat(np.arange(len(texts)), [len(inside) for inside in written])
        self.words = list(numbers)
        self.ids, self.places = np.array(ids, dtype=np.int64), np.repeat(places, each)
        self._capitals = np.repeat(capitals, each)
        self.title = [stem for word in words.tokens(title) for stem in words.shared_units(word)]
        self._numbers = numbers
        self._read_pairs()

    def _read_pairs(self) -> None:
        size = max(1, len(self.words))
        inside = self.places[1:] == self.places[:-1]
        codes = self.ids[:-1][inside] * size + self.ids[1:][inside]
        self._codes, self.pair_ids = np.unique(codes, return_inverse=True)
        self.pair_places = self.places[1:][inside]
        self.pairs = np.column_stack([self._codes // size, self._codes % size])

    @cached_property
    def common(self) -> npt.NDArray[np.bool_]:
        """Which words carry grammar and no matter."""
        return np.array([word in words.STOP for word in self.words], dtype=bool)

    @cached_property
    def titled(self) -> npt.NDArray[np.bool_]:
        """Which words of the matter stand in the title too."""
        title = frozenset(self.title)
        return np.array([word in title for word in self.words], dtype=bool) & ~self.common

    @cached_property
    def count(self) -> Floats:
        """How often each word stands in the text."""
        return self._tally.count

    @cached_property
    def _tally(self) -> Tally:
        return Tally(self.ids, self.places, len(self.words))

    @cached_property
    def word_measures(self) -> Floats:
        """A row a word, a column each of WORD_MEASURES."""
        titled, common, tally = self.titled, self.common, self._tally
        size, length = len(self.words), max(1, self.units)
        count = tally.count + TITLE_COUNTS * titled
        first = np.where(titled, 0, tally.first)
        units, early = tally.units + titled, self._times(self.places < EARLY)
        inside = np.append(False, self.places[1:] == self.places[:-1])[: len(self.ids)]
        capital = self._times(inside & self._capitals) / np.maximum(1, self._times(inside))
        total, logs = max(1.0, count.sum() - titled.sum()), np.log(count)
        traits = chain.from_iterable(map(_traits, self.words))
        number, everyday, letters = np.fromiter(traits, float, 3 * size).reshape(-1, 3).T
        columns = [
            logs, count / total * 100, np.log1p(first), 1 / (1 + first), first == 0, first == 1,
            units / length, np.log1p(units - 1), np.minimum(early + titled, 4),
            titled, capital, capital * logs, number,
            common, everyday, letters, np.full(size, np.log(total)),
            logs / (1 + first), common * logs, tally.last / length,
        ]  # fmt: skip
        return np.column_stack([np.asarray(c, dtype=float) for c in columns])

    def _times(self, which: npt.NDArray[np.bool_]) -> Floats:
        times: Floats = np.bincount(self.ids[which], minlength=len(self.words)).astype(float)
        return times

    def pair_measures(self, chances: Floats) -> Floats:
        """A row a pair, a column each of PAIR_MEASURES. chances: of each word, from its measures."""
        sure = np.clip(chances, 1e-4, 1 - 1e-4)
        odds = np.log(sure / (1 - sure))
        one, other = odds[self.pairs[:, 0]], odds[self.pairs[:, 1]]
        plain, plainer = self.common[self.pairs[:, 0]], self.common[self.pairs[:, 1]]
        return np.column_stack(
            [one, other, one * other / 5, *self._pair_places, plain, plainer, plain & plainer,
             self._pair_units, self._pair_places[0] * ~plain * ~plainer]
        )  # fmt: skip

    @cached_property
    def _pair_tally(self) -> Tally:
        return Tally(self.pair_ids, self.pair_places, len(self.pairs))

    @cached_property
    def _pair_units(self) -> Floats:
        units: Floats = np.log1p(self._pair_tally.units - 1)
        return units

    @cached_property
    def _pair_places(self) -> tuple[Floats, ...]:
        tally = self._pair_tally
        first = tally.first
        numbers = [self._numbers.get(stem, -1) for stem in self.title]
        size = max(1, len(self.words))
        known = [a * size + b for a, b in pairwise(numbers) if a >= 0 and b >= 0]
        titled = np.isin(self._codes, np.array(known, dtype=np.int64))
        flags = (first == 0.0, first == 1.0, titled)
        return (np.log(tally.count), np.log1p(first), *(flag.astype(float) for flag in flags))
