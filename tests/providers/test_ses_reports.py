"""What SES tells: as published events and as notifications, of one reader or of several."""

from __future__ import annotations

import base64
import datetime as dt
import json
from collections.abc import Iterator

import pytest

from digest.contracts import Call, WebhookContract
from digest.errors import BadInput, Forged
from digest.model import Report, ReportKind
from digest.protocols import ReportReader
from digest.providers.ses_reports import SesReports
from digest.providers.sns import Topics
from tests.providers.amazon import NOW, TOPIC, a_confirmation, a_message, a_web, body

READER = SesReports(Topics(frozenset({TOPIC}), a_web()))
TAG = base64.urlsafe_b64encode(b"a_handle.proof").decode().rstrip("=")
MAIL = {
    "timestamp": "2026-11-29T08:40:02.012Z",
    "messageId": "0102-7c191be4",
    "destination": ["alice@example.net"],
    "headers": [{"name": "From", "value": "x"}, {"name": "x-digest-ref", "value": "by header"}],
}
TAGS = {"tags": {"ses:caller-identity": ["root"], "digest-ref": [TAG]}}


def told(event: object) -> list[Report]:
    said = event if isinstance(event, str) else json.dumps(event)
    return list(READER.read({}, body(a_message(said)), now=NOW))


def an_event(
    kind: str, detail: dict[str, object], *, shape: str = "eventType"
) -> dict[str, object]:
    name = {"DeliveryDelay": "deliveryDelay", "Rendering Failure": "failure"}.get(kind)
    mail = {**MAIL, **TAGS} if shape == "eventType" else MAIL
    return {shape: kind, "mail": mail, name or kind.lower(): detail}


def a_bounce(kind: str, subtype: str, **reader: str) -> dict[str, object]:
    return {
        "bounceType": kind,
        "bounceSubType": subtype,
        "bouncedRecipients": [{"emailAddress": "alice@example.net", **reader}],
        "timestamp": "2026-11-29T08:41:02.669Z",
        "feedbackId": "0102-feedback",
    }


UNKNOWN = a_bounce(
    "Permanent", "General", status="5.1.1", diagnosticCode="smtp; 550 5.1.1 <no> user"
)


@pytest.mark.parametrize(
    ("shape", "ref"), [("eventType", "a_handle.proof"), ("notificationType", "by header")]
)
def test_a_bounce_names_the_reader_the_copy_and_the_reason(shape: str, ref: str) -> None:
    (report,) = told(an_event("Bounce", UNKNOWN, shape=shape))
    assert (report.provider, report.event_id) == ("ses", "0102-feedback:0")
    assert (report.kind, report.status) == (ReportKind.BOUNCED, "5.1.1")
    assert (report.ref, report.address) == (ref, "alice@example.net")
    assert report.at == dt.datetime(2026, 11, 29, 8, 41, 2, 669000, tzinfo=dt.UTC)
    assert report.detail == "smtp; 550 5.1.1 <no> user"
    assert json.loads(report.raw)["mail"]["messageId"] == "0102-7c191be4"


def test_the_same_bounce_told_in_both_shapes_counts_once() -> None:
    (one,), (two,) = (
        told(an_event("Bounce", UNKNOWN, shape=shape))
        for shape in ("eventType", "notificationType")
    )
    assert one.event_id == two.event_id


@pytest.mark.parametrize(
    ("bounce", "status"),
    [
        (a_bounce("Permanent", "General"), "5.0.0"),
        (a_bounce("Permanent", "NoEmail"), "5.1.1"),
        (a_bounce("Permanent", "Suppressed"), "5.1.1"),
        (a_bounce("Permanent", "OnAccountSuppressionList"), "5.1.1"),
        (a_bounce("Permanent", "General", diagnosticCode="smtp; 550 5.7.26 no"), "5.7.26"),
        (a_bounce("Transient", "General"), "4.0.0"),
        (a_bounce("Transient", "MailboxFull"), "4.2.2"),
        (a_bounce("Transient", "MessageTooLarge"), "5.3.4"),
        (a_bounce("Transient", "ContentRejected"), "5.7.1"),
        (a_bounce("Undetermined", "Undetermined"), "4.0.0"),
    ],
)
def test_a_bounces_status_is_what_was_said_else_what_ses_makes_of_it(
    bounce: dict[str, object], status: str
) -> None:
    (report,) = told(an_event("Bounce", bounce))
    assert report.status == status
    assert report.detail


@pytest.mark.parametrize("shape", ["eventType", "notificationType"])
def test_a_complaint_names_each_who_may_have_complained(shape: str) -> None:
    readers = [{"emailAddress": "alice@example.net"}, {"emailAddress": "bob@example.net"}]
    detail = {"complainedRecipients": readers, "feedbackId": "f", "complaintFeedbackType": "abuse"}
    found = told(an_event("Complaint", detail, shape=shape))
    assert [(one.kind, one.address) for one in found] == [
        (ReportKind.COMPLAINED, "alice@example.net"),
        (ReportKind.COMPLAINED, "bob@example.net"),
    ]
    assert [one.event_id for one in found] == ["f:0", "f:1"]
    assert found[0].detail == "abuse"


