"""Header fields, read back by the standard library's own parser."""

from __future__ import annotations

import email
import email.header
import email.policy
import email.utils

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.delivery import heads

NAMES = (
    "Alice",
    "Alice Archer-Smith",
    "Alice (the first)",
    'Alice "Ali" Archer',
    "Back\\slash",
    "Archer, Alice",
    "Ünal Çelik",
    "山田太郎",
    "نور المقطري",
    "👨‍👩‍👧 family " * 12,
    "=?utf-8?Q?no?=",
    "very " * 30 + "long",
    "x" * 200,
    "<evil@a.example>, other",
)


def parsed(data: bytes) -> email.message.EmailMessage:
    found = email.message_from_bytes(data + b"\r\n", policy=email.policy.SMTP)
    assert isinstance(found, email.message.EmailMessage)
    assert not found.defects
    return found


def mailbox(name: str) -> tuple[str, str]:
    """Name and address as a mail program reads them (the newer parser of Python 3.11 puts spaces
    between the encoded words of a name, against RFC 2047 §6.2)."""
    data = heads.mailbox(name, "alice@reader.example", field="To")
    shown, address = email.utils.parseaddr(email.message_from_bytes(data + b"\r\n")["To"])
    return str(email.header.make_header(email.header.decode_header(shown))), address


@pytest.mark.parametrize("name", NAMES)
def test_a_name_is_read_as_it_was_written(name: str) -> None:
    assert mailbox(name) == (name.strip(), "alice@reader.example")


@given(st.text(max_size=120))
def test_no_name_can_add_a_field_or_another_address(name: str) -> None:
    data = heads.mailbox(name, "alice@reader.example", field="To")
    fields = parsed(data)
    assert fields.keys() == ["To"]
    assert [a.addr_spec for a in fields["To"].addresses] == ["alice@reader.example"]
    assert all(len(line) <= 76 for line in data.split(b"\r\n"))


@pytest.mark.parametrize(
    "text",
    ["Plain", "A subject " * 40, "Grüße", "港" * 300, "x" * 300, "a =?b?= c", "Emoji 👩‍🚒 " * 9],
)
def test_a_subject_is_read_as_it_was_written(text: str) -> None:
    data = heads.line("Subject", text)
    assert parsed(data)["Subject"] == text.strip()
    assert all(len(line) <= 76 for line in data.split(b"\r\n"))


@given(st.text(max_size=300))
def test_no_subject_can_add_a_field(text: str) -> None:
    assert parsed(heads.line("Subject", text)).keys() == ["Subject"]


def test_an_encoded_word_holds_whole_characters() -> None:
    words = heads._encoded("港" * 50)
    assert all(len(word) <= 75 for word in words)
    assert [email.header.decode_header(word)[0][0].decode("utf-8") for word in words]  # type: ignore[union-attr]
