"""How much two articles are about one event: the cosine of what few others of the week say.

Title twice and the first 150 words, the earliest counted most; names and numbers twice, two names in a row
once more as one. Everything is weighed by its rarity in this week, as if 150 other articles stood beside it.
All articles come from one house, whose style makes everything look alike: so names and numbers count once
more on their own, two articles must share rare words, and lie within days of each other.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from digest import words

#: How much of an article is compared: its lead tells what it is about.
FIRST_WORDS = 150
#: Up to here the first words count more, up to twice.
_EARLY_WORDS = 80
#: What a name, a number and a pair of names weigh beside a plain word.
_NAME, _NUMBER, _PAIR = 2.0, 2.0, 1.0
#: Two articles further apart than this are no longer one event.
FURTHEST = dt.timedelta(days=6)
#: A word is rare that stands in no more articles than this, or this share of them.
RARE_ARTICLES, RARE_SHARE = 8, 0.06
#: How many rare words, numbers and names two articles must share, and how many more for each different word
#: that the shorter one has less than LONG; near copies (SURELY) need no more.
LEAST_SHARED, LONG, SHORT_PART, SURELY = 3.0, 45.0, 0.25, 0.55
#: As if so many other articles stood beside the week's: keeps small weeks' weights steady.
OTHERS = 150
#: How much of a pair's likeness comes by way of what is most like each of them, and from where on.
_BY_WAY, _NEAR = 0.2, 0.15
#: Units of so many texts are added up together.
_FEW, _COLUMNS = 40, 512
#: How much names and numbers count once more on their own.
_BY_NAMES, _BY_NUMBERS = 0.5, 0.3
#: How many telling words two titles without any text must share, and how much of one a pair of signs is;
#: a likeness from here on is the same title.
_SHARED_BY_TITLES, _SIGNS, _SAME = 2.0, 0.5, 0.9
#: A word alone links titles where so many say it and this share of their pairs have more in common.
_BIG_STORY, _AGREED = 10, 0.3

Matrix = NDArray[np.float64]
Flags = NDArray[np.bool_]
Places = NDArray[np.int64]

_COMMON = frozenset(words.stem(word) for word in words.EVERYDAY)


@dataclass(slots=True)
class Text:
    """One article, as far as it is compared: weights by unit, a unit's spellings, and which are names."""

    when: dt.datetime | None
    bare: bool = False
    weights: dict[str, float] = field(default_factory=dict)
    spelled: dict[str, str] = field(default_factory=dict)


def read(title: str, text: str, when: dt.datetime | None) -> Text:
    """What of an article is compared. A title without a text is `bare`."""
    found = Text(when, bare=not text.strip())
    lead = words.tokens(text[: FIRST_WORDS * 40])[:FIRST_WORDS]
    _add(found, [(word, 2.0) for word in words.tokens(title)])
    _add(found, [(word, 1 + max(0.0, 1 - at / _EARLY_WORDS)) for at, word in enumerate(lead)])
    return found


def is_telling(unit: str) -> bool:
    """False for what every news site prints every day, for numbers and for pairs of names."""
    return unit not in _COMMON and not unit.isdigit() and "_" not in unit


@dataclass(frozen=True, slots=True)
class Pairs:
    """All pairs of texts. like: from 0 to 1. may: whether the two share enough to be one event at all."""

    like: Matrix
    may: Flags


def of(texts: Sequence[Text]) -> Pairs:
    """Likeness of all pairs, and which of them a rule forbids to be one event."""
    table = _Table.of(texts)
    like, evidence = _likeness(table)
    bare = np.array([text.bare for text in texts], dtype=bool)
    agreed = np.outer(bare, bare)
    if bare.any():
        agreed &= _titles_agree(table, like)
    like = _by_way(like)
    apart = _apart(texts)
    like[apart] = 0.0
    np.fill_diagonal(like, 0.0)
    needed = np.where(like >= SURELY, LEAST_SHARED, _needed(texts))
    return Pairs(like, ((evidence >= needed) | agreed) & ~apart)


