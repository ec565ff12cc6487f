"""Secrets and signatures: what was made for one purpose opens nothing else."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from digest.audience import tokens
from tests.people import KEY

HANDLE = "AbCdEfGhIjKlMnOpQrStUv"


def test_secrets_are_22_letters_that_need_no_escape_and_never_the_same() -> None:
    made = {tokens.new_secret() for _ in range(1000)}
    assert len(made) == 1000
    assert all(re.fullmatch(r"[A-Za-z0-9_-]{22}", one) for one in made)


def test_many_secrets_at_once_are_of_the_same_form_and_differ() -> None:
    made = tokens.new_secrets(1000)
    assert len(set(made)) == len(made) == 1000
    assert all(re.fullmatch(r"[A-Za-z0-9_-]{22}", one) for one in made)
    assert len({secret[:3] for secret in made}) == 1
    assert len({secret[3:6] for secret in made}) > 900
    assert len({tokens.new_secrets(1)[0][:3] for _ in range(4)}) > 1


def test_the_hash_of_a_secret_is_its_sha256() -> None:
    # FIPS 180-4, the one-block example "abc"
    expected = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    assert tokens.hash_secret("abc") == expected


def test_a_leave_token_gives_its_handle_back() -> None:
    token = tokens.leave_token(KEY, "sunday", HANDLE)
    assert tokens.read_leave_token(KEY, "sunday", token) == HANDLE
    assert re.fullmatch(r"[A-Za-z0-9_-]{44}", token)


def test_a_leave_token_is_of_one_newsletter_and_one_key() -> None:
    token = tokens.leave_token(KEY, "sunday", HANDLE)
    assert tokens.read_leave_token(KEY, "monday", token) is None
    assert tokens.read_leave_token(b"another key", "sunday", token) is None


def test_a_token_for_mail_opens_the_same_door_and_no_other() -> None:
    token, mailed = tokens.leave_tokens(KEY, "sunday", HANDLE)
    assert token == tokens.leave_token(KEY, "sunday", HANDLE)
    assert re.fullmatch(rf"{HANDLE}\.[0-9a-f]{{20}}", mailed)
    assert tokens.read_mailed_token(KEY, "sunday", mailed) == HANDLE
    assert tokens.read_mailed_token(KEY, "sunday", f"{HANDLE}.{mailed[-20:].upper()}") == HANDLE
    assert tokens.read_mailed_token(KEY, "monday", mailed) is None
    assert tokens.read_mailed_token(b"another key", "sunday", mailed) is None
    assert tokens.read_leave_token(KEY, "sunday", mailed) is None
    assert tokens.read_ref(KEY, mailed, ["c" * 64]) is None


@given(st.text(max_size=60))
def test_any_text_as_a_mailed_token_is_refused_without_an_error(text: str) -> None:
    assert tokens.read_mailed_token(KEY, "sunday", text) is None


@given(st.integers(0, 43), st.characters(codec="ascii", categories=["L", "N"]))
def test_a_leave_token_with_one_letter_changed_opens_nothing(at: int, letter: str) -> None:
    token = tokens.leave_token(KEY, "sunday", HANDLE)
    changed = token[:at] + letter + token[at + 1 :]
    assert (tokens.read_leave_token(KEY, "sunday", changed) is None) == (changed != token)


@given(st.text(max_size=60))
def test_any_text_as_a_leave_token_is_refused_without_an_error(text: str) -> None:
    assert tokens.read_leave_token(KEY, "sunday", text) is None


def test_the_hash_of_an_address_needs_the_key_and_is_the_same_every_time() -> None:
    first = tokens.address_hash(KEY, "dave@reader.example")
    assert first == tokens.address_hash(KEY, "dave@reader.example")
    assert first != tokens.address_hash(b"another key", "dave@reader.example")
    assert re.fullmatch(r"[0-9a-f]{64}", first)


def test_a_message_key_is_the_same_on_every_attempt_and_only_letters_and_digits() -> None:
    first = tokens.message_key(KEY, "c" * 64, HANDLE)
    assert first == tokens.message_key(KEY, "c" * 64, HANDLE)
    assert first.isascii()
    assert first.isalnum()
    assert first != tokens.message_key(KEY, "d" * 64, HANDLE)
    assert first != tokens.message_key(KEY, "c" * 64, HANDLE[::-1])


def test_tokens_stay_what_they_are_from_one_version_to_the_next() -> None:
    """Links that were mailed last year must open, and a second attempt must have the same Message-ID."""
    key = bytes(range(32))
    assert tokens.leave_token(key, "sunday", HANDLE) == HANDLE + "yZlIeQjqVEqDxSiMfgMz-A"
    assert tokens.message_key(key, "c" * 64, HANDLE) == "25d58e7560616dfb631e8d084fd54d48"
    assert tokens.address_hash(key, "dave@reader.example") == (
        "e505474b5d8758e262d783ce69d54394cef5eaa06841183a02c16a17d57e2298"
    )
