"""MJML cut into its tags, and the attributes of one, read as a browser would.

Cutting is one pass of one pattern and makes plain tuples, since the whole of every mail goes through it.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Iterator, Sequence

#: Elements of HTML that have no end tag (HTML Living Standard, 13.1.2).
VOID = frozenset(
    "area base br col embed hr img input link meta source track wbr".split()  # noqa: SIM905
)

#: The text before a tag, and the tag as it is written; then of what it is made: `/` of an end tag, name
#: (None for a comment, or what is none), attributes, `/` of an empty one.
Piece = tuple[str, str, str, str | None, str, str]

#: Where a < begins no tag, everything after it is one piece: nothing is read twice, however long it is.
_TOKEN = re.compile(
    r"(<(?:(?:!--.*?--|(/?)([A-Za-z][\w:.-]*+)((?:[^<>\"'/]++|/(?!>)|\"[^\"]*+\"|'[^']*+')*+)(/?))>|.*+))",
    re.DOTALL,
)
_ATTRIBUTE = re.compile(
    r"\s*+([^\s=/>\"'<]++)(?:\s*+=\s*+(?:\"([^\"]*)\"|'([^']*)'|([^\s\"'=<>`]++)))?"
)
_PARTS = 6


class Wrong(Exception):
    """A document that cannot be used: at which of its tags, counted from 0, and why.

    number: None where it is no tag's fault.
    """

    def __init__(self, number: int | None, reason: str) -> None:
        self.number, self.reason = number, reason
        super().__init__(reason)


def cut(source: str) -> tuple[list[Piece], str]:
    """Every tag and comment of a document in order, and the text after the last."""
    parts = _TOKEN.split(source)
    return list(zip(*(parts[at::_PARTS] for at in range(_PARTS)), strict=False)), parts[-1]


def is_comment(piece: Piece) -> bool:
    """Whether a piece without a name is a comment; else it is a < that begins no tag, and all that follows."""
    whole = piece[1]
    return len(whole) > len("<!-->") and whole.startswith("<!--") and whole.endswith("-->")


def joined(pieces: Iterable[Piece], rest: str = "") -> str:
    """The document again, or a part of one."""
    return "".join([text for piece in pieces for text in piece[:2]]) + rest


def start(before: str, name: str, written: str, empty: str) -> Piece:
    """A start tag; written: its attributes with a space before each. empty: ` /` or nothing."""
    return before, f"<{name}{written}{empty}>", "", name, written, empty


@functools.lru_cache(maxsize=4096)
def attributes(written: str) -> Sequence[tuple[str, str | None]] | None:
    """A start tag's attributes in order; None for a value that is not there, None where nothing can be read."""
    found: list[tuple[str, str | None]] = []
    at, end = 0, len(written.rstrip())
    while at < end:
        match = _ATTRIBUTE.match(written, at)
        if not match:
            return None
        name, *values = match.groups()
        found.append((name, next((value for value in values if value is not None), None)))
        at = match.end()
    return tuple(found)


def lines(source: str) -> Iterator[int]:
    """The line on which each tag of a document begins, in the order of `cut`."""
    line, done = 1, 0
    for match in _TOKEN.finditer(source):
        line += source.count("\n", done, match.start())
        done = match.start()
        yield line


def number_at(source: str, position: int) -> int:
    """Which tag of a document stands at a position, or is the next one after it; counted from 0."""
    return sum(match.end() <= position for match in _TOKEN.finditer(source))
