"""Secrets for links, and keyed hashes: pure functions of a key and their arguments.

Each purpose has its own word in the hash, so that what was made for one opens nothing else.
"""

from __future__ import annotations

import base64
import binascii
import datetime as dt
import functools
import hashlib
import hmac
import secrets
from collections.abc import Iterable

#: Letters of the signature at the end of a leave token: 128 bits as base64url.
_SIGNATURE = 22
#: The handle of a reader who is not there, for previews and proofs: nobody will ever draw it.
NOBODY = "0" * 22
_URL_SAFE = bytes.maketrans(b"+/", b"-_")


def new_secret() -> str:
    """128 random bits as 22 letters that stand in a link unescaped (base64url)."""
    return secrets.token_urlsafe(16)


def new_secrets(count: int) -> list[str]:
    """So many secrets of 22 letters at once: the first three, drawn as well, are the same in all of them.

    So they stand side by side in an index, which writes a page or two for thousands instead of one for each;
    114 bits of each are its own.
    """
    drawn = base64.urlsafe_b64encode(secrets.token_bytes(15 * count)).decode()
    alike = secrets.token_urlsafe(3)[:3]
    return [alike + drawn[start : start + 19] for start in range(0, 20 * count, 20)]


def hash_secret(token: str) -> str:
    """What is stored of a secret: its SHA-256 (hex). Enough for 128 random bits; no salt needed."""
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()


def leave_token(key: bytes, newsletter: str, handle: str) -> str:
    """The token in a reader's own link to leave one newsletter: the handle and its signature."""
    return handle + _signature(key, newsletter, handle)


def read_leave_token(key: bytes, newsletter: str, token: str) -> str | None:
    """The handle in a leave token; None where it is forged, damaged or of another newsletter."""
    handle, signature = token[:-_SIGNATURE], token[-_SIGNATURE:]
    if not handle or not token.isascii():
        return None
    expected = _signature(key, newsletter, handle)
    return handle if hmac.compare_digest(signature, expected) else None


def leave_tokens(key: bytes, newsletter: str, handle: str) -> tuple[str, str]:
    """Both ways to leave with one hash: the link's token, and that of an address that mail is sent to.

    The second is of letters whose case some mail servers change, and fits the left side of an address:
    the handle and 80 bits in hexadecimal. Neither half of the hash tells of the other.
    """
    digest = _leaving(key, newsletter, handle)
    return handle + _base64url(digest), f"{handle}.{digest[16:26].hex()}"


def read_mailed_token(key: bytes, newsletter: str, token: str) -> str | None:
    """The handle in the second of `leave_tokens`; None where it is forged or of another newsletter."""
    handle, _, proof = token.rpartition(".")
    if not handle or not token.isascii():
        return None
    expected = _leaving(key, newsletter, handle)[16:26].hex()
    return handle if hmac.compare_digest(proof.lower(), expected) else None


def preferences_token(key: bytes, newsletter: str, handle: str) -> str:
    """The token in a reader's own link to the preferences; opens no other door."""
    return handle + _base64url(_keyed(_begun(key, "preferences", newsletter), handle))


def read_preferences_token(key: bytes, newsletter: str, token: str) -> str | None:
    """The handle in a preferences token; None where it is forged, damaged or of another newsletter."""
    handle = token[:-_SIGNATURE]
    if not handle or not token.isascii():
        return None
    expected = preferences_token(key, newsletter, handle)
    return handle if hmac.compare_digest(token, expected) else None


def undo_token(key: bytes, newsletter: str, handle: str, *, at: dt.datetime) -> str:
    """Proof that somebody left at this moment, for who wants to take it back."""
    made_at = str(int(at.timestamp() * 1000))
    return f"{made_at}.{_base64url(_undoing(key, newsletter, handle, made_at))}"


