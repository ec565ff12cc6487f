"""Quoted-printable in pieces, read back by the standard library."""

from __future__ import annotations

import quopri

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.delivery import quoted

TEXT = st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\r"))


def read(data: bytes) -> str:
    return quopri.decodestring(data).decode("utf-8").replace("\r\n", "\n")


def lines(data: bytes) -> list[bytes]:
    return data.split(b"\r\n")


@pytest.mark.parametrize(
    ("text", "encoded"),
    [
        ("", b""),
        ("plain text", b"plain text"),
        ("a=b", b"a=3Db"),
        ("ends with a space ", b"ends with a space=20"),
        ("a tab\t", b"a tab=09"),
        (".", b"=2E"),
        ("..dots", b"=2E.dots"),
        ("é\n\n.é", b"=C3=A9\r\n\r\n=2E=C3=A9"),
        ("one\r\ntwo\rthree", b"one\r\ntwo\r\nthree"),
    ],
)
def test_what_becomes_of_a_text(text: str, encoded: bytes) -> None:
    assert quoted.encode(text) == encoded


@given(TEXT)
def test_every_text_comes_back_as_it_was(text: str) -> None:
    assert read(quoted.encode(text)) == text


@given(st.lists(TEXT, min_size=2, max_size=4), st.from_regex(r"[A-Za-z0-9_-]{44}", fullmatch=True))
def test_pieces_and_values_join_to_the_whole(pieces: list[str], token: str) -> None:
    line = token.encode() + quoted.SOFT
    joined = b"".join(quoted.before_slot(piece) + line for piece in pieces[:-1])
    joined += quoted.encode(pieces[-1])
    assert read(joined) == token.join(pieces)
    assert all(len(line) <= 76 and not line.startswith(b".") for line in lines(joined))


@pytest.mark.parametrize("text", ["." * 400, "x" * 71 + ".y" * 200, "é." * 200, "=." * 100])
def test_no_line_is_too_long_or_begins_with_a_full_stop(text: str) -> None:
    encoded = quoted.encode(text)
    assert read(encoded) == text
    assert all(len(line) <= 76 and not line.startswith(b".") for line in lines(encoded))
