"""Postmark: each copy has its own answer; nothing is known again; the webhook knows a password."""

from __future__ import annotations

import base64
import datetime as dt
import json
from collections.abc import Iterator
from typing import Any

import pytest

from digest.contracts import Call, WebhookContract
from digest.contracts.hand_over import a_mail, a_message, messages, send
from digest.errors import BadInput, Forged, Refused, SendHalted, TryLater
from digest.model import Report, ReportKind
from digest.protocols import ReportReader
from digest.providers.http_replies import Fate, Reply
from digest.providers.postmark import PostmarkProvider, PostmarkReports
from tests.providers.http_contract import MANY, HttpContract, quick
from tests.providers.shapes import PostmarkShape

NOW = dt.datetime(2026, 11, 29, 9, tzinfo=dt.UTC)
SECRET = "hook:hush-hush"


class TestPostmark(HttpContract):
    def shape(self) -> PostmarkShape:
        return PostmarkShape()

    def made(self, url: str, *, most: int = 20) -> PostmarkProvider:
        return PostmarkProvider(token="t0ken", base_url=url, pace=quick(), most=most)

    def test_an_inactive_recipient_is_refused_and_the_batch_goes_out(self) -> None:
        sent, fake = self.sent(refused=frozenset({"reader5@example.net"}))
        assert sent.feed.keys(Refused) == ["key5"]
        assert len(sent.feed.keys()) == len(fake.got) == MANY - 1
        assert len(fake.posted) == 3

    def test_a_copy_names_its_stream_its_ref_and_its_message_id(self) -> None:
        with self.fake() as (fake, provider):
            send(provider, [a_message(7)])
        (item,) = fake.posted[0].json
        assert item["MessageStream"] == "broadcast"
        assert item["Metadata"] == {"ref": "ref7"}
        assert {"Name": "Message-ID", "Value": "<key7@gazette.example>"} in item["Headers"]
        assert {"Name": "X-PM-KeepID", "Value": "true"} in item["Headers"]
        assert (item["TrackOpens"], item["TrackLinks"]) == (False, "None")

    def test_a_request_is_cut_where_its_bytes_would_be_too_many(self) -> None:
        mail = a_mail(html="x" * 40_000)
        with self.fake() as (fake, _):
            provider = PostmarkProvider(
                token="t", base_url=fake.url, pace=quick(), most=500, most_bytes=300_000
            )
            sent = send(provider, messages(20, mail))
        assert len(sent.feed.keys()) == 20
        assert max(len(one.body) for one in fake.posted) <= 300_000
        assert len(fake.posted) == 3


@pytest.mark.parametrize(
    ("code", "kind", "policy"),
    [(406, Refused, False), (300, Refused, True), (999, Refused, True), (412, SendHalted, False),
     (400, SendHalted, False), (429, TryLater, False), (100, TryLater, False)],
)  # fmt: skip
def test_an_error_code_says_whom_it_is_about(code: int, kind: type, policy: bool) -> None:
    body = json.dumps([{"ErrorCode": code, "Message": "words"}]).encode()
    provider = PostmarkProvider(token="t")
    (answer,) = provider.answers([a_message()], Reply(200, {}, body))
    assert type(answer) is kind
    assert answer is not None
    assert answer.reply == f"{code} words"
    assert getattr(answer, "policy", False) is policy
    assert getattr(answer, "counts", False) is False


@pytest.mark.parametrize(
    ("status", "code", "fate"),
    [(422, 402, Fate.HALTED), (422, 413, Fate.HALTED), (422, 300, Fate.FAULTY), (413, 0, Fate.FAULTY),
     (503, 100, Fate.LATER), (503, 0, Fate.DOUBT), (429, 0, Fate.LATER), (401, 10, Fate.HALTED),
     (308, 0, Fate.HALTED)],
)  # fmt: skip
def test_a_status_says_what_became_of_the_request(status: int, code: int, fate: Fate) -> None:
    body = json.dumps({"ErrorCode": code, "Message": "words"}).encode()
    assert PostmarkProvider(token="t").verdict(Reply(status, {}, body)).fate is fate


# ------------------------------------------------ what comes back


def told(event: object, *, secret: str = SECRET, given: str = SECRET) -> list[Report]:
    basic = base64.b64encode(given.encode()).decode()
    headers = {"authorization": f"Basic {basic}"}
    return list(PostmarkReports(secret).read(headers, json.dumps(event).encode(), now=NOW))


def bounce(**changes: Any) -> dict[str, Any]:
    return {
        "RecordType": "Bounce",
        "ID": 42,
        "Type": "HardBounce",
        "Email": "alice@example.net",
        "MessageID": "883953f4",
        "BouncedAt": "2026-11-29T10:01:05.1794748+01:00",
        "Details": "smtp;550 no such user",
        "Metadata": {"ref": "ref7"},
        **changes,
    }


