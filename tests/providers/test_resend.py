"""Resend: one key a request, known again for a day; what is in doubt is asked again."""

from __future__ import annotations

import base64
import dataclasses
import datetime as dt
import hashlib
import hmac
import json
from collections import deque
from collections.abc import Iterator
from typing import Any

import pytest

from digest.contracts import Call, WebhookContract
from digest.contracts.hand_over import a_message, messages, send
from digest.errors import BadInput, Forged, Refused, SendHalted
from digest.model import Report, ReportKind
from digest.protocols import ReportReader
from digest.providers.http_replies import Fate, Reply
from digest.providers.resend import ResendProvider, ResendReports
from tests.providers.http_contract import MANY, HttpContract, quick
from tests.providers.shapes import ResendShape

NOW = dt.datetime(2026, 11, 29, 9, tzinfo=dt.UTC)
KEY = b"thirty-two bytes of a secret key"
SECRET = "whsec_" + base64.b64encode(KEY).decode()


class TestResend(HttpContract):
    keyed = True

    def shape(self) -> ResendShape:
        return ResendShape()

    def made(self, url: str, *, most: int = 20) -> ResendProvider:
        return ResendProvider(token="t0ken", base_url=url, per_s=0, pace=quick(), most=most)

    def test_one_refused_among_many_does_not_fail_its_batch(self) -> None:
        sent, fake = self.sent(refused=frozenset({"reader5@example.net", "reader19@example.net"}))
        assert sent.feed.keys(Refused) == ["key5", "key19"]
        assert len(sent.feed.keys()) == len(fake.got) == MANY - 2
        assert len(fake.posted) == 3

    def test_the_same_batch_has_the_same_key_also_after_a_crash(self) -> None:
        with self.fake() as (fake, provider):
            send(provider, messages(3))
            send(provider, [dataclasses.replace(one, batch="b") for one in messages(3)])
            send(provider, messages(2))
        first, again, other = (one.headers["idempotency-key"] for one in fake.posted)
        assert first == again != other
        assert len(fake.got) == 5

    def test_a_quota_that_is_used_up_halts_instead_of_waiting(self) -> None:
        provider = ResendProvider(token="t")
        for name, fate in (
            ("daily_quota_exceeded", Fate.HALTED),
            ("monthly_quota_exceeded", Fate.HALTED),
            ("rate_limit_exceeded", Fate.LATER),
        ):
            body = json.dumps({"name": name, "message": "words"}).encode()
            assert provider.verdict(Reply(429, {}, body)).fate is fate

    def test_a_request_that_is_still_worked_on_is_asked_for_again(self) -> None:
        body = json.dumps({"name": "concurrent_idempotent_requests", "message": "wait"}).encode()
        assert ResendProvider(token="t").verdict(Reply(409, {}, body)).fate is Fate.DOUBT

    def test_an_address_of_ours_that_cannot_be_halts(self) -> None:
        body = json.dumps({"name": "invalid_from_address", "message": "words"}).encode()
        assert ResendProvider(token="t").verdict(Reply(422, {}, body)).fate is Fate.HALTED

    def test_after_the_last_place_of_a_second_nobody_sends_until_the_next(self) -> None:
        headers = {"ratelimit-remaining": "0", "ratelimit-reset": "1"}
        assert Reply(200, headers, b"").exhausted_s == 1.0
        assert Reply(200, {**headers, "ratelimit-remaining": "1"}, b"").exhausted_s is None

    def test_a_ref_that_is_no_tag_goes_by_the_header_alone(self) -> None:
        with self.fake() as (fake, provider):
            send(provider, [dataclasses.replace(a_message(1), ref="a:b/c")])
        assert fake.got[0].fields["ref"] == "in-header"
        assert fake.got[0].fields["x-digest-ref"] == "a:b/c"

    def test_a_halt_in_the_middle_keeps_the_rest(self) -> None:
        with self.fake(script=deque(["ok", "401"])) as (_, provider):
            sent = send(provider, messages(MANY))
        assert (
            len(sent.feed.keys()) == len(sent.feed.keys(SendHalted)) == len(sent.feed.queue) == 20
        )


# ------------------------------------------------ what comes back


def signed(body: bytes, *, at: dt.datetime = NOW, key: bytes = KEY, event_id: str = "msg_1") -> dict[str, str]:  # fmt: skip
    stamp = str(int(at.timestamp()))
    content = f"{event_id}.{stamp}.".encode() + body
    signature = base64.b64encode(hmac.new(key, content, hashlib.sha256).digest()).decode()
    return {"svix-id": event_id, "svix-timestamp": stamp, "svix-signature": f"v1a,x v1,{signature}"}


def told(event: object, **signing: Any) -> list[Report]:
    body = json.dumps(event).encode()
    return list(ResendReports(SECRET).read(signed(body, **signing), body, now=NOW))


def an_event(name: str = "email.bounced", **data: Any) -> dict[str, Any]:
    shared = {"email_id": "e1", "to": ["Alice <alice@example.net>"], "tags": {"ref": "ref7"}}
    return {"type": name, "created_at": "2026-11-29T08:59:00.000Z", "data": {**shared, **data}}


PERMANENT = {"message": "The address is unknown", "type": "Permanent", "subType": "General"}


