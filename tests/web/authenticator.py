"""A device that keeps passkeys, in software: what a browser would answer, honest or not (WebAuthn level 3)."""

from __future__ import annotations

import base64
import hashlib
import json
from dataclasses import dataclass, field
from typing import Any

import cbor2
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

ORIGIN = "http://localhost:8000"
PRESENT, VERIFIED, ATTESTED = 0x01, 0x04, 0x40


def base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def unpacked(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


@dataclass
class Authenticator:
    """One key pair. What it answers can be made wrong, a thing at a time."""

    key: ec.EllipticCurvePrivateKey = field(
        default_factory=lambda: ec.generate_private_key(ec.SECP256R1())
    )
    credential: bytes = b"credential of the tests"
    handle: str = ""
    counter: int = 0

    def create(self, options: str, *, origin: str = ORIGIN, flags: int = PRESENT | VERIFIED) -> str:
        """The answer to a challenge for a new passkey, as the page sends it."""
        told = json.loads(options)
        self.handle = told["user"]["id"]
        data = self._data(told["rp"]["id"], flags | ATTESTED) + self._attested()
        attestation = {"fmt": "none", "attStmt": {}, "authData": data}
        client = _client("webauthn.create", told["challenge"], origin)
        response = {
            "clientDataJSON": base64url(client),
            "attestationObject": base64url(cbor2.dumps(attestation)),
        }
        return self._answer(response)

    def get(
        self,
        options: str,
        *,
        origin: str = ORIGIN,
        party: str = "",
        flags: int = PRESENT | VERIFIED,
        handle: str | None = None,
        key: ec.EllipticCurvePrivateKey | None = None,
    ) -> str:
        """The answer to a challenge of a login."""
        told = json.loads(options)
        self.counter += 1
        data = self._data(party or told["rpId"], flags)
        client = _client("webauthn.get", told["challenge"], origin)
        signed = (key or self.key).sign(
            data + hashlib.sha256(client).digest(), ec.ECDSA(hashes.SHA256())
        )
        response = {
            "clientDataJSON": base64url(client),
            "authenticatorData": base64url(data),
            "signature": base64url(signed),
            "userHandle": self.handle if handle is None else handle,
        }
        return self._answer(response)

    def _data(self, party: str, flags: int) -> bytes:
        return (
            hashlib.sha256(party.encode()).digest()
            + bytes([flags])
            + self.counter.to_bytes(4, "big")
        )

    def _attested(self) -> bytes:
        point = self.key.public_key().public_numbers()
        x, y = point.x.to_bytes(32, "big"), point.y.to_bytes(32, "big")
        cose = cbor2.dumps({1: 2, 3: -7, -1: 1, -2: x, -3: y})
        return bytes(16) + len(self.credential).to_bytes(2, "big") + self.credential + cose

    def _answer(self, response: dict[str, Any]) -> str:
        known = base64url(self.credential)
        told = {"id": known, "rawId": known, "type": "public-key", "clientExtensionResults": {}}
        return json.dumps({**told, "response": response})


def _client(kind: str, challenge: str, origin: str) -> bytes:
    return json.dumps(
        {"type": kind, "challenge": challenge, "origin": origin, "crossOrigin": False}
    ).encode()
