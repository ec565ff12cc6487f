"""Words that somebody looked for, in the address of a page: sealed, since servers write such addresses down."""

from __future__ import annotations

import base64
import functools
import hashlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cryptography.fernet import Fernet

#: Longer ones are none of ours.
_LONGEST = 2000


def seal(key: bytes, words: str) -> str:
    """The words as an address may hold them; empty for none."""
    return _box(key).encrypt(words.encode()).decode() if words else ""


def opened(key: bytes, sealed: str) -> str:
    """The words again; empty where they were sealed with another key, or changed."""
    from cryptography.fernet import InvalidToken

    if not sealed or len(sealed) > _LONGEST or not sealed.isascii():
        return ""
    try:
        return _box(key).decrypt(sealed.encode()).decode()
    except InvalidToken:
        return ""


@functools.lru_cache(maxsize=8)
def _box(key: bytes) -> Fernet:
    from cryptography.fernet import Fernet

    made = hashlib.blake2b(b"words that were looked for", digest_size=32, key=key[:64]).digest()
    return Fernet(base64.urlsafe_b64encode(made))
