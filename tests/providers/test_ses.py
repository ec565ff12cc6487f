"""SES: templates for fifty readers, each with an answer; requests that fit Amazon's own description."""

from __future__ import annotations

import base64
import dataclasses
import datetime as dt
import json
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digest.contracts.hand_over import FIELDS, LEAVE, MAIL, a_mail, a_message, messages, send
from digest.contracts.providers import Arrived, ProviderContract
from digest.errors import Refused, SendHalted, TryLater, Uncertain
from digest.protocols import Provider
from digest.providers.aws_signature import Signer
from digest.providers.http_replies import Fate, Reply
from digest.providers.json_pieces import place
from digest.providers.pace import Pace
from digest.providers.ses import SesProvider
from digest.providers.ses_template import Template
from tests.providers.fakes import Answered, Fake, Posted, running
from tests.providers.http_contract import HttpContract, quick
from tests.providers.merge_shapes import SesRawShape, SesShape, rendered

NOW = dt.datetime(2026, 11, 29, 9, tzinfo=dt.UTC)
SIGNER = Signer(key_id="AKID", secret="s3cret", region="eu-west-1")


def a_provider(**wishes: Any) -> SesProvider:
    usual: dict[str, Any] = {"signer": SIGNER, "pace": quick(), "clock": lambda: NOW}
    return SesProvider(**{**usual, **wishes})


class TestSes(HttpContract):
    def shape(self) -> SesShape:
        return SesShape()

    def made(self, url: str, *, most: int = 20) -> SesProvider:
        return a_provider(base_url=url, bulk=most)

    def test_the_header_of_a_newsletter_is_kept(self, tmp_path: Path) -> None:
        """Feedback-ID is SES's own; the first two of our names stand in it."""
        found = self.of_one(tmp_path, a_mail())
        assert found.fields["list-unsubscribe-post"] == "List-Unsubscribe=One-Click"
        assert found.fields["list-id"] == "The Sunday Catchup <sunday.gazette.example>"
        assert found.fields["list-archive"] == "<https://gazette.example/archive/sunday>"
        assert found.fields["precedence"] == "bulk"
        assert found.fields["feedback-id"].startswith("2026-11-29:sunday:")
        assert found.fields["feedback-id"].endswith(":AmazonSES")

    def test_one_refused_among_many_does_not_fail_its_batch(self) -> None:
        sent, fake = self.sent(refused=frozenset({"reader5@example.net", "reader19@example.net"}))
        assert sent.feed.keys(Refused) == ["key5", "key19"]
        assert len(sent.feed.keys()) == len(fake.got) == 58
        assert len(fake.posted) == 3

    def test_a_request_is_signed_as_it_is(self) -> None:
        with self.fake() as (fake, provider):
            send(provider, messages(2))
        (posted,) = fake.posted
        kind = posted.headers["content-type"]
        expected = SIGNER.headers(f"{fake.url}{posted.path}", posted.body, kind, now=NOW)
        assert posted.headers["authorization"] == expected["authorization"]
        assert posted.headers["x-amz-date"] == "20261129T090000Z"

    def test_the_ref_goes_as_a_tag_of_letters_and_as_a_field(self) -> None:
        with self.fake() as (fake, provider):
            send(provider, [dataclasses.replace(a_message(1), ref="a_handle-x.proof")])
        fields = fake.got[0].fields
        assert base64.urlsafe_b64decode(fields["ref"] + "==") == b"a_handle-x.proof"
        assert fields["x-digest-ref"] == "a_handle-x.proof"

    def test_names_are_encoded_for_ses(self) -> None:
        with self.fake() as (fake, provider):
            send(provider, [a_message(1, name="Zoë")])
        (entry,) = fake.posted[0].json["BulkEmailEntries"]
        assert entry["Destination"]["ToAddresses"] == ["=?utf-8?B?Wm/Dqw==?= <reader1@example.net>"]

    def test_what_ses_writes_itself_is_left_out_and_the_rest_is_ascii(self) -> None:
        odd = (("Date", "today"), ("Message-ID", "<x@y>"), ("X-Own", "grün"))
        mail = dataclasses.replace(MAIL, fields=(*FIELDS, *odd), from_name="Grüße")
        with self.fake() as (fake, provider):
            send(provider, [a_message(1, mail=mail)])
        fields = fake.got[0].fields
        assert "date" not in fields
        assert "message-id" not in fields
        assert fields["x-own"] == "=?utf-8?B?Z3LDvG4=?="
        assert fake.posted[0].json["FromEmailAddress"].startswith("=?utf-8?B?")

    def test_a_configuration_set_is_named_and_nothing_is_tracked(self) -> None:
        request = a_provider(configuration_set="events").request(messages(1))
        found = json.loads(request.data)
        assert found["ConfigurationSetName"] == "events"
        assert set(found["ConfigurationOverrides"]["Tracking"].values()) == {"DISABLED"}
        assert "ConfigurationSetName" not in json.loads(a_provider().request(messages(1)).data)

    def test_a_megabyte_is_not_passed(self) -> None:
        page = f"<p>{'x' * 980_000}</p>{LEAVE}"
        with self.fake() as (fake, _):
            provider = a_provider(base_url=fake.url)
            sent = send(provider, messages(50, a_mail(html=page)))
        assert len(sent.feed.keys()) == 50
        assert len(fake.posted) > 1

    def test_a_halt_in_the_middle_of_an_answer_keeps_what_was_taken(self) -> None:
        results = [{"Status": "SUCCESS"}, {"Status": "ACCOUNT_SENDING_PAUSED", "Error": "paused"}]

        class Halting(SesShape):
            def taken(self, copies: Any, refused: Any) -> Answered:
                return Answered(200, {"BulkEmailEntryResults": results})

        self.shape = Halting  # type: ignore[assignment]
        with self.fake() as (_, provider):
            sent = send(provider, messages(2))
        assert sent.feed.keys() == ["key0"]
        assert sent.feed.keys(SendHalted) == ["key1"]
        assert sent.halted is not None
        assert "paused" in sent.halted.reply

    def test_a_throttled_entry_goes_later_and_makes_all_wait(self) -> None:
        rounds = deque(["ACCOUNT_THROTTLED", "SUCCESS"])

        class Throttling(SesShape):
            def taken(self, copies: Any, refused: Any) -> Answered:
                return Answered(200, {"BulkEmailEntryResults": [{"Status": rounds.popleft()}]})

        self.shape = Throttling  # type: ignore[assignment]
        waits: list[float] = []

        class Watched(Pace):
            def hold(self, wait_s: float) -> None:
                waits.append(wait_s)
                super().hold(wait_s)

        with running(Fake(self.shape())) as fake:
            provider = a_provider(base_url=fake.url, pace=Watched(first_s=0.01))
            sent = send(provider, messages(1))
        (error,) = sent.feed.told["key0"]
        assert isinstance(error, TryLater)
        assert not error.counts
        assert [wait_s > 0 for wait_s in waits] == [True]


