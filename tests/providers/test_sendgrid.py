"""SendGrid: substitutions for a thousand readers; a webhook that is signed or not believed."""

from __future__ import annotations

import base64
import dataclasses
import datetime as dt
import json
from collections import deque
from collections.abc import Iterator
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from digest.contracts import Call, WebhookContract
from digest.contracts.hand_over import FIELDS, LEAVE, MAIL, a_mail, a_message, messages, send
from digest.errors import BadInput, Forged
from digest.model import Report, ReportKind
from digest.protocols import ReportReader
from digest.providers.http_replies import Fate, Reply
from digest.providers.sendgrid import SendGridProvider, SendGridReports
from tests.providers.http_contract import HttpContract, quick
from tests.providers.merge_shapes import SendGridShape

NOW = dt.datetime(2026, 11, 29, 9, tzinfo=dt.UTC)


class TestSendGrid(HttpContract):
    def shape(self) -> SendGridShape:
        return SendGridShape()

    def made(self, url: str, *, most: int = 20) -> SendGridProvider:
        return SendGridProvider(token="t0ken", base_url=url, pace=quick(), most=most)

    def test_the_message_id_ref_and_key_are_each_readers_own(self) -> None:
        with self.fake() as (fake, provider):
            send(provider, messages(2))
        assert [one.fields["message-id"] for one in fake.got] == [
            "<key0@gazette.example>",
            "<key1@gazette.example>",
        ]
        assert [(one.fields["ref"], one.fields["key"]) for one in fake.got] == [
            ("ref0", "key0"),
            ("ref1", "key1"),
        ]

    def test_a_name_is_told_where_there_is_one(self) -> None:
        with self.fake() as (fake, provider):
            send(provider, [a_message(1, name="Zoë"), a_message(2)])
        one, two = fake.posted[0].json["personalizations"]
        assert one["to"] == [{"email": "reader1@example.net", "name": "Zoë"}]
        assert two["to"] == [{"email": "reader2@example.net"}]

    def test_nothing_is_tracked_and_nothing_is_added(self) -> None:
        with self.fake() as (fake, provider):
            send(provider, messages(1))
        settings = fake.posted[0].json["tracking_settings"]
        assert {name for name, one in settings.items() if not one["enable"]} == {
            "click_tracking",
            "open_tracking",
            "subscription_tracking",
            "ganalytics",
        }

    def test_a_field_that_sendgrid_writes_itself_is_left_out(self) -> None:
        odd = (("Received", "from nowhere"), ("CC", "x@evil.example"), ("X-Own", "grün"))
        mail = dataclasses.replace(MAIL, fields=(*FIELDS, *odd))
        with self.fake() as (fake, provider):
            send(provider, [a_message(1, mail=mail)])
        fields = fake.got[0].fields
        assert "received" not in fields
        assert "cc" not in fields
        assert fields["x-own"] == "=?utf-8?B?Z3LDvG4=?="

    def test_a_mail_without_slots_needs_no_substitutions(self) -> None:
        mail = a_mail(html="<p>The same for all</p>", text="The same for all")
        with self.fake() as (fake, provider):
            send(provider, [a_message(1, mail=mail)])
        assert fake.posted[0].json["personalizations"][0]["substitutions"] == {}

    def test_a_link_in_the_page_is_written_as_html_and_in_the_text_as_it_is(self) -> None:
        with self.fake() as (fake, provider):
            send(provider, [a_message(1)])
        values = fake.posted[0].json["personalizations"][0]["substitutions"].values()
        assert {"&amp;once" in value for value in values} == {True, False}
        assert LEAVE not in fake.posted[0].body.decode()

    def test_an_error_about_our_own_address_halts_at_once(self) -> None:
        error = {
            "message": "The from email does not contain a valid address.",
            "field": "from.email",
        }
        answer = json.dumps({"errors": [error]}).encode()
        verdict = SendGridProvider(token="t").verdict(Reply(400, {}, answer))
        assert verdict.fate is Fate.HALTED
        assert "does not contain" in verdict.words

    @pytest.mark.parametrize(
        ("status", "field", "fate"),
        [
            (400, "personalizations.3.to.0.email", Fate.FAULTY),
            (400, None, Fate.FAULTY),
            (413, "null", Fate.FAULTY),
            (403, "from", Fate.HALTED),
            (401, None, Fate.HALTED),
            (404, None, Fate.HALTED),
            (500, None, Fate.DOUBT),
        ],
    )
    def test_an_error_means_what_its_status_and_field_say(
        self, status: int, field: str | None, fate: Fate
    ) -> None:
        body = json.dumps({"errors": [{"message": "as told", "field": field}]}).encode()
        verdict = SendGridProvider(token="t").verdict(Reply(status, {}, body))
        assert (verdict.fate, verdict.words) == (fate, f"{status} as told")

    def test_the_reset_of_a_limit_is_waited_for(self) -> None:
        opens = str(int(NOW.timestamp()) + 5)
        headers = {"x-ratelimit-reset": opens, "date": "Sun, 29 Nov 2026 09:00:00 GMT"}
        verdict = SendGridProvider(token="t").verdict(Reply(429, headers, b'{"errors":[]}'))
        assert (verdict.fate, verdict.wait_s) == (Fate.LATER, 5.0)

    def test_an_error_that_is_no_json_is_told_in_its_own_words(self) -> None:
        verdict = SendGridProvider(token="t").verdict(Reply(502, {}, b"<html>bad gateway</html>"))
        assert verdict.fate is Fate.DOUBT
        assert "bad gateway" in verdict.words

    def test_a_page_instead_of_an_empty_answer_is_a_doubt(self) -> None:
        with pytest.raises(ValueError, match="empty body"):
            SendGridProvider(token="t").answers(messages(1), Reply(202, {}, b"<html>"))
        with pytest.raises(ValueError, match="202"):
            SendGridProvider(token="t").answers(messages(1), Reply(200, {}, b""))

    def test_the_token_is_not_shown(self) -> None:
        assert "s3cret" not in repr(SendGridProvider(token="s3cret"))

    def test_a_thousand_go_in_one_request(self) -> None:
        with self.fake(script=deque()) as (fake, _):
            send(SendGridProvider(token="t", base_url=fake.url, pace=quick()), messages(1_001))
        assert [len(one.json["personalizations"]) for one in fake.posted] == [1_000, 1]


