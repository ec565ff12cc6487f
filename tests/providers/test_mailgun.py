"""Mailgun: variables for a thousand readers; a webhook whose tokens count once."""

from __future__ import annotations

import dataclasses
import datetime as dt
import hashlib
import hmac
import html
import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from digest.contracts import Call, WebhookContract
from digest.contracts.hand_over import (
    FIELDS,
    LEAVE,
    MAIL,
    a_mail,
    a_message,
    leave_url,
    messages,
    send,
)
from digest.errors import BadInput, Forged, SendHalted, TryLater
from digest.model import Report, ReportKind
from digest.protocols import ReportReader
from digest.providers.http_replies import Fate, Reply
from digest.providers.mailgun import MailgunProvider, MailgunReports
from tests.providers.fakes import Posted
from tests.providers.http_contract import HttpContract, quick
from tests.providers.merge_shapes import MailgunShape

NOW = dt.datetime(2026, 11, 29, 9, tzinfo=dt.UTC)
DOMAIN = "mg.gazette.example"


def a_provider(**wishes: Any) -> MailgunProvider:
    return MailgunProvider(**{"token": "t0ken", "domain": DOMAIN, "pace": quick(), **wishes})


class TestMailgun(HttpContract):
    def shape(self) -> MailgunShape:
        return MailgunShape()

    def made(self, url: str, *, most: int = 20) -> MailgunProvider:
        return a_provider(base_url=url, most=most)

    def test_the_ref_is_each_readers_own_and_nothing_is_tracked(self) -> None:
        with self.fake() as (fake, provider):
            send(provider, messages(2))
        assert [one.fields["ref"] for one in fake.got] == ["ref0", "ref1"]
        assert {fake.got[0].fields[name] for name in ("tracking", "tracking-clicks")} == {"no"}
        assert fake.got[0].fields["reply-to"] == "desk@gazette.example"

    def test_percent_signs_survive_also_those_of_mailguns_own_links(self) -> None:
        odd = "100% %unsubscribe_url% %recipient% %Recipient.name% 5%recipient.a% %20%C3%A9 %tag_unsubscribe_url%"
        page = f'<p>{odd}</p><a href="https://a.example/%C3%BC?x=%recipient.b%">x</a>{LEAVE}'
        mail = a_mail(subject=odd, html=page, text=f"{odd}\n%{LEAVE}%\n")
        with self.fake() as (fake, provider):
            send(provider, [a_message(7, mail=mail)])
        (found,) = fake.got
        url = "https://gazette.example/leave/sunday?reader=7&once=1"
        assert found.subject == odd
        assert found.html == page.replace(LEAVE, html.escape(url))
        assert found.text == f"{odd}\n%{url}%\n"

    def test_an_odd_field_of_the_mail_comes_through_in_ascii(self) -> None:
        mail = dataclasses.replace(MAIL, fields=(*FIELDS, ("X-Own", "grün %recipient.x%")))
        with self.fake() as (fake, provider):
            send(provider, [a_message(1, mail=mail)])
        assert fake.got[0].fields["x-own"].startswith("=?utf-8?B?")

    def test_two_readers_with_one_address_get_a_request_each(self) -> None:
        both = [
            a_message(1, recipient="Alice@example.net"),
            a_message(2, recipient="alice@example.net"),
        ]
        with self.fake() as (fake, provider):
            sent = send(provider, [*both, a_message(3)])
        assert sent.feed.keys() == ["key1", "key3"]
        assert sent.feed.keys(TryLater) == ["key2"]
        assert [one.fields["ref"] for one in fake.got] == ["ref1", "ref3"]

    def test_a_form_is_what_httpx_would_write(self) -> None:
        request = a_provider().request([a_message(1, name="Zoë")])
        kind = request.headers["content-type"]
        posted = MailgunShape()._form(Posted("", {"content-type": kind}, request.data))
        fields = [(name, (None, value)) for name, value in posted]
        theirs = httpx.Request("POST", "http://x", files=fields, headers={"content-type": kind})
        assert theirs.read() == request.data

    @pytest.mark.parametrize(
        ("status", "message", "fate", "wait_s"),
        [
            (400, "to parameter is not a valid address. please check documentation", Fate.FAULTY, None),
            (400, "from parameter is missing", Fate.HALTED, None),
            (400, "Domain mg.gazette.example is not allowed to send: disabled", Fate.HALTED, None),
            (403, "Domain is not allowed to send: Free accounts", Fate.HALTED, None),
            (403, "Domain is not allowed to send: request limit exceeded, try again after 3600 seconds", Fate.LATER, 3600.0),
            (429, "Domain x is not allowed to send: account-requests-per-sec limit exceeded, try again after 120 seconds", Fate.LATER, 120.0),
            (429, "slow down", Fate.LATER, 7.0),
            (401, "Forbidden", Fate.HALTED, None),
            (402, "Payment required", Fate.HALTED, None),
            (404, "Domain not found", Fate.HALTED, None),
            (413, "request entity too large", Fate.FAULTY, None),
            (500, "Internal Server Error", Fate.DOUBT, 7.0),
        ],
    )  # fmt: skip
    def test_an_error_means_what_its_status_and_words_say(
        self, status: int, message: str, fate: Fate, wait_s: float | None
    ) -> None:
        reply = Reply(status, {"retry-after": "7"}, json.dumps({"message": message}).encode())
        verdict = a_provider().verdict(reply)
        assert (verdict.fate, verdict.wait_s) == (fate, wait_s)
        assert message in verdict.words

    def test_the_greeting_of_a_wrong_address_halts(self) -> None:
        reply = Reply(200, {}, b"Mailgun Magnificent API")
        answers = a_provider().answers(messages(2), reply)
        assert [type(one) for one in answers] == [SendHalted, SendHalted]

    @pytest.mark.parametrize("body", ["{}", '{"id": "", "message": "Queued."}', '{"id": "1", "message": "Rejected"}'])  # fmt: skip
    def test_an_answer_that_says_nothing_of_a_queue_is_a_doubt(self, body: str) -> None:
        with pytest.raises((ValueError, KeyError)):
            a_provider().answers(messages(1), Reply(200, {}, body.encode()))

    @pytest.mark.parametrize("domain", ["", "a/b", "mg.gazette.example?x", "ü.example"])
    def test_a_domain_that_is_none_is_refused_at_once(self, domain: str) -> None:
        with pytest.raises(ValueError, match="domain"):
            a_provider(domain=domain)

    def test_the_token_is_not_shown(self) -> None:
        assert "s3cret" not in repr(a_provider(token="s3cret"))
        assert "s3cret" not in repr(MailgunReports("s3cret"))