class TestSesRaw(ProviderContract):
    """Each reader's own bytes: slower, and the same as by SMTP."""

    @contextmanager
    def fake(self, *script: str) -> Iterator[tuple[Fake, SesProvider]]:
        with running(Fake(SesRawShape(), script=deque(script))) as fake:
            yield fake, a_provider(base_url=fake.url, raw=True)

    @contextmanager
    def provider(self, folder: Path) -> Iterator[Provider]:
        with self.fake() as (self._fake, provider):
            yield provider

    def arrived(self, folder: Path) -> list[Arrived]:
        return self._fake.got

    def test_many_go_by_one_connection(self) -> None:
        with self.fake() as (fake, provider):
            send(provider, messages(3))
        assert (len(fake.posted), fake.connections) == (3, 1)

    def test_a_batch_of_the_other_mode_goes_one_by_one(self) -> None:
        with self.fake() as (fake, provider):
            sent = send(provider, [a_message(n, batch="b") for n in range(2)])
        assert sent.feed.keys() == ["key0", "key1"]
        assert len(fake.posted) == 2

    def test_a_long_wait_is_told_to_the_door(self) -> None:
        with self.fake("429:600") as (_, provider):
            sent = send(provider, messages(1), reopen=0)
        assert [error.wait_s for error in sent.broke] == [600.0]

    @pytest.mark.parametrize(
        "fault", ["500", "drop", "accept-500", "accept-drop", "badjson", "short"]
    )
    def test_a_reader_in_doubt_is_uncertain_and_the_others_arrive(self, fault: str) -> None:
        with self.fake("ok", fault) as (fake, provider):
            sent = send(provider, messages(4))
        assert sent.feed.keys(Uncertain) == ["key1"]
        assert len(sent.feed.keys()) == 3
        assert set(fake.copies.values()) == {1}

    def test_the_bytes_are_the_messages_own_after_the_ref(self) -> None:
        with self.fake() as (fake, provider):
            send(provider, [a_message(1)])
        data = base64.b64decode(fake.posted[0].json["Content"]["Raw"]["Data"])
        assert data == b"X-Digest-Ref: ref1\r\n" + a_message(1).data


# ------------------------------------------------ what is answered


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        ("MESSAGE_REJECTED", Refused),
        ("INVALID_PARAMETER", Refused),
        ("INVALID_PARAMETER_VALUE", Refused),
        ("MAIL_FROM_DOMAIN_NOT_VERIFIED", SendHalted),
        ("CONFIGURATION_SET_NOT_FOUND", SendHalted),
        ("CONFIGURATION_SET_DOES_NOT_EXIST", SendHalted),
        ("CONFIGURATION_SET_SENDING_PAUSED", SendHalted),
        ("TEMPLATE_NOT_FOUND", SendHalted),
        ("ACCOUNT_SUSPENDED", SendHalted),
        ("ACCOUNT_SENDING_PAUSED", SendHalted),
        ("ACCOUNT_DAILY_QUOTA_EXCEEDED", SendHalted),
        ("INVALID_SENDING_POOL_NAME", SendHalted),
        ("ACCOUNT_THROTTLED", TryLater),
        ("TRANSIENT_FAILURE", TryLater),
        ("FAILED", TryLater),
        ("SOMETHING_NEW", Uncertain),
    ],
)
def test_each_status_of_an_entry_has_its_class(status: str, kind: type[Exception]) -> None:
    results = [{"Status": "SUCCESS", "MessageId": "1"}, {"Status": status, "Error": "as told"}]
    body = json.dumps({"BulkEmailEntryResults": results}).encode()
    one, two = a_provider().answers(messages(2), Reply(200, {}, body))
    assert one is None
    assert type(two) is kind
    assert str(two) == f"{status} as told"
    assert not isinstance(two, Refused) or two.policy, "it may be our own address that is wrong"


