"""One form filled in twice: the weather of two towns, two days in court, two results, two obituaries.

Their wording is the same, and so they pass for copies; yet they tell of different things. What tells them
from a copy that was edited: an editor changes all sorts of words, a form only names and numbers.
"""

from __future__ import annotations

import math
import re

import numpy as np
from numpy.typing import NDArray

from digest.copies import Print, standing, statements, units_of
from digest.model import Article, ArticleId

#: What a unit is: a plain word, a name (a capital where no sentence begins), a number.
PLAIN, NAME, NUMBER = 0, 1, 2
#: A stretch of more units than this was written anew, not filled in.
_FILLED = 8
#: So many names and numbers must differ, and this part of them; or of the numbers alone, since the same story
#: told in miles and by another clock has other numbers too.
_LEAST, _MOSTLY, _NUMBERS = 3, 0.5, 0.75
#: How many standard deviations above what the plain words' part would let expect; and the least part that is expected.
_BEYOND_CHANCE, _SOME = 4.0, 0.02

_WORDS = re.compile(r"(\w+)(\W*)")
_ENDS = frozenset(".!?:…。！？\n")

Kinds = NDArray[np.int8]
Flags = NDArray[np.bool_]


def kinds(text: str) -> Kinds:
    """The kind of each unit that `copies.print_of` compares, in order."""
    found: list[int] = []
    before = "."
    for word, after in _WORDS.findall(statements(text)):
        kind = NAME if word[0].isupper() and _ENDS.isdisjoint(before) else PLAIN
        found += [NUMBER if _is_number(unit) else kind for unit in units_of(word)]
        before = after
    return np.array(found, dtype=np.int8)


def _is_number(unit: str) -> bool:
    """A number, but not the zeros of thousands, which all round numbers have."""
    return unit[0].isdigit() and bool(unit.strip("0"))


class Forms:
    """Which articles are one form. Each is read once, and only where something was filled in."""

    def __init__(self) -> None:
        self._known: dict[ArticleId, Kinds] = {}

    def are_one(self, one: tuple[Article, Print], other: tuple[Article, Print]) -> bool:
        """Whether two articles of one wording tell of different things."""
        here, there = standing(one[1], other[1]), standing(other[1], one[1])
        if min(_filled(here).sum(), _filled(there).sum()) < _LEAST:
            return False
        return _is_filled_in(self._kinds(one[0]), here) and _is_filled_in(
            self._kinds(other[0]), there
        )

    def _kinds(self, article: Article) -> Kinds:
        found = self._known.get(article.id)
        if found is None:
            found = self._known[article.id] = kinds(article.text)
        return found


def _is_filled_in(kinds: Kinds, standing: Flags) -> bool:
    """Whether it is names and numbers that do not stand in the other text, far more than chance would put there."""
    filled = _filled(standing)
    telling = kinds != PLAIN
    expected = max(_part(filled, standing, ~telling)[0], _SOME)
    for some, least in (telling, _MOSTLY), (kinds == NUMBER, _NUMBERS):
        part, many = _part(filled, standing, some)
        beyond = expected + _BEYOND_CHANCE * math.sqrt(expected * (1 - expected) / max(many, 1))
        if part * many >= _LEAST and part >= max(least, beyond):
            return True
    return False


def _part(filled: Flags, standing: Flags, some: Flags) -> tuple[float, int]:
    """How much of these units was changed, and how many there are where both texts go on alike."""
    many = int(((filled | standing) & some).sum())
    return int((filled & some).sum()) / max(many, 1), many


def _filled(standing: Flags) -> Flags:
    """The units of short stretches that do not stand in the other text, between those that do."""
    found = np.zeros(len(standing), dtype=bool)
    edges = np.diff(standing.astype(np.int8))
    ends, begins = np.flatnonzero(edges < 0) + 1, np.flatnonzero(edges > 0) + 1
    if len(begins) and len(ends):
        begins = begins[begins > ends[0]]
        for end, begin in zip(ends, begins, strict=False):
            found[end:begin] = begin - end <= _FILLED
    return found
