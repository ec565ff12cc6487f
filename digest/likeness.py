"""How much two articles are about one event: the cosine of what few others of the week say.

Title twice and the first 150 words, the earliest counted most; names and numbers twice, two names in a row
once more as one. Everything is weighed by its rarity in this week, as if 150 other articles stood beside it.
All articles come from one house, whose style makes everything look alike: so names and numbers count once
more on their own, two articles must share rare words, and lie within days of each other.
"""

from __future__ import annotations

import datetime as dt
import functools
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import NamedTuple

import numpy as np

from digest import many_texts, words
from digest.protocols import TitledText
from digest.unit_table import (
    Flags,
    Matrix,
    Places,
    Sums,
    Text,
    Units,
    UnitTable,
    is_telling,
    stacked,
)

__all__ = [
    "SAME",
    "SHARED_BY_TITLES",
    "Flags",
    "Matrix",
    "Pairs",
    "Text",
    "apart",
    "before_rules",
    "connected",
    "cut",
    "is_telling",
    "mirror",
    "of",
    "of_later",
    "read",
    "shared_counts",
    "table_of",
    "worth_by_script",
]

#: How much of an article is compared: its lead tells what it is about.
FIRST_WORDS = 150
_SIGNS_OF_TEXT = FIRST_WORDS * 40
#: Up to here the first words count more, up to twice.
_EARLY_WORDS = 80
#: What a name, a number, a pair of names and a word of the title weigh beside a plain word.
_NAME, _NUMBER, _PAIR, _TITLE = 2.0, 2.0, 1.0, 2.0
#: Two articles further apart than this are no longer one event.
FURTHEST = dt.timedelta(days=6)
#: A word is rare that stands in no more articles than this, or this share of them.
RARE_ARTICLES, RARE_SHARE = 8, 0.06
#: How many rare words, numbers and names two articles must share, and how many more for each different word
#: that the shorter one has less than LONG; near copies (SURELY) need no more.
LEAST_SHARED, LONG, SHORT_PART, SURELY = 3.0, 45.0, 0.25, 0.55
#: How much of a pair's likeness comes by way of what is most like each of them, and from where on.
_BY_WAY, _NEAR = 0.2, 0.15
#: Less like than this two texts are not brought over a threshold by any way.
_WORTH = 0.1
#: What each of the first words counts, by its place.
_EARLIER = tuple(1 + max(0.0, 1 - at / _EARLY_WORDS) for at in range(FIRST_WORDS))
#: How much names and numbers count once more on their own.
_BY_NAMES, _BY_NUMBERS = 0.5, 0.3
#: How many telling words two titles without any text must share, and how much of one a pair of signs is;
#: a likeness from here on is the same title.
SHARED_BY_TITLES, _SIGNS, SAME = 2.0, 0.5, 0.9


def read(title: str, text: str, when: dt.datetime | None) -> Text:
    """What of an article is compared. A title without a text is `bare`."""
    found = Text(when, bare=not text.strip())
    lead = words.first(text, FIRST_WORDS, signs=_SIGNS_OF_TEXT)
    _add(found, ((word, _TITLE) for word in words.tokens(title)))
    _add(found, zip(lead, _EARLIER, strict=False))
    return found


def table_of(texts: Iterable[TitledText]) -> UnitTable:
    """The table of these texts, as of each one read by itself."""
    units, scale = Units(), many_texts.Scale(_TITLE, _EARLIER, _PAIR)
    found = (
        (
            words.tokens(title),
            words.first(text, FIRST_WORDS, signs=_SIGNS_OF_TEXT),
            not text.strip(),
        )
        for title, text in texts
    )
    many_texts.read(found, _known, scale, units)
    return UnitTable.of_units(units)


@dataclass(frozen=True, slots=True)
class Pairs:
    """All pairs of texts. like: from 0 to 1. may: whether the two share enough to be one event at all."""

    like: Matrix
    may: Flags


def of(texts: Sequence[Text]) -> Pairs:
    """Likeness of all pairs, and which of them a rule forbids to be one event."""
    table, every = UnitTable.of(texts), np.arange(len(texts))
    like = np.empty((len(texts), len(texts)))
    sums, named = before_rules(table)
    for block, summed in sums.in_blocks(every, len(texts)):
        like[block] = cut(summed, named, block)
    evidence = _Evidence.of(table, every, like)
    mirror(like)
    _go_by_way(like)
    np.fill_diagonal(like, 0.0)
    may = evidence.allows(like)
    for place, far in enumerate(apart(texts)):
        like[place, far], may[place, far] = 0.0, False
    return Pairs(like, may)


