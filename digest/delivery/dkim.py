"""DKIM (RFC 6376, RFC 8463): signatures on mail that leaves us as raw MIME, made of what copies share.

`c=relaxed/simple`. A relay may fold a header anew, and relaxed stands that. Our bodies are quoted-printable
lines of at most 76 columns of ASCII that end in neither space nor tab, and in one line end: nothing on the
way has a reason to touch them, so simple is as safe there and costs nothing but the hash.

What all copies of a mail have in common is hashed once: the fields that are the same come first in `h=`, and
the body's hash is continued from its first slot on. A signature has no time of its own (`t=`), so that a
second attempt is the same message; the Date is signed.
"""

from __future__ import annotations

import base64
import functools
import hashlib
import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Literal

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_pem_private_key,
)

#: RFC 8301 §3.2: less is not believed, and 2048 is what receivers ask for.
LEAST_BITS = 1024

#: Listed in `h=` once more than they are there, so that nobody can add another one (RFC 6376 §8.15).
_NO_MORE = (
    "from", "to", "cc", "reply-to", "subject", "date", "message-id", "mime-version", "content-type",
    "list-unsubscribe", "list-unsubscribe-post", "list-id", "feedback-id",
)  # fmt: skip
#: Of our fields the one that lists and relays write anew, and that nobody trusts.
_UNSIGNED = frozenset({"precedence"})

_FOLD = re.compile(rb"\r\n(?=[ \t])")
_SPACES = re.compile(rb"[ \t]+")
_WIDTH = 72
_PADDING, _HASH = PKCS1v15(), Prehashed(SHA256())


@dataclass(frozen=True, slots=True)
class Key:
    """A private key and the name under which its other half is published. Raises ValueError in `of`."""

    selector: str
    private: RSAPrivateKey | Ed25519PrivateKey = field(repr=False)

    @classmethod
    def of(cls, selector: str, pem: str) -> Key:
        """From PEM (PKCS#8 or PKCS#1), without a passphrase."""
        try:
            found = load_pem_private_key(pem.encode(), password=None)
        except TypeError:
            raise ValueError("is locked by a passphrase; take it off, or nobody can sign") from None
        except Exception:
            raise ValueError(
                "expected a private key in PEM (-----BEGIN PRIVATE KEY-----)"
            ) from None
        if isinstance(found, RSAPrivateKey):
            if found.key_size < LEAST_BITS:
                raise ValueError(f"has {found.key_size} bits; receivers want 2048")
            return cls(selector, found)
        if isinstance(found, Ed25519PrivateKey):
            return cls(selector, found)
        raise ValueError("expected an RSA or an Ed25519 key")

    @property
    def kind(self) -> Literal["rsa", "ed25519"]:
        return "rsa" if isinstance(self.private, RSAPrivateKey) else "ed25519"

    @property
    def public(self) -> bytes:
        """What is published as `p=`: DER for RSA, the 32 bytes for Ed25519 (RFC 8463 §4)."""
        if isinstance(self.private, RSAPrivateKey):
            return self.private.public_key().public_bytes(
                Encoding.DER, PublicFormat.SubjectPublicKeyInfo
            )
        return self.private.public_key().public_bytes_raw()

    def sign(self, digest: bytes) -> bytes:
        """The signature of a SHA-256; the same for the same digest. Lets other threads work meanwhile."""
        if isinstance(self.private, RSAPrivateKey):
            return self.private.sign(digest, _PADDING, _HASH)
        return self.private.sign(digest)


@dataclass(frozen=True, slots=True)
class Signer:
    """Who signs. domain: empty = that of each mail's From address. leaves_out: fields that a provider
    on the way writes anew, in small letters."""

    keys: tuple[Key, ...]
    domain: str = ""
    leaves_out: Collection[str] = ()

    def begin(
        self, domain: str, same: Iterable[bytes], *, differ: Sequence[str] = (), body: bytes = b""
    ) -> Begun:
        """What copies of one mail share. domain: of its From address. same: fields, each with its line end.

        differ: the names of the fields that come with each copy, in that order. body: how it begins.
        """
        signed = [one for one in same if self._signs(_name(one))]
        names = [*map(_name, signed), *(name.lower() for name in differ if self._signs(name))]
        more = [name for name in _NO_MORE if name not in self.leaves_out]
        head = hashlib.sha256(b"".join(map(relaxed, signed)))
        told = ":".join((*names, *more))
        fields = tuple(_Field.of(key, self.domain or domain, told) for key in self.keys)
        return Begun(fields, frozenset(names), head, hashlib.sha256(body))

    def _signs(self, name: str) -> bool:
        return name.lower() not in _UNSIGNED and name.lower() not in self.leaves_out


@dataclass(frozen=True, slots=True)
class _Field:
    """One key's DKIM-Signature up to its `bh=`, as it is written and as it is hashed."""

    key: Key
    written: bytes
    hashed: bytes

    @classmethod
    def of(cls, key: Key, domain: str, names: str) -> _Field:
        listed = ":\r\n  ".join(_lines_of(names))
        written = (
            f"DKIM-Signature: v=1; a={key.kind}-sha256; c=relaxed/simple;\r\n"
            f" d={domain}; s={key.selector};\r\n"
            f" h={listed};\r\n bh="
        ).encode("ascii")
        return cls(key, written, relaxed(written + b"\r\n").removesuffix(b"\r\n"))


@dataclass(frozen=True, slots=True)
class Begun:
    """The hashes of what all copies share, and what each copy adds."""

    fields: tuple[_Field, ...]
    names: frozenset[str]
    head: hashlib._Hash
    body: hashlib._Hash

    def signatures(self, own: Iterable[bytes], rest: Iterable[bytes]) -> bytes:
        """The DKIM-Signature fields of one copy. own: the fields that differ; rest: the body's other pieces."""
        body = self.body.copy()
        for piece in rest:
            body.update(piece)
        head = self.head.copy()
        head.update(b"".join([relaxed(one) for one in own if _name(one) in self.names]))
        told = base64.b64encode(body.digest())
        return b"".join([_signed(one, head, told) for one in self.fields])


def _signed(one: _Field, head: hashlib._Hash, body: bytes) -> bytes:
    whole = head.copy()
    whole.update(b"%s%s; b=" % (one.hashed, body))
    signature = base64.b64encode(one.key.sign(whole.digest()))
    lines = b"\r\n  ".join(signature[at : at + _WIDTH] for at in range(0, len(signature), _WIDTH))
    return b"%s%s;\r\n b=%s\r\n" % (one.written, body, lines)


def relaxed(line: bytes) -> bytes:
    """A field as it is hashed (RFC 6376 §3.4.2): its name small, on one line, one space for many."""
    name, _, value = line.partition(b":")
    if b"\r\n " in value or b"\t" in value:
        value = _FOLD.sub(b"", value)
    if b"  " in value or b"\t" in value:
        value = _SPACES.sub(b" ", value)
    return b"%s:%s\r\n" % (name.strip().lower(), value.strip())


@functools.lru_cache(maxsize=64)
def _small(name: bytes) -> str:
    return name.strip().lower().decode("ascii")


def _name(line: bytes) -> str:
    return _small(line.partition(b":")[0])


def _lines_of(names: str) -> list[str]:
    """A list with colons, cut into lines."""
    lines = [""]
    for name in names.split(":"):
        if len(lines[-1]) + len(name) > _WIDTH and lines[-1]:
            lines.append("")
        lines[-1] += f":{name}" if lines[-1] else name
    return lines
