"""Addresses: one person, one key; what cannot be mailed is refused with its reason."""

from __future__ import annotations

import pytest

from digest.audience import addresses
from digest.errors import BadInput


@pytest.mark.parametrize(
    ("raw", "address", "key"),
    [
        ("alice@reader.example", "alice@reader.example", "alice@reader.example"),
        ("  Alice@Reader.Example\n", "Alice@reader.example", "alice@reader.example"),
        ("alice+sunday@reader.example", "alice+sunday@reader.example", "alice@reader.example"),
        ("a+b+c@reader.example", "a+b+c@reader.example", "a@reader.example"),
        ("+tag@reader.example", "+tag@reader.example", "+tag@reader.example"),
        ("bob@bücher.example", "bob@xn--bcher-kva.example", "bob@xn--bcher-kva.example"),
        ("bob@BÜCHER.example", "bob@xn--bcher-kva.example", "bob@xn--bcher-kva.example"),
        ("o'neil@reader.example", "o'neil@reader.example", "o'neil@reader.example"),
    ],
)
def test_an_address_is_mailed_as_given_and_known_by_its_folded_key(
    raw: str, address: str, key: str
) -> None:
    assert addresses.parse(raw) == addresses.Address(address, key)


@pytest.mark.parametrize(
    "raw",
    [
        "",
        "   ",
        "alice",
        "alice@",
        "@reader.example",
        "alice@localhost",
        "alice@reader..example",
        "a..b@reader.example",
        "alice@reader.example\r\nBcc: dave@reader.example",
        "Alice <alice@reader.example>",
        "alice@[127.0.0.1]",
        '"a b"@reader.example',
        "älice@reader.example",
        "alice@reader.example, bob@reader.example",
        "a" * 65 + "@reader.example",
        "alice@" + "a" * 250 + ".example",
    ],
)
def test_what_cannot_be_mailed_is_refused_with_a_reason(raw: str) -> None:
    with pytest.raises(BadInput) as caught:
        addresses.parse(raw)
    assert caught.value.reason
    assert "\n" not in caught.value.item


def test_reading_what_was_read_changes_nothing() -> None:
    once = addresses.parse("Bob+tag@Bücher.example")
    assert addresses.parse(once.address) == once
