"""The answers of a message that went well, and what only looks like them."""

from __future__ import annotations

import pytest

from digest.providers.smtp_replies import Replies
from digest.providers.smtp_turns import DATA, MAIL, RCPT
from digest.providers.smtp_usual import Usual

ENVELOPE = b"250 2.1.0 Ok\r\n250 2.1.5 Ok\r\n"
TAKEN = b"250 2.0.0 Ok: queued as 4711\r\n"


def learned(told: bytes = ENVELOPE + b"354 Go on\r\n") -> Usual:
    usual = Usual()
    for step, reply in zip((MAIL, RCPT, DATA), Replies().feed(told), strict=True):
        usual.learn(step, reply)
    return usual


def test_a_message_that_is_taken_with_the_envelope_behind_it_is_known_again() -> None:
    usual = learned()
    assert usual.hears(TAKEN + ENVELOPE, usual.chunks, placed=True)
    assert usual.hears(TAKEN + ENVELOPE + b"354 Go on\r\n", usual.data, placed=False)


@pytest.mark.parametrize(
    "data",
    [
        b"550 5.7.1 No\r\n" + ENVELOPE,
        b"250-2.0.0 Ok\r\n" + ENVELOPE,
        TAKEN + TAKEN + ENVELOPE,
        TAKEN + b"250 2.1.0 Ok\r\n550 5.1.1 Unknown\r\n",
        TAKEN + b"250 2.1.0 Ok\r\n250 2.1.5 Fine\r\n",
        TAKEN + ENVELOPE[:-1],
        TAKEN,
        ENVELOPE,
        b"",
        b"250 2.0.0 Ok\n" + ENVELOPE,
        b"250 " + b"2" * 300 + b"\r\n" + ENVELOPE,
        TAKEN + ENVELOPE + b"421 4.3.2 Closing\r\n",
    ],
)
def test_whatever_reads_otherwise_in_the_least_is_not(data: bytes) -> None:
    usual = learned()
    assert not usual.hears(data, usual.chunks, placed=False)


@pytest.mark.parametrize("line", [b"250 2.1.6 Ok\r\n", b"250 2.1.0 Ok\r\n", b"250 2.1.5 Ok\r\n"])
def test_an_answer_that_may_be_one_to_an_envelope_is_looked_at_closely(line: bytes) -> None:
    usual = learned()
    assert not usual.hears(line + ENVELOPE, usual.chunks, placed=True)


def test_where_every_answer_is_the_same_none_shows_its_place() -> None:
    usual = learned(b"250 ok\r\n250 ok\r\n354 go on\r\n")
    same = b"250 ok\r\n" * 3
    assert not usual.hears(same, usual.chunks, placed=True)
    assert usual.hears(same + b"354 go on\r\n", usual.data, placed=False)


@pytest.mark.parametrize("told", [b"250-2.1.0 Ok\r\n250 and more\r\n", b"250 2.1.0 Ok\n"])
def test_an_answer_of_several_lines_or_with_a_bare_line_feed_is_never_known_again(
    told: bytes,
) -> None:
    usual = learned(told + b"250 2.1.5 Ok\r\n354 Go on\r\n")
    assert usual.chunks == usual.data == b""
    assert not usual.hears(TAKEN + told + b"250 2.1.5 Ok\r\n", usual.chunks, placed=False)
