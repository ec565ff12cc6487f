"""Foreign text as both databases take it: PostgreSQL keeps no NUL, and no UTF-8 carries half a character."""

from __future__ import annotations


def storable(text: str) -> str:
    """Without NUL, and with a question mark for each half of a surrogate pair."""
    if text.isascii() and "\0" not in text:
        return text
    return text.encode("utf-8", "replace").decode("utf-8").replace("\0", "")
