"""DKIM's keys in DNS (RFC 6376 §3.6, RFC 8463): there, readable, and the other half of ours."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator
from dataclasses import dataclass

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_der_public_key

from digest.domains.records import Finding, tags, txt
from digest.protocols import NameServer

#: Bits of an RSA key that receivers ask for; below the second number they believe none (RFC 8301 §3.2).
GOOD_BITS, LEAST_BITS = 2048, 1024


@dataclass(frozen=True, slots=True)
class Expected:
    """Our own half: `rsa` or `ed25519`, and what stands in `p=`, decoded."""

    kind: str
    public: bytes


def name_of(selector: str, domain: str) -> str:
    return f"{selector}._domainkey.{domain}"


def to_publish(selector: str, domain: str, ours: Expected) -> str:
    """The record of our key, as a line of a zone file."""
    public = base64.b64encode(ours.public).decode("ascii")
    return txt(name_of(selector, domain), f"v=DKIM1; k={ours.kind}; p={public}")


def examine(names: NameServer, selector: str, domain: str, ours: Expected) -> Finding:
    """The key that our signatures name."""
    name = name_of(selector, domain)
    subject, line = f"dkim {name}", (to_publish(selector, domain, ours),)
    records = names.texts(name)
    if not records:
        return Finding(subject, False, "not there, so no signature of ours is believed", line)
    if len(records) > 1:
        return Finding(subject, False, f"{len(records)} records, and there must be one", line)
    fault, advice = _fault(tags(records[0]), ours), ""
    if not fault and _bits(ours) < GOOD_BITS:
        advice = f"; it has {_bits(ours)} bits, and receivers want {GOOD_BITS}"
    if not fault and "y" in _list(tags(records[0]).get("t", "")):
        advice += "; t=y: receivers take it for a test"
    told = fault or f"{ours.kind}, the other half of our key{advice}"
    return Finding(subject, not fault, told, line if fault else (), doubtful=bool(advice))


def _fault(found: dict[str, str], ours: Expected) -> str:
    """The first thing that keeps our signatures from being believed; empty where nothing does."""
    return next(_faults(found, ours), "")


def _faults(found: dict[str, str], ours: Expected) -> Iterator[str]:
    if found.get("v", "DKIM1") != "DKIM1":
        yield f"v={found['v']} is no key of DKIM"
    told = re.sub(r"\s", "", found.get("p", ""))
    if not told:
        yield "the key was taken back (p= is empty)" if "p" in found else "no p=, so no key"
    kind = found.get("k", "rsa")
    if kind != ours.kind:
        yield f"is of the kind {kind}, and we sign by {ours.kind}"
    hashes = _list(found.get("h", "sha256"))
    if "sha256" not in hashes:
        yield f"allows {', '.join(hashes)} only, and we sign by sha256"
    if not {"email", "*"} & set(_list(found.get("s", "*"))):
        yield "is not for mail (s=)"
    try:
        public = base64.b64decode(told, validate=True)
    except (binascii.Error, ValueError):
        yield "p= cannot be read (is a piece of it missing, or a quotation mark inside?)"
        return
    if public != ours.public:
        yield "is another key than ours" if _readable(kind, public) else "p= is cut off or no key"


def _readable(kind: str, public: bytes) -> bool:
    if kind == "ed25519":
        return len(public) == 32
    try:
        return isinstance(load_der_public_key(public), RSAPublicKey)
    except (ValueError, UnsupportedAlgorithm):
        return False


def _bits(ours: Expected) -> int:
    if ours.kind != "rsa":
        return GOOD_BITS
    found = load_der_public_key(ours.public)
    return found.key_size if isinstance(found, RSAPublicKey) else 0


def _list(text: str) -> list[str]:
    return [one.strip().lower() for one in text.split(":") if one.strip()]


def seen(names: NameServer, selectors: tuple[str, ...], domain: str) -> list[str]:
    """Of a provider's usual selectors those that have a key."""
    return [
        one for one in selectors if any("p=" in text for text in names.texts(name_of(one, domain)))
    ]