@given(
    st.lists(
        st.sampled_from(["%", "recipient", ".", "x", "unsubscribe_url", "20", " ", "é", LEAVE]),
        min_size=1,
        max_size=16,
    )
)
@example(["%", "recipient", LEAVE])
@settings(max_examples=60, deadline=None)
def test_any_content_comes_through_mailguns_variables_as_it_is(parts: list[str]) -> None:
    content = "".join(parts)
    message = a_message(1, mail=a_mail(subject="s", html=f"<p>{content}</p>", text=content))
    request = a_provider().request([message])
    posted = Posted(
        f"/v3/{DOMAIN}/messages", {**a_provider().headers, **request.headers}, request.data
    )
    (found,) = MailgunShape().read(posted)
    assert found.text == content.replace(LEAVE, leave_url(1))
    assert found.html == f"<p>{content.replace(LEAVE, html.escape(leave_url(1)))}</p>"


# ------------------------------------------------ what comes back

KEY = "key-0123456789"


def called(
    event: object, *, token: str = "t1", at: dt.datetime = NOW, key: str = KEY, **more: object
) -> bytes:
    stamp = str(int(at.timestamp()))
    signature = hmac.new(key.encode(), f"{stamp}{token}".encode(), hashlib.sha256).hexdigest()
    signed = {"timestamp": stamp, "token": token, "signature": signature, **more}
    return json.dumps({"signature": signed, "event-data": event}).encode()


