"""What says nothing of two texts that have it in common: the frame of a week's articles, and what all are asked.

Where to get help, how to watch, the questions to every candidate: where such things are most of a text, two texts
pass for copies of which each tells something else.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from digest.copies import LEAST, Codes, Print, print_of
from digest.model import Article, ArticleId

#: What more texts than this have is the frame of their week; who were asked so many of the same questions, were asked alike.
_MANY, _ASKED = 16, 3
#: Two texts of which so much is their own share nothing else if less than this part of it is the other's too.
_OWN, _SHARED = 0.3, 0.1

_AFTER_A_SENTENCE = re.compile(r"(?<=[?？؟!.。！\n])(?=\s|$)|(?<=[？。！])")
_MARKS = ("?", "？", "؟")


class Frame:
    """The frame of a week's texts, each known by its place."""

    def __init__(self, prints: Sequence[Print]) -> None:
        every = np.concatenate([np.empty(0, np.uint64), *(one.shingles for one in prints)])
        codes, many = np.unique(every, return_counts=True)
        self._frame = codes[many > _MANY]
        self._prints = prints
        self._own: dict[int, Codes] = {}

    def is_all(self, one: int, other: int) -> bool:
        """Whether two texts have nothing in common but the frame, and each enough of its own to tell."""
        return _share_little(self._own_of(one), self._own_of(other))

    def _own_of(self, place: int) -> Codes:
        found = self._own.get(place)
        if found is None:
            whole = self._prints[place].shingles
            rest = np.setdiff1d(whole, self._frame, assume_unique=True)
            found = self._own[place] = _if_enough(rest, whole)
        return found


class _Told(NamedTuple):
    questions: frozenset[str]
    rest: Codes


class Questions:
    """What articles were asked, each read once."""

    def __init__(self) -> None:
        self._known: dict[ArticleId, _Told] = {}

    def are_all(self, one: Article, other: Article) -> bool:
        """Whether two texts have nothing in common but several questions, and each enough of its own to tell."""
        mine, theirs = self._told(one), self._told(other)
        asked = len(mine.questions & theirs.questions)
        return asked >= _ASKED and _share_little(mine.rest, theirs.rest)

    def _told(self, article: Article) -> _Told:
        found = self._known.get(article.id)
        if found is None:
            found = self._known[article.id] = _without_questions(article.text)
        return found


def _without_questions(text: str) -> _Told:
    if not any(mark in text for mark in _MARKS):
        return _Told(frozenset(), np.empty(0, np.uint64))
    pieces = _AFTER_A_SENTENCE.split(text)
    asked = [_is_question(one, after.lstrip()) for one, after in pairwise([*pieces, ""])]
    questions = frozenset(
        one.strip().casefold() for one, is_asked in zip(pieces, asked, strict=True) if is_asked
    )
    rest = "".join(one for one, is_asked in zip(pieces, asked, strict=True) if not is_asked)
    return _Told(questions, _if_enough(print_of(rest).shingles, print_of(text).shingles))


def _is_question(sentence: str, after: str) -> bool:
    """A mark that a small letter follows ends no sentence: some texts have it for a lost quotation mark."""
    return sentence.endswith(_MARKS) and not after[:1].islower()


def _if_enough(rest: Codes, whole: Codes) -> Codes:
    """None of it where it is too little to tell, or all there is."""
    return rest if max(LEAST, _OWN * len(whole)) <= len(rest) < len(whole) else rest[:0]


def _share_little(mine: Codes, theirs: Codes) -> bool:
    least = min(len(mine), len(theirs))
    shared = len(np.intersect1d(mine, theirs, assume_unique=True)) if least else 0
    return least > 0 and shared < _SHARED * least
