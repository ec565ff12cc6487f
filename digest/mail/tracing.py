"""Which template, and which line of it, a tag of a filled mail came from.

Templates that extend, include and import each other leave no trace in what they are filled to. So a
mail that is faulty is filled once more with a mark behind the name of every tag.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from jinja2.ext import Extension
from jinja2.lexer import Token, TokenStream

_BEGIN, _END = "\ue000", "\ue001"
_OPENING = re.compile(r"</?[A-Za-z][\w:.-]*")
_BEGUN = re.compile(r"<(?:/?[A-Za-z][\w:.-]*)?")
_MARK = re.compile(rf"{_BEGIN}([^{_BEGIN}{_END}]*):(\d+){_END}")


class Tracing(Extension):
    """Makes the templates of an environment mark their tags."""

    def filter_stream(self, stream: TokenStream) -> Iterator[Token]:
        for token in stream:
            if token.type != "data":
                yield token
                continue
            marked = _marked(token.value, stream.name or "", token.lineno)
            yield Token(token.lineno, token.type, marked)


def _marked(text: str, template: str, line: int) -> str:
    """A piece of a template, that begins on `line`, with its marks."""

    def mark(match: re.Match[str]) -> str:
        at = line + text.count("\n", 0, match.start())
        return f"{match[0]}{_BEGIN}{template}:{at}{_END}"

    return _OPENING.sub(mark, text)


def place(marked: str, number: int) -> tuple[str, int] | None:
    """Template and line of a `<` of a marked document, counted from 0, or of the nearest mark before it."""
    found = None
    for count, begun in enumerate(_BEGUN.finditer(marked)):
        if count > number:
            break
        mark = _MARK.match(marked, begun.end())
        found = (mark[1], int(mark[2])) if mark else found
    return found
