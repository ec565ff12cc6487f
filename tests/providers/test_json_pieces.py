"""JSON in pieces: the same as written at once, whatever stands in a mail or a reader's values."""

from __future__ import annotations

import dataclasses
import html
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.contracts.hand_over import LEAVE, a_message
from digest.mail.slots import MARK, plain
from digest.providers import json_pieces
from digest.providers.json_pieces import compiled, in_html, in_text, mailbox, place

words = st.text(st.characters(exclude_categories=["Cs"]), max_size=40).filter(
    lambda text: MARK not in text
)


@given(before=words, after=words, value=words)
def test_what_is_joined_is_what_would_have_been_written(
    before: str, after: str, value: str
) -> None:
    template = {
        "page": in_html(f"{before}{LEAVE}{after}{LEAVE}"),
        "text": in_text(f"{LEAVE}{after}"),
        "same": before,
    }
    message = dataclasses.replace(a_message(), values={"leave_url": value})
    found = json.loads(b"".join(compiled(template).of(message)))
    assert found == {
        "page": f"{before}{html.escape(value)}{after}{html.escape(value)}",
        "text": f"{plain(value)}{after}",
        "same": before,
    }


def test_a_list_has_an_object_for_each_message() -> None:
    pieces = compiled({"to": place("to:address"), "key": place("id:key")})
    found = json.loads(b"".join(json_pieces.array(pieces, [a_message(1), a_message(2)])))
    assert found == [
        {"to": "reader1@example.net", "key": "key1"},
        {"to": "reader2@example.net", "key": "key2"},
    ]


def test_a_place_that_nobody_fills_is_found_at_once() -> None:
    with pytest.raises(KeyError):
        compiled({"x": place("to:nobody")})


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("", "a@example.net"),
        (" \r\n ", "a@example.net"),
        ("Zoë", '"Zoë" <a@example.net>'),
        ('Al "Ace" <x>, y', '"Al \\"Ace\\" <x>, y" <a@example.net>'),
        ("back\\slash\r\nBcc: b@example.net", '"back\\\\slashBcc: b@example.net" <a@example.net>'),
    ],
)
def test_a_mailbox_is_one_mailbox_whatever_the_name(name: str, written: str) -> None:
    assert mailbox(name, "a@example.net") == written
