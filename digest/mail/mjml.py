"""MJML to HTML by mjml-python: a guard before it, a strict look at what it would drop without a word, a check after.

The engine panics past `except Exception`, so everything it raises is caught; it loads nothing, since
it is given no fonts and no includes.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from mjml import mjml2html

from digest.errors import RenderError
from digest.mail import guarding, inlining, strict, tags, tracing, widths
from digest.mail.tags import Piece, Wrong

_ARTEFACT = re.compile(r"<[A-Za-z][^<>]*\\")
_POSITION = re.compile(r"position (\d+)")
_INLINE = "inline="


def to_html(
    source: str,
    template: str,
    *,
    traced: Callable[[], str] | None = None,
    strictly: bool = True,
) -> str:
    """One MJML document as HTML. Raises RenderError that names the template and its line.

    traced: the same document with `tracing`'s marks; without it the line is the document's.
    strictly: refuse what the engine would drop without a word, and the parts of MJML that we do not offer.
    """
    try:
        return _html(source, strictly)
    except Wrong as wrong:
        name, line = _place(source, template, wrong.at, traced)
        raise RenderError(name, wrong.reason, line=line) from wrong


def _place(
    source: str, template: str, at: int | None, traced: Callable[[], str] | None
) -> tuple[str, int | None]:
    """Template and line of a place in the document, as well as they are known."""
    if at is None:
        return template, None
    found = tracing.place(traced(), source.count("<", 0, at)) if traced else None
    return found or (template, source.count("\n", 0, at) + 1)


def _html(source: str, strictly: bool) -> str:
    guarded = guarding.guard(source)
    if strictly:
        strict.check(guarded)
    pieces, rules = guarded.pieces, ""
    if _INLINE in source:
        pieces, rules = inlining.take(pieces)
    html = guarded.filled(_compiled(widths.fit(pieces), guarded.rest))
    return inlining.inline(html, rules) if rules else html


def _compiled(pieces: list[Piece], rest: str) -> str:
    """The engine's page, of which no attribute is broken."""
    source = tags.joined(pieces, rest)
    try:
        html = str(mjml2html(source, fonts={}))
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException as error:  # a panic in Rust is no Exception
        raise Wrong(_meant(source, str(error), pieces), f"MJML: {error}") from error
    found = _ARTEFACT.search(html) if "\\" in html else None
    if found:
        raise Wrong(None, f"an attribute came out broken: {found[0][-60:]}")
    return html


def _meant(source: str, message: str, pieces: list[Piece]) -> int | None:
    """Where the engine's message means, in the document; it counts the bytes of what it was given."""
    found = _POSITION.search(message)
    if not found:
        return None
    number = source.encode()[: int(found[1]) + 1].count(b"<") - 1
    return pieces[number].at if 0 <= number < len(pieces) else None
