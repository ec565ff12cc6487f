"""Proof of work by ALTCHA (its second protocol): a number that takes a browser a moment and a storm of bots days.

Nothing is kept of a challenge: what it is for and until when stands in it, signed. The counter is
drawn beforehand, so that no browser is unlucky. https://altcha.org/docs/v2/proof-of-work/
"""

from __future__ import annotations

import binascii
import datetime as dt
import hashlib
import hmac
import json
import secrets
from typing import Any

#: How long a challenge is good for.
LIFETIME = dt.timedelta(minutes=30)
#: Hashes that it takes: from this many to twice as many; in a storm more.
CALM, STORM = 50_000, 400_000
#: The longest proof that is looked at, in letters; ours have about 700.
LONGEST = 1000


def challenge(key: bytes, form: str, *, now: dt.datetime, storm: bool = False) -> dict[str, Any]:
    """A task for a browser, as its script and every ALTCHA library understand it.

    form: what the proof is good for, and nothing else.
    """
    import altcha

    least = STORM if storm else CALM
    made = altcha.create_challenge(
        "SHA-256",
        1,
        counter=least + secrets.randbelow(least),
        data={"form": form, "until": int((now + LIFETIME).timestamp())},
        hmac_secret=_secret(key),
    )
    found: dict[str, Any] = made.to_dict()
    return found


def proven(key: bytes, form: str, proof: str, *, now: dt.datetime) -> str:
    """A name for a proof that is right, so that it counts once; empty for one that is not.

    proof: base64 of the challenge and its solution, as an ALTCHA widget sends it.
    """
    import altcha

    if not 0 < len(proof) <= LONGEST:
        return ""
    try:
        payload = json.loads(binascii.a2b_base64(proof, strict_mode=True))
        about = payload["challenge"]["parameters"]["data"]
        good = altcha.verify_solution(proof, _secret(key)).verified
        fits = (
            hmac.compare_digest(str(about["form"]), form) and int(about["until"]) >= now.timestamp()
        )
    except (ValueError, TypeError, LookupError, AttributeError, RecursionError, OverflowError):
        return ""
    if not (good and fits):
        return ""
    return hashlib.sha256(str(payload["challenge"]["signature"]).encode()).hexdigest()[:32]


def _secret(key: bytes) -> bytes:
    return hmac.new(key, b"proof of work", hashlib.sha256).digest()
