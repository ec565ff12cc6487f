"""Cells that no spreadsheet takes for a formula, and back (OWASP: CSV injection)."""

from __future__ import annotations

import unicodedata

#: What begins a formula, also in full width; and what some programs begin to read anew after.
_BEGINS, _ANEW = frozenset("=+-@＝＋－＠"), frozenset("\t\r\n")
#: Kinds of signs that a program may pass over: controls, what cannot be seen, spaces (Unicode, General_Category).
_PASSED_OVER = frozenset({"Cc", "Cf", "Zs", "Zl", "Zp"})


def safe(text: str) -> str:
    """The text with an apostrophe in front where it could be run as a formula."""
    return f"'{text}" if _is_risky(text) else text


def plain(text: str) -> str:
    """The text again, without the apostrophe of `safe`."""
    return text[1:] if text[:1] == "'" and _is_risky(text[1:]) else text


def _is_risky(text: str) -> bool:
    """Whether a formula begins it. Apostrophes in front do not count, so that `plain` gives back what `safe` was given."""
    for place, sign in enumerate(text):
        if sign in _BEGINS or sign in _ANEW:
            return True
        ahead = sign == "'" and not text[:place].strip("'")
        if not ahead and unicodedata.category(sign) not in _PASSED_OVER:
            return False
    return False
