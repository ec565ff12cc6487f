"""Mail to the bounce address: what it tells, whose copy it is about, and that no mail can break it."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digest.audience import returned_mail
from digest.model import Report, ReportKind
from tests import bounce_samples, left_out
from tests.audience.mails import NOW, REF, TO, complaint, notification, plain

DAEMON = "Mail Delivery System <MAILER-DAEMON@mx.reader.example>"
SAMPLES = (notification(), complaint(), plain(sender=DAEMON, subject="failure notice", text="x"))


def read(data: bytes, recipient: str = "") -> tuple[Report, ...]:
    return returned_mail.read(data, now=NOW, recipient=recipient)


def one(data: bytes, recipient: str = "") -> Report:
    (report,) = read(data, recipient)
    return report


# ---------------------------------------------------------------- what happened


def test_a_notification_tells_kind_status_recipient_and_words() -> None:
    found = one(notification())
    assert (found.provider, found.kind) == ("mailbox", ReportKind.BOUNCED)
    assert (found.status, found.address) == ("5.1.1", "alice@reader.example")
    assert found.detail == "smtp; 550 5.1.1 <alice@reader.example>: no such user"
    assert found.at.isoformat() == "2026-11-29T08:00:00+00:00"
    assert "Final-Recipient" in found.raw


@pytest.mark.parametrize(
    ("action", "kind"),
    [
        ("failed", ReportKind.BOUNCED),
        ("Failed (permanent)", ReportKind.BOUNCED),
        ("error", ReportKind.BOUNCED),
        ("delayed", ReportKind.DEFERRED),
        ("delivered", ReportKind.DELIVERED),
        ("relayed", ReportKind.OTHER),
    ],
)
def test_the_action_says_what_it_is(action: str, kind: ReportKind) -> None:
    assert one(notification(action=action)).kind is kind


@pytest.mark.parametrize(
    "recipient",
    ["rfc822;alice@reader.example", "RFC822; <alice@reader.example>", "<alice@reader.example>"],
)
def test_the_recipient_is_read_however_it_is_written(recipient: str) -> None:
    assert one(notification(recipient=recipient)).address == "alice@reader.example"


def test_a_complaint_is_one_and_a_report_on_authentication_is_none() -> None:
    assert one(complaint()).kind is ReportKind.COMPLAINED
    assert one(complaint(kind="opt-out")).kind is ReportKind.UNSUBSCRIBED
    assert one(complaint(kind="auth-failure")).kind is ReportKind.OTHER
    assert one(complaint(kind="not-spam")).kind is ReportKind.OTHER


def test_outlooks_own_complaints_are_read() -> None:
    attached = "X-HmXmrOriginalRecipient: alice@reader.example\nSubject: News\n\nThe news.\n"
    more = "MIME-Version: 1.0\nContent-Type: message/rfc822\n"
    mail = plain(sender="staff@outlook.example", subject="complaint", text=attached, more=more)
    found = one(mail)
    assert (found.kind, found.address) == (ReportKind.COMPLAINED, "alice@reader.example")


def test_what_a_text_says_gives_no_status() -> None:
    text = "The following addresses failed:\n  alice@reader.example\n550 5.1.1 no such user"
    more = "X-Failed-Recipients: alice@reader.example\n"
    found = one(plain(sender=DAEMON, subject="Mail delivery failed", text=text, more=more))
    assert (found.address, found.status) == ("alice@reader.example", "")
    assert "5.1.1" in found.detail


def test_the_address_in_a_text_is_told() -> None:
    text = "Von mailer-daemon@mx.reader.example: an <alice@reader.example>. ging nichts."
    found = one(plain(sender=DAEMON, subject="Unzustellbar", text=text))
    assert found.address == "alice@reader.example"


def test_a_server_that_only_says_undeliverable_is_believed_with_the_ref() -> None:
    found = one(
        plain(sender=DAEMON, subject="=?utf-8?B?VW56dXN0ZWxsYmFyOiBOZXdz?=", text="Leider nicht.")
    )
    assert (found.kind, found.ref, found.address) == (ReportKind.BOUNCED, REF, "")


@pytest.mark.parametrize(
    ("subject", "more"),
    [
        ("Out of Office: The quay is approved", ""),
        ("Automatische Antwort: The quay", ""),
        ("Re: The quay is approved", "Auto-Submitted: auto-replied (vacation)\n"),
        ("=?utf-8?Q?R=C3=A9ponse_automatique=C2=A0=3A_The_quay?=", "Return-Path: <>\n"),
        ("Re: The quay", "Return-Path: <>\nAuto-Submitted: auto-replied\n"),
        ("Re: The quay is approved", "X-Autoreply: yes\n"),
        ("Undeliverable? No, on holiday", "Precedence: auto_reply\n"),
        ("Thank you!", ""),
    ],
)
def test_answers_of_people_and_their_machines_are_no_bounces(subject: str, more: str) -> None:
    text = "I am back on Monday. Until then ask bob@reader.example. 550 5.1.1 user unknown"
    assert (
        read(plain(sender="Alice <alice@reader.example>", subject=subject, text=text, more=more))
        == ()
    )


# ---------------------------------------------------------------- whose copy


@pytest.mark.parametrize(
    "to",
    [
        TO,
        f"<{TO.lower()}>",
        f"SRS0=abcd=xy=gazette.example=bounce+{REF}@forwarder.example",
        f"prvs=1234567890=bounce+{REF}@gazette.example",
    ],
)
def test_the_ref_is_read_from_the_address_that_it_came_to(to: str) -> None:
    assert one(notification(to=to, returned="")).ref.lower() == REF.lower()


def test_the_envelopes_recipient_goes_before_all() -> None:
    other = REF.replace("a", "b")
    found = one(notification(), recipient=f"bounce+{other}@gazette.example")
    assert found.ref == other


def test_the_ref_is_read_from_what_was_returned() -> None:
    assert one(notification(to="postmaster@gazette.example")).ref == REF
    assert one(complaint()).ref == REF
    returned = f"Return-Path: <bounce+{REF}@gazette.example>\nSubject: News\n"
    assert one(notification(to="x@gazette.example", returned=returned)).ref == REF


def test_without_any_there_is_none() -> None:
    assert one(notification(to="bounce@gazette.example", returned="Subject: x")).ref == ""


# ---------------------------------------------------------------- once


def test_the_same_mail_on_two_ways_is_one_event() -> None:
    trace = b"Received: from mx by store; Sun, 29 Nov 2026 09:00:01 +0100\n"
    assert one(trace + notification()).event_id == one(notification()).event_id
    assert one(notification().replace(b"\n", b"\r\n")).event_id == one(notification()).event_id
    bare = notification(message_id="")
    assert one(trace + bare).event_id == one(bare).event_id


def test_another_mail_is_another_event() -> None:
    found = {
        one(notification()).event_id,
        one(notification(message_id="<two@mx.reader.example>")).event_id,
        one(notification(status="4.2.2")).event_id,
        one(notification(to=TO.replace("a", "b"))).event_id,
    }
    assert len(found) == 4


def test_a_date_from_the_future_or_long_ago_is_not_believed() -> None:
    for date in (b"29 Nov 2029", b"29 Nov 1999", b"soon", b"99 Nov 2026"):
        assert one(notification().replace(b"29 Nov 2026 09", date + b" 09")).at == NOW


# ---------------------------------------------------------------- hostile mail


@given(st.binary(max_size=2000))
def test_no_bytes_break_it(data: bytes) -> None:
    assert isinstance(read(data), tuple)


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(SAMPLES), st.data())
def test_no_damage_to_a_real_mail_breaks_it(sample: bytes, data: st.DataObject) -> None:
    """Cut, with a piece doubled, and with bytes put in."""
    at, upto = sorted(data.draw(st.tuples(*[st.integers(0, len(sample))] * 2)))
    put_in = data.draw(st.binary(max_size=20))
    for damaged in (sample[:at], sample[:upto] + put_in + sample[at:], sample[at:]):
        for report in read(damaged):
            assert report.address.isascii()
            assert len(report.detail) <= 500


@pytest.mark.parametrize(
    "mail",
    [
        b"".join(
            b'Content-Type: multipart/mixed; boundary="b%d"\n\n--b%d\n' % (i, i)
            for i in range(9000)
        ),
        b"Content-Type: message/rfc822\n\n" * 9000,
        b"Content-Type: multipart/mixed; boundary=b\n\n" + b"--b\n\n" * 60_000,
        b"a:b\n" * 70_000,
        b"To: " + b"<a@b>,\n " * 40_000,
        b"From: mailer-daemon\n\n" + b"\n" * 300_000,
        b"From: mailer-daemon\n\n" + (b"<" * 997 + b"\n") * 300,
        b"From: mailer-daemon\nSubject: " + b"re: " * 60_000,
        b"X-Failed-Recipients: " + b"a@b, " * 60_000,
        notification() * 400,
        b"\x00" * 2_000_000,
    ],
    ids=[
        "nested",
        "messages",
        "parts",
        "fields",
        "to",
        "lines",
        "wide",
        "subject",
        "failed",
        "many",
        "nul",
    ],
)
def test_no_mail_is_too_large_to_read_and_none_tells_much(mail: bytes) -> None:
    """Unbounded, some of these take minutes or more depth than Python has."""
    found = read(mail)
    assert len(found) <= returned_mail.MOST
    assert all(len(report.raw) <= returned_mail.LARGEST for report in found)


# ---------------------------------------------------------------- real mail


def test_of_the_samples_that_others_test_with_98_in_100_have_the_right_recipient() -> None:
    if not bounce_samples.FOLDER.is_dir():
        reason = "the samples of flufl.bounce are not here; `python tests/bounce_samples.py` puts them there"
        left_out.because(reason)
    wrong = []
    expected = bounce_samples.expected()
    for name, (addresses, delayed) in expected.items():
        found = read((bounce_samples.FOLDER / name).read_bytes())
        kind = ReportKind.DEFERRED if delayed else ReportKind.BOUNCED
        told = {report.address for report in found if report.kind is kind and report.address}
        if told != addresses:
            wrong.append(name)
    assert len(expected) > 100
    assert len(wrong) <= len(expected) * 0.02, wrong