def title_links(texts: Sequence[Text]) -> Matrix:
    """How strongly titles without a text hang together; 0 where nothing links two of them.

    Two links need two telling words, or the same title. In a story of many titles one word is enough, once it
    is proved by the others: most who say it share more.
    """
    table = _Table.of(texts)
    like, _ = _likeness(table)
    agreed = _titles_agree(table, like)
    proved = table.telling & (table.articles >= _BIG_STORY) & (table.density(agreed) >= _AGREED)
    linked = agreed | (table.products(proved, np.ones(len(table.values))) > 0)
    links = np.where(linked & ~_apart(texts), like * _shared(table), 0.0)
    np.fill_diagonal(links, 0.0)
    return links


def _add(found: Text, weighed: Sequence[tuple[str, float]]) -> None:
    before = ""
    for word, weight in weighed:
        if words.is_common(word):
            before = ""
            continue
        name, number = word[0].isupper(), word[0].isdigit()
        kind = _NAME if name else _NUMBER if number else 1.0
        for unit in words.shared_units(word):
            found.weights[unit] = found.weights.get(unit, 0.0) + kind * weight
            _spell(found, unit, word)
        if name and before:
            pair = f"{words.shared_units(before)[0]}_{words.shared_units(word)[0]}"
            found.weights[pair] = found.weights.get(pair, 0.0) + _PAIR * weight
        before = word if name else ""


def _spell(found: Text, unit: str, word: str) -> None:
    known = found.spelled.get(unit)
    if known is None or (known[0].isupper() and word[0].islower()):
        found.spelled[unit] = word if len(unit) > 2 or word.isascii() else unit


def _shared(table: _Table) -> Matrix:
    """How many telling words each pair shares."""
    worth = np.where(table.signs, np.sqrt(_SIGNS), 1.0)
    return table.products(table.telling, worth[table.units])


def _titles_agree(table: _Table, like: Matrix) -> Flags:
    """The pairs of titles that are about one event without any text to say so."""
    return np.asarray((_shared(table) >= _SHARED_BY_TITLES) | (like >= _SAME))


def _likeness(table: _Table) -> tuple[Matrix, Matrix]:
    """Likeness before any rule, and the evidence: how many rare words, numbers and whole names a pair shares.

    Plain words are what two accounts of one kind of event have in common; names and numbers tell two such
    events apart, so they count once more on their own where both texts have any.
    """
    rare = table.articles <= max(RARE_ARTICLES, table.size * RARE_SHARE)
    ones = np.ones(len(table.values))
    evidence = table.products(rare & table.telling, ones)
    evidence -= table.products(rare & table.pair, ones)  # a name of two words is one name
    every, _ = table.cosines(np.ones(len(table.articles), dtype=bool))
    names, named = table.cosines(table.name)
    numbers, _ = table.cosines(table.number)
    like = every + _BY_NAMES * names + _BY_NUMBERS * numbers
    like /= 1 + _BY_NAMES * np.outer(named, named) + _BY_NUMBERS / 3
    return np.minimum(like, 1.0), evidence


