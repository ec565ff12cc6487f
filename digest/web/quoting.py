"""A source text with the sentences marked that a summary took from it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from digest.model import Sentence

_BREAK = re.compile(r"\n\s*\n|\n")


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of text; `sentence` is the number of the summary's sentence that it is, from 1, or 0."""

    text: str
    sentence: int = 0


def paragraphs(text: str, sentences: Sequence[Sentence]) -> list[list[Piece]]:
    """The text's paragraphs in pieces. sentences: with their places in the text, in any order."""
    marks = sorted((one.start, one.end, n) for n, one in enumerate(sentences, 1))
    found = [list(_pieces(text, start, end, marks)) for start, end in _spans(text)]
    return [one for one in found if one]


def _spans(text: str) -> Iterator[tuple[int, int]]:
    start = 0
    for gap in _BREAK.finditer(text):
        yield start, gap.start()
        start = gap.end()
    yield start, len(text)


def _pieces(
    text: str, start: int, end: int, marks: Sequence[tuple[int, int, int]]
) -> Iterator[Piece]:
    at = start
    for first, last, number in marks:
        first, last = max(first, at), min(last, end)
        if first >= last:
            continue
        if first > at:
            yield Piece(text[at:first])
        yield Piece(text[first:last], number)
        at = last
    if at < end:
        yield Piece(text[at:end])
