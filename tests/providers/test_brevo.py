"""Brevo: one mail with a version for each reader; a key that is known again only for minutes."""

from __future__ import annotations

import base64
import dataclasses
import datetime as dt
import json
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from digest.contracts import Call, WebhookContract
from digest.contracts.hand_over import a_mail, a_message, messages, send
from digest.contracts.providers import Arrived, ProviderContract
from digest.errors import BadInput, Forged, Uncertain
from digest.model import Report, ReportKind
from digest.protocols import ReportReader
from digest.providers.brevo import BrevoProvider, BrevoReports
from digest.providers.http_replies import Fate, Reply
from tests.providers.fakes import Fake, Posted, running
from tests.providers.http_contract import HttpContract, quick
from tests.providers.shapes import BrevoShape

NOW = dt.datetime(2026, 11, 29, 9, tzinfo=dt.UTC)
PLAIN = {
    "leave_url": "https://gazette.example/leave/sunday/t0ken",
    "leave_mail": "bounce+leave.t0ken@gazette.example",
}


class TestBrevo(HttpContract):
    keyed = True

    def shape(self) -> BrevoShape:
        return BrevoShape()

    def made(self, url: str, *, most: int = 20) -> BrevoProvider:
        return BrevoProvider(token="t0ken", base_url=url, per_s=0, pace=quick(), most=most)

    def keeps_in_doubt(self, fault: str) -> bool:
        """After an answer that speaks of an error, "that key was used" does not say "sent"."""
        return fault == "accept-500"

    def test_the_same_key_twice_is_harmless_where_the_provider_says_so(self, tmp_path: Any) -> None:
        """For half an hour it is; but a crash may last longer, so `replays` is False."""
        with self.fake() as (fake, provider):
            send(provider, messages(2))
            sent = send(provider, messages(2))
            assert not provider.replays
            assert len(fake.got) == 2
        assert sent.feed.keys(Uncertain) == ["key0", "key1"]

    def test_the_key_is_a_uuid_of_the_batch(self) -> None:
        provider = self.made("https://api.brevo.example")
        found = [provider.request(messages(many)).data for many in (2, 2, 3)]
        first, again, other = (json.loads(one)["headers"]["idempotencyKey"] for one in found)
        assert first == again != other
        assert str(uuid.UUID(first)) == first

    def test_the_mail_stands_in_a_request_once(self) -> None:
        mail = a_mail(html="<p>" + "long " * 5_000 + "</p>")
        batch = [dataclasses.replace(one, values=PLAIN) for one in messages(20, mail)]
        with self.fake() as (fake, provider):
            send(provider, batch)
        (posted,) = fake.posted
        assert len(posted.body) < 40_000
        assert all("htmlContent" not in one for one in posted.json["messageVersions"])


class TestBrevoEscaping(ProviderContract):
    """The same mails, should Brevo escape what it fills in."""

    @contextmanager
    def provider(self, folder: Path) -> Iterator[BrevoProvider]:
        with running(Fake(BrevoShape(escapes=True))) as self._fake:
            yield BrevoProvider(token="t", base_url=self._fake.url, per_s=0, pace=quick())

    def arrived(self, folder: Path) -> list[Arrived]:
        return self._fake.got


@pytest.mark.parametrize("escapes", [False, True])
@pytest.mark.parametrize("value", [PLAIN["leave_url"], "https://x.example/?a=1&b='2'", "{{ params.b }}"])  # fmt: skip
def test_a_value_is_the_same_whether_brevo_escapes_or_not(value: str, escapes: bool) -> None:
    message = dataclasses.replace(a_message(1), values={**PLAIN, "leave_url": value})
    body = BrevoProvider(token="t").request([message]).data
    posted = Posted("/smtp/email", {"api-key": "t"}, body)
    (found,) = BrevoShape(escapes=escapes).read(posted)
    assert f"Leave: {value}" in found.text


def test_fields_are_ascii_and_keep_what_they_identify() -> None:
    fields = (("List-Id", "Über uns <sunday.gazette.example>"), ("Feedback-ID", "a:b:ç:d"))
    mail = dataclasses.replace(a_mail(), fields=fields)
    found = json.loads(BrevoProvider(token="t").request([a_message(mail=mail)]).data)
    (version,) = found["messageVersions"]
    assert version["headers"]["List-Id"] == "<sunday.gazette.example>"
    assert version["headers"]["Feedback-ID"] == "a:b:c:d"