@dataclass(frozen=True, slots=True)
class _Table:
    """Every (unit, text) that there is, sorted by unit, with its value; and what is known of each unit.

    articles: in how many texts a unit stands. telling: a word that tells stories apart, or a number.
    signs: of a script without spaces.
    """

    size: int
    units: Places
    texts: Places
    values: Matrix
    articles: Places
    telling: Flags
    name: Flags
    number: Flags
    pair: Flags
    signs: Flags

    @classmethod
    def of(cls, texts: Sequence[Text]) -> _Table:
        every = sorted({unit for text in texts for unit in text.weights})
        number_of = {unit: number for number, unit in enumerate(every)}
        found = [
            (number_of[u], at, w) for at, text in enumerate(texts) for u, w in text.weights.items()
        ]
        found.sort()
        table = np.array(found, dtype=float).reshape(-1, 3)
        units, places = table[:, 0].astype(np.int64), table[:, 1].astype(np.int64)
        articles = np.bincount(units, minlength=len(every))
        common = np.array([unit in _COMMON for unit in every], dtype=bool)
        pair = np.array(["_" in unit for unit in every], dtype=bool)
        rarity = np.log((len(texts) + OTHERS) / (articles + 0.5)) * np.where(common, 0.3, 1.0)
        capital = [texts[at].spelled.get(every[u], "")[:1].isupper() for u, at, _ in found]
        mostly = np.bincount(units, np.array(capital, dtype=float), len(every)) * 2 > articles
        number = np.array([unit[0].isdigit() for unit in every], dtype=bool)
        values = (1 + np.log(table[:, 2])) * rarity[units]
        name = (mostly | pair) & ~number
        telling = ~common & ~pair
        signs = np.array([words.is_unspaced(unit) for unit in every], dtype=bool)
        return cls(len(texts), units, places, values, articles, telling, name, number, pair, signs)

    def density(self, agreed: Flags) -> Matrix:
        """For each unit the share of the pairs of texts with it that agree."""
        found = np.zeros(len(self.articles))
        starts = np.concatenate([[0], np.cumsum(self.articles)])
        for unit in np.flatnonzero(self.telling & (self.articles >= _BIG_STORY)):
            places = self.texts[starts[unit] : starts[unit + 1]]
            pairs = len(places) * (len(places) - 1)
            found[unit] = agreed[np.ix_(places, places)].sum() / pairs
        return found

    def products(self, wanted: Flags, values: Matrix) -> Matrix:
        """For each pair of texts the sum, over the wanted units of both, of the products of their values."""
        whole = self._of_many(wanted, values)
        starts = np.concatenate([[0], np.cumsum(self.articles)])
        few, products = [], []
        for count in range(2, _FEW + 1):
            of_count = starts[:-1][wanted & (self.articles == count)]
            at = of_count[:, None] + np.arange(count)
            places, weights = self.texts[at], values[at]
            few.append((places[:, :, None] * self.size + places[:, None, :]).ravel())
            products.append((weights[:, :, None] * weights[:, None, :]).ravel())
        if sum(map(len, few)):
            flat = np.bincount(np.concatenate(few), np.concatenate(products), self.size**2)
            whole += flat.reshape(self.size, self.size)
        return whole

    def _of_many(self, wanted: Flags, values: Matrix) -> Matrix:
        """The products of the units that stand in many texts: a table of those is full enough."""
        whole = np.zeros((self.size, self.size))
        many = np.flatnonzero(wanted & (self.articles > _FEW))
        for start in range(0, len(many), _COLUMNS):
            column = np.full(len(self.articles), -1)
            block = many[start : start + _COLUMNS]
            column[block] = np.arange(len(block))
            inside = column[self.units] >= 0
            table = np.zeros((self.size, len(block)))
            table[self.texts[inside], column[self.units[inside]]] = values[inside]
            whole += table @ table.T
        return whole

    def cosines(self, wanted: Flags) -> tuple[Matrix, Flags]:
        """Cosines of all pairs by the wanted units alone, and which texts have any of them."""
        inside = wanted[self.units]
        norms = np.bincount(self.texts[inside], self.values[inside] ** 2, self.size)
        lengths = np.sqrt(np.where(norms == 0, 1.0, norms))
        found = self.products(wanted, self.values) / np.outer(lengths, lengths)
        np.fill_diagonal(found, 0.0)
        return np.asarray(found), np.asarray(norms > 0)


def _needed(texts: Sequence[Text]) -> Matrix:
    """The evidence that each pair needs: more where a text is short.

    A few names make two short texts look alike; a place and its usual speaker are no event.
    """
    sizes = np.array([float(sum("_" not in unit for unit in text.weights)) for text in texts])
    missing = np.maximum(0.0, LONG - np.minimum.outer(sizes, sizes))
    return np.asarray(LEAST_SHARED + missing * SHORT_PART)


def _by_way(like: Matrix) -> Matrix:
    """Each pair's likeness, a part of it by way of their nearest: one event is told in several words."""
    through = np.zeros_like(like)
    for place, row in enumerate(like):
        near = np.flatnonzero(row >= _NEAR)
        if len(near):
            through[place] = row[near] @ like[near] / row[near].sum()
    mixed = (1 - _BY_WAY) * like + _BY_WAY * (through + through.T) / 2
    return np.asarray(mixed)


def _apart(texts: Sequence[Text]) -> Flags:
    """True for pairs that lie further apart than FURTHEST; never where a date is missing."""
    seconds = np.array([t.when.timestamp() if t.when else np.nan for t in texts])
    gaps = np.abs(seconds[:, None] - seconds[None, :])
    return np.asarray(gaps > FURTHEST.total_seconds())


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