@dataclass(frozen=True, slots=True)
class Later:
    """Later texts (rows) held against those before that are like any of them at all (columns), by their places."""

    before: Places
    pairs: Pairs


def of_later(texts: Iterable[TitledText], before: Iterable[TitledText], many: int) -> Later:
    """Likeness of each of `many` texts to each of those before, whatever days lie between.

    What two of those before share is asked only of those that are like a later one at all: they are many.
    """
    table = table_of(chain(texts, before))
    sums, named = before_rules(table)
    like = np.empty((table.size, many), dtype=np.float32)
    for block, summed in sums.in_blocks(np.arange(table.size), many):
        like[block] = cut(summed, named, block)
    worth = many + np.flatnonzero(like[many:].max(axis=1, initial=0.0) >= _WORTH)
    evidence, ways = _Evidence.of(table, worth, like[worth]), _Ways.of(like)
    mixed, at = like[worth] * np.float32(1 - _BY_WAY), 0
    for block, summed in sums.in_blocks(worth, table.size):
        for row in cut(summed, named, block):
            mixed[at] += _BY_WAY * ways.of_one(row) / 2
            at += 1
    return Later(worth - many, Pairs(mixed.T, evidence.allows(mixed).T))


class _Word(NamedTuple):
    """A word as it is compared. units: each with its spelling; kind: how much they count.

    name: the first unit of a name, else empty. small: whether it begins with a small letter.
    """

    units: tuple[tuple[str, str], ...]
    kind: float
    name: str
    small: bool


@functools.lru_cache(maxsize=20_000)  # all but the rarest of a week's words
def _known(word: str) -> _Word | None:
    """None for a word that says nothing of the matter."""
    if words.is_common(word):
        return None
    is_name, units = word[0].isupper(), words.shared_units(word)
    kind = _NAME if is_name else _NUMBER if word[0].isdigit() else 1.0
    spelled = ((one, word if len(one) > 2 or word.isascii() else one) for one in units)
    return _Word(tuple(spelled), kind, units[0] if is_name else "", word[0].islower())


def _add(found: Text, weighed: Iterable[tuple[str, float]]) -> None:
    weights, spelled, before = found.weights, found.spelled, ""
    for written, weight in weighed:
        word = _known(written)
        if word is None:
            before = ""
            continue
        units, kind, name, small = word
        for unit, spelling in units:
            weights[unit] = weights.get(unit, 0.0) + kind * weight
            if unit not in spelled or (small and spelled[unit][0].isupper()):
                spelled[unit] = spelling
        if name and before:
            pair = f"{before}_{name}"
            weights[pair] = weights.get(pair, 0.0) + _PAIR * weight
        before = name


# ---------------------------------------------------------------- what pairs share


def _shared(table: UnitTable) -> Sums:
    """How many telling words each pair shares."""
    return table.sums(table.telling, np.sqrt(worth_by_script(table))[table.units])


def worth_by_script(table: UnitTable) -> Matrix:
    """What each unit counts beside a word of a script with spaces."""
    return np.where(table.signs, _SIGNS, 1.0)


def before_rules(table: UnitTable) -> tuple[Sums, Flags]:
    """Likeness before any rule, and which texts have names.

    Plain words are what two accounts of one kind of event have in common; names and numbers tell two such
    events apart, so they count once more on their own where both texts have any.
    """
    every, _ = table.directions(np.ones(len(table.articles), dtype=bool))
    names, named = table.directions(table.name)
    numbers, _ = table.directions(table.number)
    return stacked(
        table.sums(np.ones(len(table.articles), dtype=bool), every),
        table.sums(table.name, np.sqrt(_BY_NAMES) * names),
        table.sums(table.number, np.sqrt(_BY_NUMBERS) * numbers),
    ), named


def cut(sums: Matrix, named: Flags, block: Places) -> Matrix:
    """Likeness of a block's texts to the first so many, from 0 to 1, and 0 to themselves. Made of `sums`, in place."""
    width = sums.shape[1]
    both = named[block][:, np.newaxis] & named[:width]
    sums /= np.where(both, 1 + _BY_NAMES + _BY_NUMBERS / 3, 1 + _BY_NUMBERS / 3)
    np.minimum(sums, 1.0, out=sums)
    own = np.flatnonzero(block < width)
    sums[own, block[own]] = 0.0
    return sums