def told(event: object, **signing: Any) -> list[Report]:
    return list(MailgunReports(KEY).read({}, called(event, **signing), now=NOW))


def an_event(event: str = "failed", **more: object) -> dict[str, object]:
    return {
        "event": event,
        "id": "G9Bn5sl1TC6nu79C8C0bwg",
        "timestamp": NOW.timestamp() - 60.5,
        "recipient": "alice@example.net",
        "user-variables": {"ref": "ref7"},
        "message": {"headers": {"message-id": "1@mg.gazette.example"}},
        **more,
    }


def a_failure(severity: str = "permanent", reason: str = "bounce", **status: object) -> dict[str, object]:  # fmt: skip
    return an_event(severity=severity, reason=reason, **{"delivery-status": status})


def test_a_bounce_names_the_reader_the_copy_and_the_reason() -> None:
    (report,) = told(a_failure(code=550, message="5.1.1 <no> such user"))
    assert (report.provider, report.event_id) == ("mailgun", "2026-11-29.G9Bn5sl1TC6nu79C8C0bwg")
    assert (report.kind, report.status) == (ReportKind.BOUNCED, "5.1.1")
    assert (report.ref, report.address) == ("ref7", "alice@example.net")
    assert report.at == NOW - dt.timedelta(seconds=60.5)
    assert report.detail == "5.1.1 <no> such user"
    assert json.loads(report.raw)["recipient"] == "alice@example.net"


@pytest.mark.parametrize(
    ("event", "kind", "status"),
    [
        (an_event("accepted"), ReportKind.OTHER, ""),
        (an_event("delivered"), ReportKind.DELIVERED, ""),
        (a_failure("temporary", "generic", code=421), ReportKind.DEFERRED, "4.0.0"),
        (a_failure("temporary", "generic", message="452 4.2.2 full"), ReportKind.DEFERRED, "4.2.2"),
        (a_failure(code=550), ReportKind.BOUNCED, "5.0.0"),
        (a_failure(**{"enhanced-code": "5.2.1", "message": "5.1.1 x"}), ReportKind.BOUNCED, "5.2.1"),
        (a_failure(reason="old", message="Too old"), ReportKind.BOUNCED, "5.0.0"),
        (a_failure(reason="suppress-bounce", code=605), ReportKind.BOUNCED, "5.1.1"),
        (a_failure(reason="suppress-complaint", code=607), ReportKind.COMPLAINED, ""),
        (a_failure(reason="suppress-unsubscribe", code=606), ReportKind.UNSUBSCRIBED, ""),
        (an_event("rejected", reject={"reason": "Sandbox"}), ReportKind.BOUNCED, "5.7.1"),
        (an_event("complained"), ReportKind.COMPLAINED, ""),
        (an_event("unsubscribed"), ReportKind.UNSUBSCRIBED, ""),
        (an_event("opened"), ReportKind.OTHER, ""),
        (an_event("clicked"), ReportKind.OTHER, ""),
        (an_event("invented"), ReportKind.OTHER, ""),
    ],
)  # fmt: skip
def test_each_event_is_told_in_our_words(
    event: dict[str, object], kind: ReportKind, status: str
) -> None:
    (report,) = told(event)
    assert (report.kind, report.status) == (kind, status)


def test_the_same_body_again_is_a_repetition_with_the_same_id() -> None:
    reader = MailgunReports(KEY)
    body = called(an_event())
    (one,), (two,) = reader.read({}, body, now=NOW), reader.read({}, body, now=NOW)
    assert one.event_id == two.event_id


def test_a_token_counts_for_one_body_only() -> None:
    reader = MailgunReports(KEY)
    reader.read({}, called(an_event("delivered")), now=NOW)
    later = NOW + dt.timedelta(seconds=299)
    with pytest.raises(Forged, match="something else"):
        reader.read({}, called(an_event("complained")), now=later)
    assert reader.read({}, called(an_event("complained"), token="t2"), now=later)


