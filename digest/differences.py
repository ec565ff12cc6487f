"""What an edit changed in a text, marked word by word, with a little of what stands around it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

#: Words shown on either side of a change, and characters of all of it.
_AROUND, _MOST = 12, 4_000
#: Longer texts are compared paragraph by paragraph: word by word would take too long.
_LONG = 4_000
Kind = Literal["same", "gone", "new"]


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of words that stayed, went, or came."""

    kind: Kind
    text: str


def marked(old: str, new: str) -> tuple[Piece, ...]:
    """The changes from one text to the other; empty where their words are the same."""
    before, after = _parts(old, new)
    found: list[Piece] = []
    for tag, i, j, k, m in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if tag == "equal":
            begins, ends = (i, k) == (0, 0), (j, m) == (len(before), len(after))
            found.append(Piece("same", _around(before[i:j], first=begins, last=ends)))
            continue
        found += [Piece("gone", " ".join(before[i:j]))] if i < j else []
        found += [Piece("new", " ".join(after[k:m]))] if k < m else []
    changed = any(piece.kind != "same" for piece in found)
    return tuple(_bounded(found)) if changed else ()


def _parts(old: str, new: str) -> tuple[list[str], list[str]]:
    """Both texts as words, or as paragraphs where they are long."""
    before, after = old.split(), new.split()
    if len(before) + len(after) <= _LONG:
        return before, after
    return [re.sub(r"\s+", " ", part) for part in old.split("\n\n")], [
        re.sub(r"\s+", " ", part) for part in new.split("\n\n")
    ]


def _around(words: list[str], *, first: bool, last: bool) -> str:
    """What stayed, cut down to what stands next to a change."""
    head = [] if first else words[:_AROUND]
    tail = [] if last else words[max(len(head), len(words) - _AROUND) :]
    left_out = len(head) + len(tail) < len(words)
    return " ".join([*head, "…", *tail] if left_out else words)


def _bounded(pieces: list[Piece]) -> Iterator[Piece]:
    left = _MOST
    for piece in pieces:
        if left <= 0:
            yield Piece("same", "…")
            return
        yield piece if len(piece.text) <= left else Piece(piece.kind, piece.text[:left] + "…")
        left -= len(piece.text)
