"""Mail by which somebody leaves: from every mail program, and from no machine that answers by itself."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.audience import returned_mail
from digest.audience.leaving_mail import token_of
from tests.audience.mails import HANDLE, NOW, REF, RETURNED, complaint, notification, plain

TOKEN = f"{HANDLE}.0123456789abcdef0123"
TO = f"bounce+leave.{TOKEN}@gazette.example"


def wish(
    *,
    sender: str = "Alice <alice@reader.example>",
    subject: str = "unsubscribe",
    more: str = "",
    to: str = TO,
) -> bytes:
    return plain(sender=sender, subject=subject, text="", more=more, to=to)


@pytest.mark.parametrize(
    "mail",
    [
        wish(),
        wish(subject=""),
        wish(to=f'"The Sunday Catchup" <{TO}>'),
        wish(to=f"someone@gazette.example, <{TO}>"),
        wish(to=TO.upper().replace(TOKEN.upper(), TOKEN)),
        wish(more="Auto-Submitted: no\n"),
        wish(more="Auto-Submitted: auto-generated\n"),  # a mail program writes for its owner
        wish(more="Return-Path: <alice@reader.example>\n"),
        wish().replace(b"\n", b"\r\n"),
        wish().replace(b"\n", b"\r"),
        wish(to="hidden@gazette.example", more=f"X-Original-To: {TO}\n"),
        wish(more=f"Delivered-To: bounce@gazette.example\nDelivered-To: {TO}\n"),
    ],
)
def test_a_mail_to_the_address_is_a_wish(mail: bytes) -> None:
    assert token_of(mail) == TOKEN


def test_the_envelopes_recipient_is_enough() -> None:
    mail = wish(to="undisclosed-recipients:;")
    assert token_of(mail) == ""
    assert token_of(mail, recipient=TO) == TOKEN


@pytest.mark.parametrize(
    "mail",
    [
        notification(to=TO),
        complaint(to=TO),
        wish(more="Auto-Submitted: auto-replied\n"),
        wish(more="Auto-Submitted: auto-replied (vacation)\nReturn-Path: <>\n"),
        wish(more="Return-Path: <>\n"),
        wish(more="X-Autoreply: yes\n"),
        wish(more="Precedence: auto_reply\n"),
        wish(subject="Out of office: unsubscribe"),
        wish(subject="Automatische Antwort: unsubscribe"),
        wish(sender="MAILER-DAEMON@mx.reader.example"),
        wish(sender="Mail Delivery System <postmaster@reader.example>"),
        wish(more="Content-Type: multipart/report; report-type=delivery-status\n"),
    ],
)
def test_no_answering_machine_and_no_bounce_leaves(mail: bytes) -> None:
    assert token_of(mail) == ""
    assert token_of(mail, recipient=TO) == ""


@pytest.mark.parametrize(
    "mail",
    [
        wish(to=f"bounce+{REF}@gazette.example"),
        wish(to=f"bounce+leave.{TOKEN}0@gazette.example"),
        wish(to=f"bounce+leave.{TOKEN[:-1]}@gazette.example"),
        wish(to="bounce+leave.@gazette.example"),
        plain(sender="a@b.example", subject="x", text=f"To: {TO}"),
        b"",
        b"\0\xff",
    ],
)
def test_other_mail_is_no_wish(mail: bytes) -> None:
    assert token_of(mail) == ""


def test_a_bounce_that_returns_our_own_header_is_a_bounce() -> None:
    returned = RETURNED + f"List-Unsubscribe: <https://x.example/>,\n <mailto:{TO}>\n"
    mail = notification(returned=returned)
    assert token_of(mail) == ""
    (report,) = returned_mail.read(mail, now=NOW)
    assert report.ref == REF


def test_a_wish_tells_of_no_copy() -> None:
    """Should it ever be read as a bounce, its token is no ref."""
    assert returned_mail.read(wish(), now=NOW) == ()
    reports = returned_mail.read(notification(to=TO, returned=""), now=NOW)
    assert [one.ref for one in reports] == [""]


@given(st.binary(max_size=400), st.text(max_size=80))
def test_no_mail_raises(data: bytes, recipient: str) -> None:
    token_of(data, recipient=recipient)
    token_of(f"To: {TO}\n".encode() + data, recipient=recipient)
