"""Who is named by a surname alone must have been introduced: by the whole name, or by the title.

`Hargrove said` after the sentence with `Lt. Frank Hargrove` was left out is as bad as a `He` without its sentence.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from itertools import pairwise

from digest import words

_WORD = re.compile(r"[^\W\d_][\w’'-]*")
_POSSESSIVE = re.compile(r"[’']s?$")
#: Behind these a surname stands as well as behind a first name, but introduces nobody.
_TITLES = frozenset(("Mr", "Mrs", "Ms", "Miss", "Dr", "Sir", "Lord", "Lady", "The"))

#: For each unit the groups of units of which one must stand with it.
Needs = list[list[frozenset[int]]]


def needs(title: str, texts: Sequence[str]) -> Needs:
    """What each text needs beside it; nothing for names that the title has, or that are never told whole."""
    said = [_names(text) for text in texts]
    small = {w for text in texts for w in _WORD.findall(text) if w[0].islower()}
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


def _names(text: str) -> tuple[set[str], set[str]]:
    """(surnames with a first name before them, capital words without)."""
    full: set[str] = set()
    alone: set[str] = set()
    found = [(m.start(), m.end(), _plain(m[0])) for m in _WORD.finditer(text)]
    behind = {at: text[end:at] == " " for (_, end, _), (at, _, _) in pairwise(found)}
    before = ""
    for at, _, word in found:
        capital = word[:1].isupper() and len(word) > 2
        if capital and not words.is_common(word):
            first = before[:1].isupper() and behind.get(at, False) and not words.is_common(before)
            (full if first and before not in _TITLES else alone).add(word)
        before = word
    return full, alone


def _plain(word: str) -> str:
    return _POSSESSIVE.sub("", word)
