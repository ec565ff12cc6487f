"""An article read once: its words and pairs of words, where each stands and how often.

What a person would put into a summary can be foreseen best word by word (Hong and Nenkova 2014, "Improving
the Estimation of Word Importance"); so the measures of words and of pairs stand here, for `chooser`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

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


@dataclass(slots=True)
class Tally:
    """How often something stands in a text, in how many units, and where first and last."""

    number: int
    first: int
    last: int
    count: int = 0
    units: int = 1
    early: int = 0
    inside: int = 0
    capital: int = 0

    def seen(self, place: int) -> None:
        """Once more, in the unit at `place`."""
        self.count += 1
        self.early += place < EARLY
        if place != self.last:
            self.units += 1
            self.last = place


@dataclass
class Reading:
    """The words and pairs of a text's units. `rows`: each unit's word numbers in order."""

    units: int
    rows: list[list[int]] = field(default_factory=list)
    words: dict[str, Tally] = field(default_factory=dict)
    pairs: dict[tuple[int, int], Tally] = field(default_factory=dict)
    title: frozenset[str] = frozenset()
    title_pairs: frozenset[tuple[int, int]] = frozenset()

    @cached_property
    def common(self) -> npt.NDArray[np.bool_]:
        """Which words carry grammar and no matter."""
        return np.array([word in words.STOP for word in self.words], dtype=bool)

    @cached_property
    def titled(self) -> npt.NDArray[np.bool_]:
        """Which words of the matter stand in the title too."""
        found = np.array([word in self.title for word in self.words], dtype=bool)
        return found & ~self.common

    @cached_property
    def word_measures(self) -> Floats:
        """A row a word, a column each of WORD_MEASURES."""
        tallies = list(self.words.values())
        titled, common = self.titled, self.common
        count = _of(tallies, "count") + TITLE_COUNTS * titled
        first = np.where(titled, 0, _of(tallies, "first"))
        units = _of(tallies, "units") + titled
        capital = _of(tallies, "capital") / np.maximum(1, _of(tallies, "inside"))
        total, logs = max(1.0, count.sum() - titled.sum()), np.log(count)
        length = max(1, self.units)
        columns = [
            logs, count / total * 100, np.log1p(first), 1 / (1 + first), first == 0, first == 1,
            units / length, np.log1p(units - 1), np.minimum(_of(tallies, "early") + titled, 4),
            titled, capital, capital * logs, [any(c.isdigit() for c in w) for w in self.words],
            common, [w in words.EVERYDAY for w in self.words],
            [min(len(w), 12) / 10 for w in self.words], np.full(len(tallies), np.log(total)),
            logs / (1 + first), common * logs, _of(tallies, "last") / length,
        ]  # fmt: skip
        return np.column_stack([np.asarray(c, dtype=float) for c in columns])

    @cached_property
    def ends(self) -> Ints:
        """The two word numbers of each pair."""
        return np.array(list(self.pairs), dtype=np.int64).reshape(-1, 2)

    def pair_measures(self, chances: Floats) -> Floats:
        """A row a pair, a column each of PAIR_MEASURES. chances: of each word, from its measures."""
        tallies = list(self.pairs.values())
        sure = np.clip(chances, 1e-4, 1 - 1e-4)
        odds = np.log(sure / (1 - sure))
        one, other = odds[self.ends[:, 0]], odds[self.ends[:, 1]]
        plain, plainer = self.common[self.ends[:, 0]], self.common[self.ends[:, 1]]
        logs, first = np.log(_of(tallies, "count")), _of(tallies, "first")
        columns = [
            one, other, one * other / 5, logs, np.log1p(first), first == 0, first == 1,
            [pair in self.title_pairs for pair in self.pairs], plain, plainer, plain & plainer,
            np.log1p(_of(tallies, "units") - 1), logs * ~plain * ~plainer,
        ]  # fmt: skip
        return np.column_stack([np.asarray(c, dtype=float) for c in columns])


def _of(tallies: Sequence[Tally], name: str) -> Floats:
    return np.array([getattr(tally, name) for tally in tallies], dtype=float)


def read(title: str, texts: Sequence[str]) -> Reading:
    """A reading of a text's units, each on one line."""
    reading = Reading(len(texts))
    stems: dict[str, list[str]] = {}
    for place, text in enumerate(texts):
        reading.rows.append(_row(reading, text, place, stems))
    units = [unit for word in words.tokens(title) for unit in words.shared_units(word)]
    reading.title = frozenset(units)
    numbers = [reading.words[u].number if u in reading.words else -1 for u in units]
    reading.title_pairs = frozenset(zip(numbers, numbers[1:], strict=False))
    return reading


def _row(reading: Reading, text: str, place: int, stems: dict[str, list[str]]) -> list[int]:
    row: list[int] = []
    for written in words.tokens(text):
        if written not in stems:
            stems[written] = words.shared_units(written)
        for stem in stems[written]:
            tally = reading.words.get(stem)
            if tally is None:
                tally = reading.words[stem] = Tally(len(reading.words), place, place)
            tally.seen(place)
            if row:
                tally.inside += 1
                tally.capital += written[0].isupper()
                _pair(reading, (row[-1], tally.number), place)
            row.append(tally.number)
    return row


def _pair(reading: Reading, pair: tuple[int, int], place: int) -> None:
    tally = reading.pairs.get(pair)
    if tally is None:
        tally = reading.pairs[pair] = Tally(len(reading.pairs), place, place)
    tally.seen(place)
