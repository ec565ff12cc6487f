"""MJML to HTML by mjml-python: a guard before it, a strict look at what it would drop without a word, a check after.

The engine panics past `except Exception`, so everything it raises is caught; it loads nothing, since
it is given no fonts and no includes.
"""

from __future__ import annotations

import re

from mjml import mjml2html

from digest.errors import RenderError
from digest.mail import guarding, inlining, tags, widths
from digest.mail.tags import Wrong

_ARTEFACT = re.compile(r"<[A-Za-z][^<>]*\\")
_POSITION = re.compile(r"position (\d+)")
_INLINE = "inline="


def to_html(source: str, template: str) -> str:
    """One MJML document as HTML. Raises RenderError that names `template` and the line of the MJML."""
    try:
        return _html(source)
    except Wrong as wrong:
        line = None if wrong.number is None else list(tags.lines(source))[wrong.number]
        raise RenderError(template, wrong.reason, line=line) from wrong


def _html(source: str) -> str:
    pieces, rest = tags.cut(source)
    rules = ""
    if _INLINE in source:
        pieces, rules = inlining.take(pieces)
    html = _compiled(tags.joined(widths.fit(guarding.guard(pieces)), rest))
    if rules:
        html = inlining.inline(html, rules)
    found = _ARTEFACT.search(html) if "\\" in html else None
    if found:
        raise Wrong(None, f"an attribute came out broken: {found[0][-60:]}")
    return html


def _compiled(source: str) -> str:
    try:
        return str(mjml2html(source, fonts={}))
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException as error:  # a panic in Rust is no Exception
        found = _POSITION.search(str(error))
        number = None
        if found:  # in bytes
            before = source.encode()[: int(found[1])].decode(errors="ignore")
            number = tags.number_at(source, len(before))
        raise Wrong(number, f"MJML: {error}") from error
