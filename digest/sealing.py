"""Secrets at rest: not readable by whoever has the database and not the house's key. Pure functions of a key."""

from __future__ import annotations

import base64
import functools
import hashlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cryptography.fernet import Fernet


def seal(key: bytes, purpose: str, text: str) -> str:
    """The text for one purpose, encrypted and authenticated."""
    return _box(key, purpose).encrypt(text.encode()).decode()


def opened(key: bytes, purpose: str, sealed: str) -> str | None:
    """The text again; None where it was sealed with another key or for another purpose, or changed."""
    from cryptography.fernet import InvalidToken

    try:
        return _box(key, purpose).decrypt(sealed.encode()).decode()
    except InvalidToken:
        return None


@functools.lru_cache(maxsize=16)
def _box(key: bytes, purpose: str) -> Fernet:
    from cryptography.fernet import Fernet

    made = hashlib.blake2b(purpose.encode(), digest_size=32, key=key[:64]).digest()
    return Fernet(base64.urlsafe_b64encode(made))