# ------------------------------------------------ what comes back

PRIVATE = ec.generate_private_key(ec.SECP256R1())


def shown(key: ec.EllipticCurvePrivateKey) -> str:
    der = serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    return base64.b64encode(key.public_key().public_bytes(*der)).decode()


READER = SendGridReports(shown(PRIVATE))


def signed(body: bytes, *, at: dt.datetime = NOW) -> dict[str, str]:
    stamp = str(int(at.timestamp()))
    signature = PRIVATE.sign(stamp.encode() + body, ec.ECDSA(hashes.SHA256()))
    return {
        "x-twilio-email-event-webhook-signature": base64.b64encode(signature).decode(),
        "x-twilio-email-event-webhook-timestamp": stamp,
    }


def told(*events: object, at: dt.datetime = NOW) -> list[Report]:
    body = json.dumps(list(events)).encode()
    return list(READER.read(signed(body, at=at), body, now=NOW))


def an_event(event: str = "bounce", **more: object) -> dict[str, object]:
    return {
        "email": "alice@example.net",
        "timestamp": int(NOW.timestamp()) - 60,
        "event": event,
        "sg_event_id": "ZGVsaXZlcmVk",
        "sg_message_id": "14c5d75ce93.dfd.64b469",
        "ref": "ref7",
        "key": "key7",
        **more,
    }


def test_a_bounce_names_the_reader_the_copy_and_the_reason() -> None:
    (report,) = told(an_event(status="5.1.1", reason="550 5.1.1 unknown user", type="bounce"))
    assert (report.provider, report.event_id) == ("sendgrid", "ZGVsaXZlcmVk")
    assert (report.kind, report.status) == (ReportKind.BOUNCED, "5.1.1")
    assert (report.ref, report.address) == ("ref7", "alice@example.net")
    assert report.at == NOW - dt.timedelta(minutes=1)
    assert report.detail == "550 5.1.1 unknown user"
    assert json.loads(report.raw)["sg_message_id"] == "14c5d75ce93.dfd.64b469"


