"""Tags of MJML and HTML, read as a browser would read them."""

from __future__ import annotations

import functools
import re
from collections.abc import Sequence
from typing import NamedTuple

#: Elements of HTML that have no end tag (HTML Living Standard, 13.1.2).
VOID = frozenset(
    "area base br col embed hr img input link meta source track wbr".split()  # noqa: SIM905
)

_INSIDE = r"((?:[^<>\"']++|\"[^\"]*+\"|'[^']*+')*+)"
_NAME = r"[A-Za-z][\w:.-]*+"
_COMMENT = r"!--.*?--"

#: A tag of MJML: `/` of an end tag, name (None for a comment), attributes with the `/` of an empty one.
TAG = re.compile(rf"<(?:{_COMMENT}|(/?)({_NAME}){_INSIDE})>", re.DOTALL)

#: A tag of HTML: name with the `/` of an end tag, attributes with the `/` of an empty one; or what is no
#: tag, and all that follows it, so that nothing is read twice, however long it is.
HTML_TAG = re.compile(rf"<(?:{_COMMENT}|(/?{_NAME}){_INSIDE})>|(<.*+)", re.DOTALL)

#: The same where it is simple: the name of every tag but comments and empty ones.
SIMPLE_TAG = re.compile(r"<(/?[A-Za-z][\w:.-]*+)[^<>]*+(?<!/)>")

_ATTRIBUTE = re.compile(
    r"\s*+([^\s=/>\"'<]++)(?:\s*+=\s*+(?:\"([^\"]*)\"|'([^']*)'|([^\s\"'=<>`]++)))?"
)


class Piece(NamedTuple):
    """A tag or comment of MJML, and the text since the one before.

    whole: as it is written; the rest is what TAG finds in it. empty: `/` or nothing. at: where it stands
    in the document.
    """

    before: str
    whole: str
    end: str
    name: str
    written: str
    empty: str
    at: int


class Wrong(Exception):
    """A document that cannot be used: where in it, and why. at: None where it is no tag's fault."""

    def __init__(self, at: int | None, reason: str) -> None:
        self.at, self.reason = at, reason
        super().__init__(reason)


def joined(pieces: Sequence[Piece], rest: str) -> str:
    """The document of these pieces, and the text after the last."""
    return "".join([text for piece in pieces for text in piece[:2]]) + rest


def start(piece: Piece, written: str, empty: str) -> Piece:
    """A start tag with other attributes. written: with a space before each; empty: ` /` or nothing."""
    whole = f"<{piece.name}{written}{empty}>"
    return Piece(piece.before, whole, "", piece.name, written, empty, piece.at)


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