@pytest.mark.parametrize("shape", ["eventType", "notificationType"])
def test_a_delivery_has_the_servers_reply(shape: str) -> None:
    detail = {
        "timestamp": "2026-11-29T08:40:09Z",
        "recipients": ["alice@example.net"],
        "smtpResponse": "250 ok:  Message 64111812 accepted",
    }
    (report,) = told(an_event("Delivery", detail, shape=shape))
    assert (report.kind, report.address) == (ReportKind.DELIVERED, "alice@example.net")
    assert (report.status, report.detail) == ("", "250 ok: Message 64111812 accepted")


def test_a_delay_is_deferred_and_each_one_is_an_event() -> None:
    detail: dict[str, object] = {
        "delayType": "MailboxFull",
        "delayedRecipients": [{"emailAddress": "alice@example.net", "status": "4.2.2"}],
        "timestamp": "2026-11-29T08:50:00Z",
    }
    (one,) = told(an_event("DeliveryDelay", detail))
    (two,) = told(an_event("DeliveryDelay", {**detail, "timestamp": "2026-11-29T08:55:00Z"}))
    assert (one.kind, one.status, one.detail) == (ReportKind.DEFERRED, "4.2.2", "MailboxFull")
    assert one.event_id != two.event_id


@pytest.mark.parametrize(
    ("kind", "detail", "expected", "status", "words"),
    [
        ("Reject", {"reason": "Bad content"}, ReportKind.BOUNCED, "5.7.1", "Bad content"),
        ("Rendering Failure", {"errorMessage": "Attribute 'x' is not present"}, ReportKind.BOUNCED, "5.6.0", "Attribute 'x' is not present"),
        ("Send", {}, ReportKind.OTHER, "", ""),
        ("Open", {"ipAddress": "192.0.2.1"}, ReportKind.OTHER, "", ""),
        ("Click", {"link": "https://x"}, ReportKind.OTHER, "", ""),
        ("Subscription", {}, ReportKind.OTHER, "", ""),
        ("Invented", {}, ReportKind.OTHER, "", ""),
    ],
)  # fmt: skip
def test_each_other_event_is_about_whom_the_mail_was_for(
    kind: str, detail: dict[str, object], expected: ReportKind, status: str, words: str
) -> None:
    (report,) = told(an_event(kind, detail))
    assert (report.kind, report.status, report.detail) == (expected, status, words)
    assert report.address == "alice@example.net"
    assert report.ref == "a_handle.proof"


def test_what_sns_says_on_its_own_behalf_is_no_report() -> None:
    assert told("Successfully validated SNS topic for Amazon SES event publishing.") == []
    assert list(READER.read({}, body(a_confirmation()), now=NOW)) == []


def test_a_message_that_is_no_event_is_bad_input_and_an_odd_one_is_kept() -> None:
    with pytest.raises(BadInput):
        told("hello")
    (report,) = told({"mail": {"destination": 7, "tags": [], "headers": {"a": 1}}, "bounce": 1})
    assert (report.kind, report.address, report.ref, report.at) == (ReportKind.OTHER, "", "", NOW)


@pytest.mark.parametrize("tag", ["!", "é", "a", base64.urlsafe_b64encode(b"\xff").decode()])
def test_a_tag_that_is_not_ours_is_no_ref(tag: str) -> None:
    event = {"eventType": "Send", "mail": {**MAIL, "tags": {"digest-ref": [tag]}, "headers": []}}
    (report,) = told(event)
    assert report.ref == ""


def test_a_megabyte_and_html_are_cut_to_words_on_one_line() -> None:
    long = a_bounce("Permanent", "General", diagnosticCode="<b>\r\n" + "x" * 1_000_000)
    (report,) = told(an_event("Bounce", long))
    assert report.detail.startswith("<b> xxx")
    assert (len(report.detail), len(report.raw)) == (500, 20_000)


def test_what_is_not_signed_is_not_read() -> None:
    told = {**a_message(json.dumps(an_event("Bounce", UNKNOWN))), "Signature": "bm8="}
    with pytest.raises(Forged):
        list(READER.read({}, body(told), now=NOW))


class TestSesWebhook(WebhookContract):
    """The signature stands in the body."""

    ref = "a_handle.proof"

    def reader(self) -> ReportReader:
        return SesReports(Topics(frozenset({TOPIC}), a_web()))

    def stranger(self) -> ReportReader:
        return SesReports(Topics(frozenset({f"{TOPIC}-of-another"}), a_web()))

    def bounce(self, at: dt.datetime) -> Call:
        said = json.dumps(an_event("Bounce", UNKNOWN))
        return Call({}, body(a_message(said, at=at)))

    def not_understood(self, at: dt.datetime) -> Iterator[Call]:
        yield Call({}, body(a_message("{", at=at)))