@pytest.mark.parametrize(
    ("status", "code", "fate"),
    [(400, "duplicate_parameter", Fate.KNOWN), (400, "invalid_parameter", Fate.FAULTY),
     (402, "not_enough_credits", Fate.HALTED), (403, "permission_denied", Fate.HALTED),
     (400, "account_under_validation", Fate.HALTED), (429, "too_many_requests", Fate.LATER),
     (502, "", Fate.DOUBT)],
)  # fmt: skip
def test_a_status_says_what_became_of_the_request(status: int, code: str, fate: Fate) -> None:
    body = json.dumps({"code": code, "message": "words"}).encode()
    assert BrevoProvider(token="t").verdict(Reply(status, {}, body)).fate is fate


# ------------------------------------------------ what comes back


def told(event: object, *, secret: str = "t0ken", given: str = "Bearer t0ken") -> list[Report]:
    body = json.dumps(event).encode()
    return list(BrevoReports(secret).read({"authorization": given}, body, now=NOW))


def an_event(name: str = "hard_bounce", **changes: Any) -> dict[str, Any]:
    return {
        "event": name,
        "email": "alice@example.net",
        "id": 26224,
        "message-id": "<201@smtp-relay.brevo.example>",
        "ts_event": 1795942740,
        "ts_epoch": 1795942740123,
        "reason": "no such user",
        "X-Mailin-custom": "ref7",
        **changes,
    }


def test_a_bounce_names_the_reader_the_copy_and_the_reason() -> None:
    (report,) = told(an_event())
    assert (report.kind, report.status) == (ReportKind.BOUNCED, "5.1.1")
    assert (report.ref, report.address) == ("ref7", "alice@example.net")
    assert report.detail == "no such user"
    assert report.at == dt.datetime.fromtimestamp(1795942740.123, dt.UTC)
    assert json.loads(report.raw) == an_event()


@pytest.mark.parametrize(
    ("name", "reason", "kind", "status"),
    [
        ("delivered", "", ReportKind.DELIVERED, ""),
        ("deferred", "4.2.1 slow down", ReportKind.DEFERRED, "4.2.1"),
        ("soft_bounce", "552 5.2.2 full", ReportKind.BOUNCED, "5.2.2"),
        ("soft_bounce", "", ReportKind.BOUNCED, "4.0.0"),
        ("hard_bounce", "550 5.7.1 blocked", ReportKind.BOUNCED, "5.7.1"),
        ("invalid_email", "", ReportKind.BOUNCED, "5.1.3"),
        ("blocked", "", ReportKind.BOUNCED, "5.7.1"),
        ("error", "", ReportKind.BOUNCED, "5.3.0"),
        ("spam", "", ReportKind.COMPLAINED, ""),
        ("unsubscribed", "", ReportKind.UNSUBSCRIBED, ""),
        ("request", "", ReportKind.OTHER, ""),
        ("opened", "5.1.1", ReportKind.OTHER, ""),
        ("invented", "", ReportKind.OTHER, ""),
    ],
)
def test_each_kind_of_event_is_told_in_our_words(
    name: str, reason: str, kind: ReportKind, status: str
) -> None:
    (report,) = told(an_event(name, reason=reason))
    assert (report.kind, report.status) == (kind, status)


def test_an_event_told_twice_has_one_id_and_others_have_others() -> None:
    (first,), (again,), (other,) = told(an_event()), told(an_event()), told(an_event("spam"))
    assert first.event_id == again.event_id != other.event_id


def test_a_batched_webhook_holds_many() -> None:
    assert len(told([an_event(), an_event("delivered")])) == 2


def test_the_secret_is_a_token_or_a_user_with_a_password() -> None:
    basic = "Basic " + base64.b64encode(b"hook:hush").decode()
    assert told(an_event(), secret="hook:hush", given=basic)
    for secret, given in (("hook:hush", "Bearer hook:hush"), ("t0ken", basic), ("t0ken", "Bearer x"), ("", "Bearer ")):  # fmt: skip
        with pytest.raises(Forged):
            told(an_event(), secret=secret, given=given)


@pytest.mark.parametrize("event", [{}, "x", None, [1], {"event": 1}])
def test_what_is_no_event_is_bad_input(event: object) -> None:
    with pytest.raises(BadInput):
        told(event)


class TestBrevoWebhook(WebhookContract):
    signs_body = signs_time = False
    secret = "t0ken-of-brevo"

    def reader(self) -> ReportReader:
        return BrevoReports(self.secret)

    def stranger(self) -> ReportReader:
        return BrevoReports("user:another")

    def bounce(self, at: dt.datetime) -> Call:
        return self.called(an_event())

    def not_understood(self, at: dt.datetime) -> Iterator[Call]:
        yield from map(self.called, ({}, "x", [[]]))

    def called(self, event: object) -> Call:
        return Call({"authorization": f"Bearer {self.secret}"}, json.dumps(event).encode())