def test_a_hard_bounce_names_the_reader_the_copy_and_the_reason() -> None:
    (report,) = told(bounce())
    assert report.kind is ReportKind.BOUNCED
    assert (report.ref, report.address, report.status) == ("ref7", "alice@example.net", "5.1.1")
    assert report.detail == "smtp;550 no such user"
    assert report.at.isoformat() == "2026-11-29T09:01:05.179474+00:00"
    assert json.loads(report.raw) == bounce()


@pytest.mark.parametrize(
    ("changes", "kind", "status"),
    [
        ({"Details": "smtp;550 5.7.1 blocked"}, ReportKind.BOUNCED, "5.7.1"),
        ({"Type": "SoftBounce", "Details": "552 5.2.2 full"}, ReportKind.BOUNCED, "5.2.2"),
        ({"Type": "SoftBounce"}, ReportKind.BOUNCED, "4.0.0"),
        ({"Type": "BadEmailAddress"}, ReportKind.BOUNCED, "5.1.3"),
        ({"Type": "SpamNotification"}, ReportKind.BOUNCED, "5.7.1"),
        ({"Type": "Blocked"}, ReportKind.BOUNCED, "5.7.1"),
        ({"Type": "Transient"}, ReportKind.DEFERRED, "4.0.0"),
        ({"Type": "SpamComplaint"}, ReportKind.COMPLAINED, ""),
        ({"Type": "Unsubscribe"}, ReportKind.UNSUBSCRIBED, ""),
        ({"Type": "AutoResponder"}, ReportKind.OTHER, ""),
        ({"Type": "Invented"}, ReportKind.OTHER, ""),
        ({"RecordType": "SpamComplaint"}, ReportKind.COMPLAINED, ""),
        ({"RecordType": "Open"}, ReportKind.OTHER, ""),
    ],
)
def test_each_kind_of_event_is_told_in_our_words(
    changes: dict[str, str], kind: ReportKind, status: str
) -> None:
    (report,) = told(bounce(**changes))
    assert (report.kind, report.status) == (kind, status)


@pytest.mark.parametrize(
    ("reason", "stop", "kind"),
    [("ManualSuppression", True, ReportKind.UNSUBSCRIBED), ("HardBounce", True, ReportKind.BOUNCED),
     ("SpamComplaint", True, ReportKind.COMPLAINED), ("ManualSuppression", False, ReportKind.OTHER)],
)  # fmt: skip
def test_a_change_of_the_streams_list_says_why(reason: str, stop: bool, kind: ReportKind) -> None:
    event = {
        "RecordType": "SubscriptionChange",
        "Recipient": "bob@example.net",
        "ChangedAt": "2026-11-29T09:00:00Z",
        "SuppressSending": stop,
        "SuppressionReason": reason,
        "MessageID": None,
    }
    (report,) = told(event)
    assert (report.kind, report.address) == (kind, "bob@example.net")


def test_a_delivery_told_twice_has_one_id_and_others_have_others() -> None:
    event = {"RecordType": "Delivery", "MessageID": "m1", "Recipient": "a@example.net", "DeliveredAt": "2026-11-29T09:00:00Z"}  # fmt: skip
    (first,), (again,), (other,) = told(event), told(event), told({**event, "MessageID": "m2"})
    assert first.kind is ReportKind.DELIVERED
    assert first.event_id == again.event_id != other.event_id


@pytest.mark.parametrize("given", ["", "hook:", "hook:hush", "hook:hush-hush ", "other:hush-hush"])
def test_without_the_password_nothing_is_believed(given: str) -> None:
    with pytest.raises(Forged):
        told(bounce(), given=given)


@pytest.mark.parametrize("header", [{}, {"authorization": ""}, {"authorization": "Basic é"}, {"authorization": "Bearer hook:hush-hush"}])  # fmt: skip
def test_an_odd_header_is_forged_and_no_crash(header: dict[str, str]) -> None:
    with pytest.raises(Forged):
        list(PostmarkReports(SECRET).read(header, b"{}", now=NOW))


def test_no_secret_fits_nothing() -> None:
    with pytest.raises(Forged):
        told(bounce(), secret="", given="")


@pytest.mark.parametrize("event", [[], {}, "x", None, {"RecordType": 1}])
def test_what_is_no_event_is_bad_input(event: object) -> None:
    with pytest.raises(BadInput):
        told(event)


class TestPostmarkWebhook(WebhookContract):
    signs_body = signs_time = False
    secret = "hush-hush"

    def reader(self) -> ReportReader:
        return PostmarkReports(SECRET)

    def stranger(self) -> ReportReader:
        return PostmarkReports("hook:another")

    def bounce(self, at: dt.datetime) -> Call:
        return self.called(bounce())

    def not_understood(self, at: dt.datetime) -> Iterator[Call]:
        yield from map(self.called, ([], "x", None))

    def called(self, event: object) -> Call:
        basic = base64.b64encode(SECRET.encode()).decode()
        return Call({"authorization": f"Basic {basic}"}, json.dumps(event).encode())