@pytest.mark.parametrize(
    ("event", "kind", "status"),
    [
        (an_event("processed"), ReportKind.OTHER, ""),
        (an_event("delivered", response="250 2.0.0 OK"), ReportKind.DELIVERED, ""),
        (an_event("deferred", response="421 4.7.0 slow down"), ReportKind.DEFERRED, "4.7.0"),
        (an_event("deferred", response="400 try again"), ReportKind.DEFERRED, "4.0.0"),
        (an_event(status="5.0.0", bounce_classification="Invalid Address"), ReportKind.BOUNCED, "5.1.1"),
        (an_event(status="5.0.0", bounce_classification="Reputation"), ReportKind.BOUNCED, "5.7.1"),
        (an_event(status="5.0.0", bounce_classification="Unclassified"), ReportKind.BOUNCED, "5.0.0"),
        (an_event(type="blocked"), ReportKind.BOUNCED, "4.0.0"),
        (an_event(type="bounce"), ReportKind.BOUNCED, "5.0.0"),
        (an_event(type="bounce", reason="550 5.2.1 closed"), ReportKind.BOUNCED, "5.2.1"),
        (an_event("dropped", reason="Bounced Address"), ReportKind.BOUNCED, "5.1.1"),
        (an_event("dropped", reason="Invalid"), ReportKind.BOUNCED, "5.1.3"),
        (an_event("dropped", reason="Spam Reporting Address"), ReportKind.COMPLAINED, ""),
        (an_event("dropped", reason="Unsubscribed Address"), ReportKind.UNSUBSCRIBED, ""),
        (an_event("dropped", reason="Recipient List over Package Quota"), ReportKind.BOUNCED, "5.0.0"),
        (an_event("open"), ReportKind.OTHER, ""),
        (an_event("click"), ReportKind.OTHER, ""),
        (an_event("spamreport"), ReportKind.COMPLAINED, ""),
        (an_event("unsubscribe"), ReportKind.UNSUBSCRIBED, ""),
        (an_event("group_unsubscribe"), ReportKind.UNSUBSCRIBED, ""),
        (an_event("group_resubscribe"), ReportKind.OTHER, ""),
        (an_event("invented"), ReportKind.OTHER, ""),
    ],
)  # fmt: skip
def test_each_event_is_told_in_our_words(
    event: dict[str, object], kind: ReportKind, status: str
) -> None:
    (report,) = told(event)
    assert (report.kind, report.status) == (kind, status)


def test_one_call_holds_many_events_in_any_order() -> None:
    events = [an_event("delivered", sg_event_id="b"), an_event("processed", sg_event_id="a")]
    assert [report.event_id for report in told(*events)] == ["b", "a"]


def test_the_same_event_told_twice_has_the_same_id_also_without_one() -> None:
    event = {"email": "x", "event": "dropped", "reason": "Invalid"}
    (one,), (two,) = told(event), told(event)
    (other,) = told({**event, "email": "y"})
    assert one.event_id == two.event_id != other.event_id


def test_html_in_a_reason_is_kept_as_words_on_one_line() -> None:
    (report,) = told(an_event(reason="550 <script>alert(1)</script>\r\nno"))
    assert report.detail == "550 <script>alert(1)</script> no"


def test_a_megabyte_of_reason_is_cut_and_of_events_is_read() -> None:
    (report,) = told(an_event(reason="x" * 1_000_000))
    assert len(report.detail) == 500
    assert len(report.raw) <= 20_000
    assert len(told(*(an_event(sg_event_id=str(n)) for n in range(4_000)))) == 4_000


