"""The signature of Standard Webhooks, https://www.standardwebhooks.com: HMAC-SHA256 of id, time and body. Pure."""

from __future__ import annotations

import base64
import binascii
import datetime as dt
import hashlib
import hmac
import secrets

#: How a secret begins; the rest is base64.
PREFIX = "whsec_"
_BYTES = 32


def new_secret() -> str:
    """256 random bits, as both sides keep them."""
    return PREFIX + base64.b64encode(secrets.token_bytes(_BYTES)).decode()


def headers(secret: str, name: str, body: bytes, *, now: dt.datetime) -> dict[str, str]:
    """What goes with a body. name: the webhook-id, the same on every attempt. Raises ValueError for what is no secret."""
    at = str(int(now.timestamp()))
    return {
        "webhook-id": name,
        "webhook-timestamp": at,
        "webhook-signature": f"v1,{signature(secret, name, at, body)}",
    }


def signature(secret: str, name: str, at: str, body: bytes) -> str:
    """Base64 of the HMAC. at: seconds since 1970. Raises ValueError for what is no secret."""
    try:
        key = base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    except binascii.Error as error:
        raise ValueError("a secret of a webhook is base64 after its prefix") from error
    made = hmac.new(key, b".".join((name.encode(), at.encode(), body)), hashlib.sha256)
    return base64.b64encode(made.digest()).decode()