def test_tokens_are_forgotten_when_they_are_too_old_to_count() -> None:
    reader = MailgunReports(KEY)
    for minute in range(60):
        at = NOW + dt.timedelta(minutes=minute)
        reader.read({}, called(an_event(), token=f"t{minute}", at=at), now=at)
    assert len(reader._seen) <= 12


@pytest.mark.parametrize("seconds", [-301, 301])
def test_a_signature_of_another_time_is_forged(seconds: int) -> None:
    with pytest.raises(Forged, match="not signed now"):
        told(an_event(), at=NOW + dt.timedelta(seconds=seconds))


def test_a_signature_counts_for_five_minutes() -> None:
    assert told(an_event(), at=NOW - dt.timedelta(seconds=299))


@pytest.mark.parametrize(
    "body",
    [
        called(an_event(), key="another"),
        called(an_event(), signature=""),
        called(an_event(), signature=["x"]),
        called(an_event(), token="é", timestamp="x"),
        called(an_event(), timestamp=1),
        b"{}",
        b'{"signature": 1}',
        json.dumps({"event-data": an_event()}).encode(),
        b"[]",
    ],
)
def test_what_is_not_signed_is_forged(body: bytes) -> None:
    with pytest.raises(Forged):
        list(MailgunReports(KEY).read({}, body, now=NOW))


@pytest.mark.parametrize("stamp", ["soon", "1e9", "-1", "٣", "9" * 400])
def test_a_signed_time_that_no_clock_shows_is_forged(stamp: str) -> None:
    signature = hmac.new(KEY.encode(), f"{stamp}t".encode(), hashlib.sha256).hexdigest()
    body = called(an_event(), token="t", timestamp=stamp, signature=signature)
    with pytest.raises(Forged, match="not signed now"):
        list(MailgunReports(KEY).read({}, body, now=NOW))


def test_without_a_key_nobody_is_believed() -> None:
    with pytest.raises(Forged):
        list(MailgunReports("").read({}, called(an_event(), key=""), now=NOW))


@pytest.mark.parametrize("body", [b"<html>", b"\xff", b"[" * 100_000])
def test_a_body_that_is_no_json_is_bad_input(body: bytes) -> None:
    with pytest.raises(BadInput):
        list(MailgunReports(KEY).read({}, body, now=NOW))


@pytest.mark.parametrize("event", [None, {}, {"event": 7}, "failed"])
def test_a_signed_body_that_names_no_event_is_bad_input(event: object) -> None:
    with pytest.raises(BadInput, match="names no event"):
        told(event)


def test_odd_values_in_an_event_do_no_harm() -> None:
    odd = {
        "event": "failed",
        "timestamp": "x",
        "delivery-status": 1,
        "user-variables": [],
        "id": {},
    }
    (one,), (two,) = told(odd), told({**odd, "recipient": "y"}, token="t2")
    assert (one.kind, one.status, one.at) == (ReportKind.BOUNCED, "5.0.0", NOW)
    assert one.event_id != two.event_id


def test_html_and_a_megabyte_of_reason_are_words_on_one_line() -> None:
    (report,) = told(a_failure(message="<b>\r\n" + "x" * 1_000_000))
    assert report.detail.startswith("<b> xxx")
    assert len(report.detail) == 500
    assert len(report.raw) <= 20_000


class TestMailgunWebhook(WebhookContract):
    """The signature stands in the body, and is of a time and a token only: a token counts for one body."""

    signs_body = False
    secret = KEY

    def reader(self) -> ReportReader:
        return MailgunReports(KEY)

    def stranger(self) -> ReportReader:
        return MailgunReports("key-of-another")

    def bounce(self, at: dt.datetime) -> Call:
        event = a_failure(code=550, message="5.1.1 <no> such user")
        return Call({}, called(event, at=at))

    def not_understood(self, at: dt.datetime) -> Iterator[Call]:
        yield Call({}, called([], at=at))
        yield Call({}, called({}, at=at))