def read_undo_token(key: bytes, newsletter: str, handle: str, token: str) -> dt.datetime | None:
    """When the leaving was, in an undo token; None where it is forged or of another reader."""
    made_at, _, signature = token.partition(".")
    if not (made_at.isascii() and made_at.isdigit() and len(made_at) < 15 and token.isascii()):
        return None
    expected = _base64url(_undoing(key, newsletter, handle, made_at))
    if not hmac.compare_digest(signature, expected):
        return None
    return dt.datetime.fromtimestamp(int(made_at) / 1000, dt.UTC)


def _undoing(key: bytes, newsletter: str, handle: str, made_at: str) -> bytes:
    return _keyed(_begun(key, "undo", newsletter), f"{handle}\0{made_at}")


def address_hash(key: bytes, address_key: str) -> str:
    """What is kept of an address that must not be mailed (hex); without the key it tells nothing."""
    return _keyed(_begun(key, "address"), address_key).hex()


def fingerprint(key: bytes) -> str:
    """What may be shown of a key (hex): tells keys apart, and nothing else about them."""
    return _keyed(_begun(key, "fingerprint"), "")[:16].hex()


def message_key(key: bytes, checksum: str, handle: str) -> str:
    """The left side of a Message-ID: the same for one edition and reader on every attempt."""
    return _keyed(_begun(key, "message", checksum), handle)[:16].hex()


def lot(key: bytes, checksum: str, reader: int, *, of: int) -> int:
    """A reader's lot for one edition, from 0 to `of` - 1: even, the same whenever it is drawn, and in no order."""
    drawn = _keyed(_begun(key, "lot", checksum), str(reader))[:8]
    return int.from_bytes(drawn, "big") * of >> 64


def visitor(key: bytes, checksum: str, who: str) -> bytes:
    """8 bytes that tell one visitor of one edition from others, and without the key nothing about them."""
    return _keyed(_begun(key, "visitor", checksum), who)[:8]


#: Letters of the message key that a ref carries: 64 bits.
_PROOF = 16


def ref(handle: str, message_key: str) -> str:
    """What a bounce or a webhook brings back about one copy: whose it was, and proof that we sent it.

    Opens no door. Fits the left side of an address with room to spare (RFC 5321 §4.5.3.1.1).
    """
    return f"{handle}.{message_key[:_PROOF]}"


def read_ref(key: bytes, ref: str, checksums: Iterable[str]) -> tuple[str, str] | None:
    """(handle, checksum of the edition) of a ref; None where it is of none of these editions, or forged.

    The case of the proof does not count: some servers change that of an address's left side.
    """
    handle, _, proof = ref.rpartition(".")
    if not handle or not ref.isascii():
        return None
    for checksum in checksums:
        expected = message_key(key, checksum, handle)[:_PROOF]
        if hmac.compare_digest(proof.lower(), expected):
            return handle, checksum
    return None


def _signature(key: bytes, newsletter: str, handle: str) -> str:
    return _base64url(_leaving(key, newsletter, handle))


def _leaving(key: bytes, newsletter: str, handle: str) -> bytes:
    """32 bytes: the first 16 sign a link, the next 10 an address."""
    return _keyed(_begun(key, "leave", newsletter), handle)


def _base64url(digest: bytes) -> str:
    """The first 128 bits."""
    return binascii.b2a_base64(digest[:16])[:_SIGNATURE].translate(_URL_SAFE).decode("ascii")


def _keyed(begun: hashlib.blake2b, last: str) -> bytes:
    """32 bytes that only the key makes of these words: BLAKE2b in its keyed mode (RFC 7693 §2.9).

    The words are joined by zero bytes. Several times quicker than an HMAC, and a message takes two.
    """
    keyed = begun.copy()
    keyed.update(last.encode("utf-8", "replace"))
    return keyed.digest()


@functools.lru_cache(maxsize=64)
def _begun(key: bytes, *words: str) -> hashlib.blake2b:
    """The hash after the key and these words: what all readers of an edition have in common."""
    keyed = hashlib.blake2b(digest_size=32, key=key if len(key) <= 64 else _short(key))
    keyed.update("".join(f"{word}\0" for word in words).encode("utf-8", "replace"))
    return keyed


@functools.cache
def _short(key: bytes) -> bytes:
    return hashlib.blake2b(key).digest()
