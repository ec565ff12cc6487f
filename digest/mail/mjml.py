"""MJML to HTML by mjml-python: a guard before it, a strict look at what it would drop without a word, a check after.

The engine panics past `except Exception`, so everything it raises is caught; it loads nothing, since
it is given no fonts and no includes.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable

from mjml import mjml2html

from digest.errors import RenderError
from digest.mail import guarding, inlining, strict, tags, tracing, widths
from digest.mail.guarding import Guarded
from digest.mail.tags import Wrong

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
        name, line = _place(source, template, wrong.number, traced)
        raise RenderError(name, wrong.reason, line=line) from wrong


def _place(
    source: str, template: str, number: int | None, traced: Callable[[], str] | None
) -> tuple[str, int | None]:
    if number is None:
        return template, None
    found = tracing.place(traced(), number) if traced else None
    if found:
        return found
    return template, next(itertools.islice(tags.lines(source), number, None), None)


def _html(source: str, strictly: bool) -> str:
    pieces, rest = tags.cut(source)
    rules = ""
    if _INLINE in source:
        pieces, rules = inlining.take(pieces)
    guarded = guarding.guard(pieces)
    if strictly:
        strict.check(guarded, rest)
    html = guarded.filled(_compiled(tags.joined(widths.fit(guarded.pieces), rest), guarded))
    return inlining.inline(html, rules) if rules else html


def _compiled(source: str, guarded: Guarded) -> str:
    """The engine's page, of which no attribute is broken."""
    try:
        html = str(mjml2html(source, fonts={}))
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException as error:  # a panic in Rust is no Exception
        raise Wrong(_number(source, str(error), guarded), f"MJML: {error}") from error
    found = _ARTEFACT.search(html) if "\\" in html else None
    if found:
        raise Wrong(None, f"an attribute came out broken: {found[0][-60:]}")
    return html


def _number(source: str, message: str, guarded: Guarded) -> int | None:
    """The tag of the document that the engine's message means; it counts bytes."""
    found = _POSITION.search(message)
    if not found:
        return None
    before = source.encode()[: int(found[1])].decode(errors="ignore")
    at = tags.number_at(source, len(before))
    return guarded.numbers[min(at, len(guarded.numbers) - 1)] if guarded.numbers else None