def test_the_example_of_sendgrids_own_libraries_is_rightly_signed() -> None:
    """https://github.com/sendgrid/sendgrid-nodejs, packages/eventwebhook: a signed event, no list."""
    reader = SendGridReports(
        "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEEDr2LjtURuePQzplybdC+u4CwrqDqBaWjcMMsTbhdbcwHBcepxo7"
        "yAQGhHPTnlvFYPAZFceEu/1FwCM/QmGUhA=="
    )
    headers = {
        "x-twilio-email-event-webhook-signature": "MEUCIQCtIHJeH93Y+qpYeWrySphQgpNGNr/U+UyUlBkU6n7RAwIg"
        "JTz2C+8a8xonZGi6BpSzoQsbVRamr2nlxFDWYNH2j/0=",
        "x-twilio-email-event-webhook-timestamp": "1588788367",
    }
    body = b'{"category":"example_payload","event":"test_event","message_id":"message_id"}'
    then = dt.datetime.fromtimestamp(1588788367, dt.UTC)
    with pytest.raises(BadInput, match="no list"):
        reader.read(headers, body, now=then)
    with pytest.raises(Forged, match="not signed now"):
        reader.read(headers, body, now=NOW)


@pytest.mark.parametrize("seconds", [-301, 301])
def test_a_signature_of_another_time_is_forged(seconds: int) -> None:
    with pytest.raises(Forged, match="not signed now"):
        told(an_event(), at=NOW + dt.timedelta(seconds=seconds))


def test_a_signature_counts_for_five_minutes() -> None:
    assert told(an_event(), at=NOW - dt.timedelta(seconds=299))


@pytest.mark.parametrize("change", ["body", "stamp", "key", "signature", "none", "empty"])
def test_what_was_changed_or_is_not_signed_is_forged(change: str) -> None:
    body = json.dumps([an_event()]).encode()
    headers: dict[str, str] = signed(body)
    reader = READER
    if change == "body":
        body += b" "
    elif change == "stamp":
        headers["x-twilio-email-event-webhook-timestamp"] = str(int(NOW.timestamp()) + 1)
    elif change == "key":
        reader = SendGridReports(shown(ec.generate_private_key(ec.SECP256R1())))
    elif change == "signature":
        headers["x-twilio-email-event-webhook-signature"] = "bm8="
    elif change == "none":
        headers = {}
    else:
        headers = dict.fromkeys(headers, "")
    with pytest.raises(Forged):
        list(reader.read(headers, body, now=NOW))


def test_a_timestamp_that_no_clock_shows_is_forged() -> None:
    for stamp in ("soon", "1e9", "9" * 400, "-1"):
        headers = {**signed(b"[]"), "x-twilio-email-event-webhook-timestamp": stamp}
        with pytest.raises(Forged):
            list(READER.read(headers, b"[]", now=NOW))


@pytest.mark.parametrize("body", [b"<html>", b"{}", b"\xff", b"[" * 100_000, b'"x"'])
def test_a_signed_body_that_is_no_list_is_bad_input(body: bytes) -> None:
    with pytest.raises(BadInput):
        list(READER.read(signed(body), body, now=NOW))


def test_odd_events_in_a_list_are_kept_as_others() -> None:
    found: list[Any] = told(1, None, {"event": ["bounce"], "timestamp": "x", "email": {}})
    assert {report.kind for report in found} == {ReportKind.OTHER}
    assert {report.at for report in found} == {NOW}


@pytest.mark.parametrize("key", ["", "hush", "!!!", shown(PRIVATE)[:-8]])
def test_a_key_that_is_none_is_refused_at_once(key: str) -> None:
    with pytest.raises(ValueError, match="expected"):
        SendGridReports(key)


def test_a_key_of_another_curve_is_refused() -> None:
    with pytest.raises(ValueError, match="P-256"):
        SendGridReports(shown(ec.generate_private_key(ec.SECP384R1())))


class TestSendGridWebhook(WebhookContract):
    def reader(self) -> ReportReader:
        return SendGridReports(shown(PRIVATE))

    def stranger(self) -> ReportReader:
        return SendGridReports(shown(ec.generate_private_key(ec.SECP256R1())))

    def bounce(self, at: dt.datetime) -> Call:
        return self.called([an_event()], at)

    def not_understood(self, at: dt.datetime) -> Iterator[Call]:
        yield self.called({}, at)
        yield Call(signed(b"[{", at=at), b"[{")

    def called(self, event: object, at: dt.datetime) -> Call:
        body = json.dumps(event).encode()
        return Call(signed(body, at=at), body)
