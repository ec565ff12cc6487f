"""The published half of a DKIM key: there, readable, and of our own."""

from __future__ import annotations

import base64

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from digest.delivery.dkim import Key
from digest.domains import keys
from digest.domains.keys import Expected, examine
from tests.zones import Zone


def expected(private: rsa.RSAPrivateKey | Ed25519PrivateKey) -> Expected:
    key = Key("sunday", private)
    return Expected(key.kind, key.public)


RSA = expected(rsa.generate_private_key(public_exponent=65537, key_size=2048))
SHORT = expected(rsa.generate_private_key(public_exponent=65537, key_size=1024))
ED25519 = expected(Ed25519PrivateKey.generate())
NAME = "sunday._domainkey.gazette.example"


def published(ours: Expected, **changes: str) -> Zone:
    tags = {"v": "DKIM1", "k": ours.kind, "p": base64.b64encode(ours.public).decode(), **changes}
    text = "; ".join(f"{name}={value}" for name, value in tags.items() if value != "left out")
    strings = " ".join(f'"{text[at : at + 200]}"' for at in range(0, len(text), 200))
    return Zone.of(f"{NAME}. TXT {strings}")


@pytest.mark.parametrize("ours", [RSA, ED25519, SHORT], ids=["rsa", "ed25519", "short"])
def test_what_is_offered_for_publishing_is_the_key(ours: Expected) -> None:
    zone = Zone()
    found = examine(zone, "sunday", "gazette.example", ours)
    assert (found.fine, "not there" in found.text) == (False, True)
    zone.publish(*found.publish)
    assert examine(zone, "sunday", "gazette.example", ours).fine


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"v": "left out"},
        {"k": "left out"},
        {"h": "sha1:sha256"},
        {"s": "email"},
        {"s": "*"},
        {"n": "notes"},
    ],
)
def test_what_the_standard_allows_is_fine(changes: dict[str, str]) -> None:
    assert examine(published(RSA, **changes), "sunday", "gazette.example", RSA).fine


@pytest.mark.parametrize(
    ("zone", "words"),
    [
        (published(RSA, p=""), "taken back"),
        (published(RSA, p="left out"), "no p="),
        (published(RSA, v="DKIM2"), "no key of DKIM"),
        (published(ED25519), "of the kind ed25519"),
        (published(SHORT), "another key than ours"),
        (published(RSA, p="abc"), "cannot be read"),
        (published(RSA, p=base64.b64encode(RSA.public[:60]).decode()), "cut off"),
        (published(RSA, h="sha1"), "sha1 only"),
        (published(RSA, s="tlsrpt"), "not for mail"),
    ],
)
def test_what_keeps_a_signature_from_being_believed_is_named(zone: Zone, words: str) -> None:
    found = examine(zone, "sunday", "gazette.example", RSA)
    assert not found.fine
    assert words in found.text
    assert found.publish == (keys.to_publish("sunday", "gazette.example", RSA),)


def test_two_records_are_one_too_many() -> None:
    zone = published(RSA)
    zone.publish(keys.to_publish("sunday", "gazette.example", SHORT))
    assert "2 records" in examine(zone, "sunday", "gazette.example", RSA).text


def test_a_short_key_and_a_test_are_told_beside() -> None:
    found = examine(published(SHORT, t="y:s"), "sunday", "gazette.example", SHORT)
    assert found.fine
    assert "1024 bits" in found.text
    assert "t=y" in found.text


def test_a_providers_usual_names_are_looked_through() -> None:
    zone = Zone.of('s2._domainkey.gazette.example. TXT "k=rsa; p=MII"')
    assert keys.seen(zone, ("s1", "s2"), "gazette.example") == ["s2"]