def test_a_bounce_names_the_reader_the_copy_and_the_reason() -> None:
    (report,) = told(an_event(bounce=PERMANENT))
    assert report.event_id == "msg_1"
    assert (report.kind, report.status) == (ReportKind.BOUNCED, "5.1.1")
    assert (report.ref, report.address) == ("ref7", "alice@example.net")
    assert report.detail == "The address is unknown"
    assert report.at == NOW - dt.timedelta(minutes=1)
    assert json.loads(report.raw)["type"] == "email.bounced"


@pytest.mark.parametrize(
    ("bounce", "status"),
    [
        ({**PERMANENT, "diagnosticCode": ["smtp; 550 5.7.1 no"]}, "5.7.1"),
        ({**PERMANENT, "message": "552 5.2.2 full"}, "5.2.2"),
        ({**PERMANENT, "subType": "MessageTooLarge"}, "5.3.4"),
        ({"type": "Transient", "subType": "MailboxFull"}, "4.2.2"),
        ({"type": "Transient", "subType": "General"}, "4.0.0"),
        ({"type": "Undetermined", "subType": "Undetermined"}, ""),
        (None, ""),
    ],
)
def test_a_bounces_status_is_what_was_said_else_what_resend_makes_of_it(
    bounce: dict[str, Any] | None, status: str
) -> None:
    (report,) = told(an_event(bounce=bounce))
    assert report.status == status


@pytest.mark.parametrize(
    ("name", "kind", "status"),
    [
        ("email.delivered", ReportKind.DELIVERED, ""),
        ("email.delivery_delayed", ReportKind.DEFERRED, ""),
        ("email.complained", ReportKind.COMPLAINED, ""),
        ("email.suppressed", ReportKind.BOUNCED, "5.1.1"),
        ("email.failed", ReportKind.BOUNCED, "5.3.0"),
        ("email.opened", ReportKind.OTHER, ""),
        ("email.invented", ReportKind.OTHER, ""),
    ],
)
def test_each_kind_of_event_is_told_in_our_words(name: str, kind: ReportKind, status: str) -> None:
    (report,) = told(an_event(name))
    assert (report.kind, report.status) == (kind, status)


def test_events_about_other_things_than_mail_are_none() -> None:
    assert told({"type": "contact.created", "data": {}}) == []


@pytest.mark.parametrize(
    "data",
    [{"tags": [{"name": "ref", "value": "a:b"}]},
     {"tags": {"ref": "in-header"}, "headers": [{"name": "x-digest-ref", "value": "a:b"}]},
     {"tags": None, "headers": [{"name": "X-Digest-Ref", "value": "a:b"}, "odd"]}],
)  # fmt: skip
def test_the_ref_is_found_wherever_it_came_back(data: dict[str, Any]) -> None:
    (report,) = told(an_event(**data))
    assert report.ref == "a:b"


@pytest.mark.parametrize("minutes", [-5.1, 5.1])
def test_a_signature_of_another_time_is_forged(minutes: float) -> None:
    with pytest.raises(Forged, match="not signed now"):
        told(an_event(), at=NOW + dt.timedelta(minutes=minutes))


def test_a_signature_counts_for_five_minutes() -> None:
    assert told(an_event(), at=NOW - dt.timedelta(minutes=4.9))


def test_a_body_that_was_changed_or_another_key_is_forged() -> None:
    body = json.dumps(an_event()).encode()
    with pytest.raises(Forged):
        list(ResendReports(SECRET).read(signed(body), body + b" ", now=NOW))
    with pytest.raises(Forged):
        told(an_event(), key=b"another key")
    with pytest.raises(Forged):
        list(ResendReports(SECRET).read({**signed(body), "svix-id": "msg_2"}, body, now=NOW))


@pytest.mark.parametrize("secret", ["", "whsec_", "whsec_!", "hush"])
def test_a_secret_that_is_none_believes_nobody(secret: str) -> None:
    body = b"{}"
    with pytest.raises(Forged):
        list(ResendReports(secret).read(signed(body, key=b""), body, now=NOW))


@pytest.mark.parametrize("name", ["svix-id", "svix-timestamp", "svix-signature"])
def test_without_one_of_the_three_fields_it_is_forged(name: str) -> None:
    headers = signed(b"{}")
    del headers[name]
    with pytest.raises(Forged):
        list(ResendReports(SECRET).read(headers, b"{}", now=NOW))


def test_a_signed_body_that_is_no_json_is_bad_input() -> None:
    with pytest.raises(BadInput):
        list(ResendReports(SECRET).read(signed(b"<"), b"<", now=NOW))


class TestResendWebhook(WebhookContract):
    secret = SECRET

    def reader(self) -> ReportReader:
        return ResendReports(SECRET)

    def stranger(self) -> ReportReader:
        return ResendReports("whsec_" + base64.b64encode(b"another account's").decode())

    def bounce(self, at: dt.datetime) -> Call:
        return self.called(an_event(bounce=PERMANENT), at)

    def not_understood(self, at: dt.datetime) -> Iterator[Call]:
        yield Call(signed(b"{", at=at), b"{")

    def called(self, event: object, at: dt.datetime) -> Call:
        body = json.dumps(event).encode()
        return Call(signed(body, at=at), body)
