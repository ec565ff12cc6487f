"""A whole copy is looked over: its header, whom it comes from, and whether it reads as it was rendered."""

from __future__ import annotations

import datetime as dt

import pytest

from digest import render
from digest.delivery import compile as compiling
from digest.model import Reader, SubscriberId
from digest.preflight import Item, message
from tests import sample_issue
from tests.delivery.test_dkim import a_signer
from tests.preflight.broken import MAIL, URL

DATE = dt.datetime(2026, 11, 29, 8, tzinfo=dt.UTC)
ENVELOPE = compiling.envelope_of(sample_issue.schedule(), DATE, URL)
READER = Reader(SubscriberId(1), "alice@example.net", "a" * 22, "Alice")
COPY = compiling.compile_edition(MAIL, ENVELOPE, key=b"k" * 32).message(READER)
FILLED = render.fill(MAIL, {"leave_url": COPY.values["leave_url"]})


def told(data: bytes, *, domain: str = ENVELOPE.domain, signed_by: str = "") -> str:
    found = message.check(data, FILLED, public_url=URL, domain=domain, signed_by=signed_by)
    return "\n".join(one.message for one in found)


def test_a_copy_as_readers_get_it_is_sound_signed_or_not() -> None:
    assert told(COPY.data) == ""
    signed = compiling.compile_edition(MAIL, ENVELOPE, key=b"k" * 32, signer=a_signer("rsa"))
    assert told(signed.message(READER).data, signed_by=ENVELOPE.domain) == ""


def field(name: bytes) -> bytes:
    """A field of the header, with its continued lines and its line end."""
    head = COPY.data.partition(b"\r\n\r\n")[0] + b"\r\n"
    start = head.index(b"\r\n" + name + b":") + 2 if not head.startswith(name) else 0
    end = start
    while True:
        end = head.index(b"\r\n", end) + 2
        if head[end : end + 1] not in (b" ", b"\t"):
            return head[start:end]


@pytest.mark.parametrize("name", message.ONCE)
def test_a_field_that_is_missing_or_doubled_forbids_the_approval(name: str) -> None:
    found = field(name.encode())
    assert f"header field {name} is missing" in told(COPY.data.replace(found, b"", 1))
    twice = COPY.data.replace(found, found + found, 1)
    assert f"header field {name} stands there more than once" in told(twice)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (b"List-Unsubscribe=One-Click", b"x", "no way to leave with one press"),
        (URL.encode() + b"/leave", b"https://elsewhere.example/leave", "another server than ours"),
        (b"text/html", b"text/enriched", "text/html part does not read"),
    ],
)
def test_a_copy_that_is_not_as_it_must_be_forbids_the_approval(
    old: bytes, new: bytes, message: str
) -> None:
    assert old in COPY.data
    assert message in told(COPY.data.replace(old, new))


def test_a_copy_that_says_another_thing_than_was_approved_forbids_the_approval() -> None:
    head, _, body = COPY.data.partition(b"\r\n\r\n")
    word = MAIL.text.split()[5].encode()
    assert word in body
    changed = head + b"\r\n\r\n" + body.replace(word, b"Forged")
    assert "does not read as it was rendered" in told(changed)


def test_a_mail_of_another_domain_than_the_newsletters_or_its_keys_is_refused() -> None:
    assert "the newsletter's domain is bank.example" in told(COPY.data, domain="bank.example")
    assert "is signed by bank.example" in told(COPY.data, signed_by="bank.example")
    assert told(COPY.data, signed_by=f"mail.{ENVELOPE.domain}") == ""


def test_what_is_wrong_with_the_header_is_about_the_header() -> None:
    (found,) = message.check(COPY.data, FILLED, public_url=URL, domain="bank.example", signed_by="")
    assert (found.level, found.item) == ("error", Item.HEADER)
