"""Fields in ASCII: what Python's own parser of mail reads back."""

from __future__ import annotations

import email
import email.policy

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digest.providers.encoded_words import field, mailbox


def read_back(name: str, value: str) -> str:
    return str(
        email.message_from_string(f"{name}: {value}\r\n\r\n", policy=email.policy.SMTP)[name]
    )


def test_what_is_ascii_stays_as_it_is() -> None:
    assert (
        field("<https://gazette.example/leave?a=1&b=2>")
        == "<https://gazette.example/leave?a=1&b=2>"
    )


@given(
    st.text(st.characters(codec="utf-8", categories=("L", "N", "P", "S")), min_size=1, max_size=90)
)
@settings(deadline=None)
def test_any_words_come_back_in_lines_of_encoded_words(text: str) -> None:
    value = field(f"ü{text}")
    assert value.isascii()
    assert all(len(word) <= 75 for word in value.split(" ") if word.startswith("=?"))
    assert read_back("Subject", value).replace(" ", "") == f"ü{text}".replace(" ", "")


def test_an_identifier_after_the_words_is_not_encoded() -> None:
    value = field("Der Kaffee-Klatsch für alle <sunday.gazette.example>")
    assert value.endswith(" <sunday.gazette.example>")
    assert value.isascii()
    assert read_back("List-Id", value) == "Der Kaffee-Klatsch für alle <sunday.gazette.example>"


@pytest.mark.parametrize(
    "name",
    [
        "Alice",
        "Alice Smith",
        "Smith, Alice",
        'Zoë "Z" <x@evil.example>',
        "=?utf-8?q?x?=",
        "爱丽丝",
        "O'Neil (he)",
    ],
)
def test_a_mailbox_comes_back_with_its_name_and_address(name: str) -> None:
    value = mailbox(name, "alice@reader.example")
    assert value.isascii()
    message = email.message_from_string(f"To: {value}\r\n\r\n", policy=email.policy.SMTP)
    (found,) = message["To"].addresses
    assert (found.display_name, found.addr_spec) == (name, "alice@reader.example")


@pytest.mark.parametrize("name", ["", "  ", "\r\n", "\x00"])
def test_without_a_name_the_address_stands_alone(name: str) -> None:
    assert mailbox(name, "alice@reader.example") == "alice@reader.example"


def test_a_name_cannot_begin_another_line() -> None:
    assert "\n" not in mailbox("Zoë\r\nBcc: y", "alice@reader.example")
    assert field("a\r\nBcc: y") == "aBcc: y"
