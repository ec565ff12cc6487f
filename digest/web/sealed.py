"""Words that somebody looked for, in the address of a page: sealed, since servers write such addresses down."""

from __future__ import annotations

from digest import sealing

#: Longer ones are none of ours.
_LONGEST = 2000
_PURPOSE = "words that were looked for"


def seal(key: bytes, words: str) -> str:
    """The words as an address may hold them; empty for none."""
    return sealing.seal(key, _PURPOSE, words) if words else ""


def opened(key: bytes, sealed: str) -> str:
    """The words again; empty where they were sealed with another key, or changed."""
    if not sealed or len(sealed) > _LONGEST or not sealed.isascii():
        return ""
    return sealing.opened(key, _PURPOSE, sealed) or ""
