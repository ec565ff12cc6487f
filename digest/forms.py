"""One form filled in twice: the weather of two towns, two days in court, two results, two obituaries.

Their wording is the same, and so they pass for copies; yet they tell of different things. What tells them
from a copy that was edited: an editor changes all sorts of words, a form only names and numbers.
"""

from __future__ import annotations

import math
import re

import numpy as np
from numpy.typing import NDArray

from digest.copies import Print, standing, units_of
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
    for word, after in _WORDS.findall(text):
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
        filled, over = _filled(here), _filled(there)
        if min(np.count_nonzero(filled), np.count_nonzero(over)) < _LEAST:
            return False
        return _is_filled_in(self._kinds(one[0]), filled, here) and _is_filled_in(
            self._kinds(other[0]), over, there
        )

    def _kinds(self, article: Article) -> Kinds:
        found = self._known.get(article.id)
        if found is None:
            found = self._known[article.id] = kinds(article.text)
        return found


def _is_filled_in(kinds: Kinds, filled: Flags, standing: Flags) -> bool:
    """Whether it is names and numbers that do not stand in the other text, far more than chance would put there."""
    changed = np.bincount(kinds[filled], minlength=3).tolist()
    many = np.bincount(kinds[filled | standing], minlength=3).tolist()
    expected = max(changed[PLAIN] / max(many[PLAIN], 1), _SOME)
    telling = changed[NAME] + changed[NUMBER], many[NAME] + many[NUMBER]
    for (differ, all_), least in (telling, _MOSTLY), ((changed[NUMBER], many[NUMBER]), _NUMBERS):
        beyond = expected + _BEYOND_CHANCE * math.sqrt(expected * (1 - expected) / max(all_, 1))
        if differ >= _LEAST and differ >= max(least, beyond) * all_:
            return True
    return False


def _filled(standing: Flags) -> Flags:
    """The units of short stretches that do not stand in the other text, between those that do."""
    edges = np.diff(standing.view(np.int8))
    ends, begins = np.flatnonzero(edges < 0) + 1, np.flatnonzero(edges > 0) + 1
    if not (len(begins) and len(ends)):
        return np.zeros(len(standing), dtype=bool)
    begins = begins[begins > ends[0]]
    ends = ends[: len(begins)]
    short = begins - ends <= _FILLED
    marks = np.zeros(len(standing), np.int8)
    marks[ends[short]] = 1
    marks[begins[short]] = -1
    return np.cumsum(marks, dtype=np.int8).view(np.bool_)