def test_every_status_that_the_model_knows_is_told_apart() -> None:
    from tests.providers import sesv2_model

    known = sesv2_model.model().shape_for("BulkEmailStatus").enum  # type: ignore[attr-defined]
    results = [{"Status": status} for status in known]
    body = json.dumps({"BulkEmailEntryResults": results}).encode()
    answers = a_provider().answers(messages(len(known)), Reply(200, {}, body))
    assert not [one for one in answers if isinstance(one, Uncertain)]


@pytest.mark.parametrize(
    ("status", "name", "message", "fate"),
    [
        (429, "TooManyRequestsException", "slow down", Fate.LATER),
        (400, "ThrottlingException", "Maximum sending rate exceeded.", Fate.LATER),
        (400, "Throttling", "Daily message quota exceeded.", Fate.HALTED),
        (400, "LimitExceededException", "too many", Fate.LATER),
        (400, "AccountSuspendedException", "", Fate.HALTED),
        (400, "SendingPausedException", "", Fate.HALTED),
        (400, "MailFromDomainNotVerifiedException", "", Fate.HALTED),
        (404, "NotFoundException", "", Fate.HALTED),
        (400, "MessageRejected", "Email address is not verified.", Fate.HALTED),
        (400, "MessageRejected", "odd content", Fate.FAULTY),
        (400, "BadRequestException", "Local address contains control or whitespace", Fate.FAULTY),
        (403, "InvalidSignatureException", "Signature expired", Fate.HALTED),
        (403, "ExpiredTokenException", "", Fate.HALTED),
        (500, "InternalFailure", "", Fate.DOUBT),
        (503, "", "", Fate.DOUBT),
    ],
)
def test_an_error_means_what_its_name_says(
    status: int, name: str, message: str, fate: Fate
) -> None:
    body = json.dumps({"message": message}).encode()
    by_header = Reply(status, {"x-amzn-errortype": f"{name}:http://internal.amazon.com/x"}, body)
    by_type = Reply(status, {}, json.dumps({"__type": f"x#{name}", "Message": message}).encode())
    for reply in (by_header, by_type) if name else (Reply(status, {}, b"<html>"),):
        verdict = a_provider().verdict(reply)
        assert verdict.fate is fate
        assert name in verdict.words
        assert message in verdict.words


def test_the_address_is_that_of_the_region_unless_told_otherwise() -> None:
    assert a_provider().url == "https://email.eu-west-1.amazonaws.com/v2/email/outbound-bulk-emails"
    assert a_provider(raw=True).url.endswith("amazonaws.com/v2/email/outbound-emails")
    china = dataclasses.replace(SIGNER, region="cn-north-1")
    assert a_provider(signer=china).url.startswith("https://email.cn-north-1.amazonaws.com.cn/")
    assert a_provider(base_url="http://127.0.0.1:1").url.startswith("http://127.0.0.1:1/v2")


def test_a_session_token_goes_with_every_request() -> None:
    signer = dataclasses.replace(SIGNER, session_token="t0ken")
    assert a_provider(signer=signer).request(messages(1)).headers["x-amz-security-token"] == "t0ken"


def test_no_secret_is_shown() -> None:
    assert "s3cret" not in repr(a_provider())


# ------------------------------------------------ the template


@given(st.lists(st.sampled_from(["{", "}", "\\", "a", "{{x}}", LEAVE, "\n", "é"]), max_size=24))
@settings(deadline=None)
def test_any_content_renders_to_itself(parts: list[str]) -> None:
    text = "".join(parts)
    template = Template()
    made = template.put(text, "text")
    data = dict(template.values)
    filled = template.data().replace(place("datatext:leave_url"), "https://x/?a={{b}}&c")
    data |= json.loads(filled)
    assert rendered(made, data) == text.replace(LEAVE, "https://x/?a={{b}}&c")


def test_content_without_odd_signs_costs_no_data() -> None:
    template = Template()
    assert template.put("a{b:c}d }} \\ e", "html") == "a{b:c}d }} \\ e"
    assert template.values == {}


def test_a_readers_quotes_and_braces_stay_within_their_json() -> None:
    odd = 'https://x/"},"b0":"\\{{s0}}\n\u2028'
    message = dataclasses.replace(a_message(1), values={**a_message(1).values, "leave_url": odd})
    request = a_provider().request([message])
    shown = SesShape().read(Posted("/v2/email/outbound-bulk-emails", request.headers, request.data))
    assert 'Leave: https://x/"},"b0":"\\{{s0}}' in shown[0].text