@dataclass(frozen=True, slots=True)
class _Evidence:
    """What some texts (rows) share with others. enough: whether two may be one event if they are very much alike; plenty: in any case."""

    enough: Flags
    plenty: Flags

    @classmethod
    def of(cls, table: UnitTable, rows: Places, like: Matrix) -> _Evidence:
        """Of these rows with the first texts, as many as `like` has columns; what is rare is asked of all."""
        columns = like.shape[1]
        enough, plenty = (np.empty(like.shape, dtype=bool) for _ in range(2))
        at = 0
        for block, shared in _rare(table).in_blocks(rows, columns):
            here = slice(at, at := at + len(block))
            enough[here] = shared >= LEAST_SHARED
            plenty[here] = shared >= _needed(table.words[block], table.words[:columns])
        if table.bare.any():
            plenty |= _same_titles(table, rows, like)
        return cls(enough, plenty)

    def allows(self, like: Matrix) -> Flags:
        return np.asarray(self.plenty | (self.enough & (like >= SURELY)))


def _rare(table: UnitTable) -> Sums:
    """How many rare words, numbers and whole names each pair shares."""
    rare = table.articles <= max(RARE_ARTICLES, table.size * RARE_SHARE)
    wanted = rare & (table.telling | table.pair)
    signs = np.where(table.pair, -1.0, 1.0)  # a name of two words is one name
    return table.sums(wanted, np.ones(len(table.values)), signs[table.units])


def _same_titles(table: UnitTable, rows: Places, like: Matrix) -> Flags:
    """Pairs of titles without a text that share telling words, or are the same."""
    columns, at = like.shape[1], 0
    found = np.outer(table.bare[rows], table.bare[:columns])
    for block, shared in _shared(table).in_blocks(rows, columns):
        here = slice(at, at := at + len(block))
        found[here] &= (shared >= SHARED_BY_TITLES) | (like[here] >= SAME)
    return found


def _needed(sizes: Matrix, others: Matrix) -> Matrix:
    """The evidence that each pair needs: more where a text is short.

    A few names make two short texts look alike; a place and its usual speaker are no event.
    """
    missing = np.maximum(0.0, LONG - np.minimum.outer(sizes, others))
    return np.asarray(LEAST_SHARED + missing * SHORT_PART)


def mirror(matrix: Matrix) -> None:
    """Both halves the same to the last digit, whatever the order in which they were added up."""
    for place in range(1, len(matrix)):
        matrix[place, :place] = matrix[:place, place]


def apart(texts: Sequence[Text]) -> Iterator[Flags]:
    """For each text True for those further away than FURTHEST; never where a date is missing."""
    moments = np.array([t.when.timestamp() if t.when else np.nan for t in texts])
    for moment in moments:
        yield np.abs(moments - moment) > FURTHEST.total_seconds()


# ---------------------------------------------------------------- by way of others


def _go_by_way(like: Matrix) -> None:
    """Make a part of each pair's likeness come by way of their nearest: one event is told in several words."""
    through = np.zeros_like(like)
    for place, row in enumerate(like):
        near = np.flatnonzero(row >= _NEAR)
        if len(near):
            through[place] = row[near] @ like[near] / row[near].sum()
    like *= 1 - _BY_WAY
    for place, row in enumerate(like):
        row += _BY_WAY * (through[place] + through[:, place]) / 2


@dataclass(frozen=True, slots=True)
class _Ways:
    """Ways by others to some texts (columns). one, other, weights: what is near each of them, and how near."""

    like: Matrix
    one: Places
    other: Places
    weights: Matrix
    whole: Matrix

    @classmethod
    def of(cls, like: Matrix) -> _Ways:
        other, one = np.nonzero(like >= _NEAR)
        weights = like[other, one].astype(float)
        whole = np.bincount(one, weights, like.shape[1]).astype(float, copy=False)
        whole[whole == 0] = 1.0
        return cls(like, one, other, weights, whole)

    def of_one(self, row: Matrix) -> Matrix:
        """From one text by its nearest, and back by theirs. row: its likeness to all."""
        there = np.bincount(self.one, self.weights * row[self.other], len(self.whole)) / self.whole
        near = np.flatnonzero(row >= _NEAR)
        if not len(near):
            return np.asarray(there)
        return np.asarray(there + row[near] @ self.like[near] / row[near].sum())


def connected(near: Flags) -> Iterator[list[int]]:
    """The parts of the graph with more than one place; average link never joins two of them."""
    seen = np.zeros(len(near), dtype=bool)
    for start in range(len(near)):
        if seen[start]:
            continue
        part, todo = [start], [start]
        seen[start] = True
        while todo:
            for place in np.flatnonzero(near[todo.pop()] & ~seen):
                seen[place] = True
                part.append(int(place))
                todo.append(int(place))
        if len(part) > 1:
            yield sorted(part)


def shared_counts(texts: Sequence[Text]) -> Counter[str]:
    """In how many of the texts each unit stands."""
    return Counter(unit for text in texts for unit in text.weights)
