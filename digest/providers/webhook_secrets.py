"""Who calls a webhook, proven by a secret that only the provider and we know."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Mapping

from digest.errors import Forged


def same(given: str | bytes, secret: str | bytes) -> bool:
    """Compared in a time that tells nothing; an empty secret fits nothing."""
    ours, theirs = (
        one.encode("utf-8", "replace") if isinstance(one, str) else one for one in (secret, given)
    )
    equal = hmac.compare_digest(hashlib.sha256(ours).digest(), hashlib.sha256(theirs).digest())
    return equal and bool(ours)


def check_basic(headers: Mapping[str, str], secret: str) -> None:
    """HTTP's basic authentication (RFC 7617) with `user:password`. Raises Forged."""
    scheme, _, told = headers.get("authorization", "").partition(" ")
    try:
        given = base64.b64decode(told.strip(), validate=True)
    except (binascii.Error, ValueError):
        given = b""
    if scheme.lower() != "basic" or not same(given, secret):
        raise Forged("the webhook's user and password do not fit")


def check_bearer(headers: Mapping[str, str], secret: str) -> None:
    """A token in `Authorization: Bearer …` (RFC 6750 §2.1). Raises Forged."""
    scheme, _, given = headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not same(given.strip(), secret):
        raise Forged("the webhook's token does not fit")
