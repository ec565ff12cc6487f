"""Who is named by a surname alone must have been introduced: by the whole name, or by the title.

`Hargrove said` after the sentence with `Lt. Frank Hargrove` was left out is as bad as a `He` without its sentence.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence

from digest import words

_WORD = re.compile(r"[^\W\d_][\w’'-]*")
_POSSESSIVE = re.compile(r"[’']s?$")
#: Behind these a surname stands as well as behind a first name, but introduces nobody.
_TITLES = frozenset(("Mr", "Mrs", "Ms", "Miss", "Dr", "Sir", "Lord", "Lady", "The"))

#: For each unit the groups of units of which one must stand with it.
Needs = list[list[frozenset[int]]]


def needs(title: str, texts: Sequence[str]) -> Needs:
    """What each text needs beside it; nothing for names that the title has, or that are never told whole."""
    small: set[str] = set()
    said = [_names(text, small) for text in texts]
    known = {_plain(word) for word in _WORD.findall(title)}
    known |= {word.capitalize() for word in known}
    whole: defaultdict[str, set[int]] = defaultdict(set)
    for place, (full, _) in enumerate(said):
        for name in full:
            whole[name].add(place)
    return [
        [
            frozenset(whole[name])
            for name in sorted(alone - full - known)
            if name in whole and min(whole[name]) < place and name.lower() not in small
        ]
        for place, (full, alone) in enumerate(said)
    ]


def _names(text: str, small: set[str]) -> tuple[set[str], set[str]]:
    """(surnames with a first name before them, capital words without); words without a capital come to `small`."""
    full: set[str] = set()
    alone: set[str] = set()
    before = ""
    last: re.Match[str] | None = None
    for found in _WORD.finditer(text):
        word = found[0]
        if word[0].islower():  # nearly all
            small.add(word)
        elif word[0].isupper():
            word = _plain(word)
            if len(word) > 2 and not words.is_common(word):
                first = last and _is_first(before) and text[last.end() : found.start()] == " "
                (full if first else alone).add(word)
        before, last = word, found
    return full, alone


def _is_first(word: str) -> bool:
    """Whether it may be a first name."""
    return word[:1].isupper() and word not in _TITLES and not words.is_common(word)


def _plain(word: str) -> str:
    return _POSSESSIVE.sub("", word)
