"""Cells that no spreadsheet takes for a formula, and back (OWASP: CSV injection)."""

from __future__ import annotations

import re

#: What may be run as a formula: also in full width, and behind signs that a program may pass over.
#: Apostrophes in front count too, so that `plain` gives back exactly what `safe` was given.
_RISKY = re.compile(r"'*(?:[\t\r\n]|[\s\x00-\x1f\u200b-\u200f\u2060\ufeff]*[=+\-@＝＋－＠])")


def safe(text: str) -> str:
    """The text with an apostrophe in front where it could be run as a formula."""
    return f"'{text}" if _RISKY.match(text) else text


def plain(text: str) -> str:
    """The text again, without the apostrophe of `safe`."""
    return text[1:] if text[:1] == "'" and _RISKY.match(text, 1) else text
