"""SNS: a topic of ours, a certificate of Amazon's, now; or nothing is believed and nothing fetched."""

from __future__ import annotations

import asyncio
import datetime as dt
import threading
from collections.abc import Callable

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from digest.errors import BadInput, FetchError, Forged
from digest.providers import sns
from digest.providers.sns import Topics
from tests.providers.amazon import (
    CERTIFICATE,
    HOST,
    NOW,
    SUBSCRIBE,
    TOPIC,
    a_confirmation,
    a_message,
    a_web,
    body,
    certificate,
    signature,
)


@pytest.mark.parametrize("version", ["1", "2"])
@pytest.mark.parametrize("subject", [True, False])
def test_what_a_topic_says_is_read_where_its_signature_fits(version: str, subject: bool) -> None:
    told = a_message('Grüße\n"x"', version=version)
    if not subject:
        del told["Subject"]
        told["Signature"] = signature(told)
    assert Topics(frozenset({TOPIC}), a_web()).message(body(told), now=NOW) == 'Grüße\n"x"'


def test_the_certificate_is_fetched_once() -> None:
    web = a_web()
    topics = Topics(frozenset({TOPIC}), web)
    for _ in range(3):
        topics.message(body(a_message("x")), now=NOW)
    assert web.asked == [CERTIFICATE]


CHANGES: dict[str, Callable[[dict[str, str]], object]] = {
    "another message": lambda told: told.update(Message="forged"),
    "another id": lambda told: told.update(MessageId="1"),
    "another subject": lambda told: told.pop("Subject"),
    "no signature": lambda told: told.pop("Signature"),
    "an empty signature": lambda told: told.update(Signature=""),
    "no base64": lambda told: told.update(Signature="é!"),
    "the older version": lambda told: told.update(SignatureVersion="1"),
    "a version that is none": lambda told: told.update(SignatureVersion="3"),
    "no version": lambda told: told.pop("SignatureVersion"),
    "no certificate": lambda told: told.pop("SigningCertURL"),
    "another kind": lambda told: told.update(Type="UnsubscribeConfirmation"),
    "half a character": lambda told: told.update(Message="\ud800"),
}


@pytest.mark.parametrize("change", CHANGES)
def test_what_was_changed_is_forged(change: str) -> None:
    told = a_message("said")
    CHANGES[change](told)
    with pytest.raises(Forged):
        Topics(frozenset({TOPIC}), a_web()).message(body(told), now=NOW)


@pytest.mark.parametrize(
    "url",
    [
        "http://sns.eu-west-1.amazonaws.com/SimpleNotificationService-1.pem",
        "https://sns.eu-west-1.amazonaws.com.evil.example/SimpleNotificationService-1.pem",
        "https://evil.example/SimpleNotificationService-1.pem",
        "https://sns.eu-west-1.amazonaws.com@evil.example/SimpleNotificationService-1.pem",
        "https://sns.eu-west-1.amazonaws.com:444/SimpleNotificationService-1.pem",
        "https://sns.us-east-1.amazonaws.com/SimpleNotificationService-1.pem",
        "https://snsxeu-west-1.amazonaws.com/SimpleNotificationService-1.pem",
        f"{HOST}/?Action=GetTopicAttributes&x=SimpleNotificationService-1.pem",
        f"{HOST}/SimpleNotificationService-1.pem?x",
        f"{HOST}/SimpleNotificationService-1.pem\n",
        f"{HOST}/SimpleNotificationService-é.pem",
        f"{HOST}/a/../SimpleNotificationService-1.pem",
    ],
)
def test_a_certificate_comes_from_the_sns_of_the_topics_region_or_from_nowhere(url: str) -> None:
    web = a_web()
    with pytest.raises(Forged, match="certificate"):
        Topics(frozenset({TOPIC}), web).message(body(a_message("x", SigningCertURL=url)), now=NOW)
    assert web.asked == []


@pytest.mark.parametrize("arn", ["", TOPIC + "2", TOPIC.replace("123456789012", "999999999999")])
def test_a_topic_of_somebody_else_is_forged_though_amazon_signed_it(arn: str) -> None:
    web = a_web()
    for told in (a_message("x", TopicArn=arn), a_confirmation(TopicArn=arn)):
        with pytest.raises(Forged, match="no topic of ours"):
            Topics(frozenset({TOPIC}), web).message(body(told), now=NOW)
    assert web.asked == []


@pytest.mark.parametrize("minutes", [-66, 6])
def test_a_message_of_another_time_is_forged(minutes: int) -> None:
    told = a_message("x", at=NOW + dt.timedelta(minutes=minutes))
    with pytest.raises(Forged, match="not sent now"):
        Topics(frozenset({TOPIC}), a_web()).message(body(told), now=NOW)


def test_a_message_that_sns_repeats_for_an_hour_is_believed() -> None:
    told = a_message("x", at=NOW - dt.timedelta(minutes=60))
    assert Topics(frozenset({TOPIC}), a_web()).message(body(told), now=NOW) == "x"


@pytest.mark.parametrize("stamp", ["", "yesterday", "2026-13-01T00:00:00Z"])
def test_a_time_that_no_clock_shows_is_forged(stamp: str) -> None:
    with pytest.raises(Forged, match="not sent now"):
        Topics(frozenset({TOPIC}), a_web()).message(body(a_message("x", Timestamp=stamp)), now=NOW)


def other_kind() -> bytes:
    """A public key alone, which is no certificate."""
    made = ec.generate_private_key(ec.SECP256R1()).public_key()
    form = serialization.PublicFormat.SubjectPublicKeyInfo
    return made.public_bytes(serialization.Encoding.PEM, form)


@pytest.mark.parametrize(
    "page",
    [
        b"<html>",
        b"",
        other_kind(),
        certificate(days=-1),
        certificate(signs=rsa.generate_private_key(65537, 2048)),
        certificate(signs=ec.generate_private_key(ec.SECP256R1())),
    ],
    ids=["page", "empty", "a key", "run out", "another's", "of a curve"],
)
def test_a_certificate_that_is_none_or_not_of_this_key_is_forged(page: bytes) -> None:
    web = a_web()
    web.pages[CERTIFICATE] = page
    with pytest.raises(Forged):
        Topics(frozenset({TOPIC}), web).message(body(a_message("x")), now=NOW)


def test_a_certificate_that_cannot_be_had_now_is_asked_for_again() -> None:
    web = a_web()
    kept = web.pages.pop(CERTIFICATE)
    topics = Topics(frozenset({TOPIC}), web)
    with pytest.raises(FetchError):
        topics.message(body(a_message("x")), now=NOW)
    web.pages[CERTIFICATE] = kept
    assert topics.message(body(a_message("x")), now=NOW) == "x"


def test_no_more_than_a_few_certificates_are_kept() -> None:
    web = a_web()
    topics = Topics(frozenset({TOPIC}), web)
    for number in range(20):
        url = f"{HOST}/SimpleNotificationService-{number}.pem"
        web.pages[url] = web.pages[CERTIFICATE]
        topics.message(body(a_message("x", SigningCertURL=url)), now=NOW)
    assert len(topics._keys) == 8


# ------------------------------------------------ subscriptions


def test_a_topic_of_ours_is_confirmed_once_asked() -> None:
    web = a_web()
    topics = Topics(frozenset({TOPIC}), web)
    assert topics.message(body(a_confirmation()), now=NOW) is None
    assert web.asked == [CERTIFICATE, SUBSCRIBE]


@pytest.mark.parametrize(
    "url",
    [
        "",
        "https://evil.example/?Action=ConfirmSubscription&Token=1",
        "http://sns.eu-west-1.amazonaws.com/?Action=ConfirmSubscription&Token=1",
        "https://sns.us-east-1.amazonaws.com/?Action=ConfirmSubscription&Token=1",
        f"{HOST}/?Action=DeleteTopic&Token=1",
        f"{HOST}/?Action=ConfirmSubscription&Token=1#x",
        f"{HOST}/x?Action=ConfirmSubscription&Token=1",
    ],
)
def test_a_way_to_confirm_that_leads_elsewhere_is_not_gone(url: str) -> None:
    web = a_web()
    with pytest.raises(Forged, match="leads elsewhere"):
        Topics(frozenset({TOPIC}), web).message(body(a_confirmation(SubscribeURL=url)), now=NOW)
    assert web.asked == [CERTIFICATE]


def test_a_forged_wish_to_be_confirmed_is_not_confirmed() -> None:
    web = a_web()
    told = {**a_confirmation(), "Token": "another"}
    with pytest.raises(Forged):
        Topics(frozenset({TOPIC}), web).message(body(told), now=NOW)
    assert SUBSCRIBE not in web.asked


def test_a_topic_that_says_goodbye_is_no_notification() -> None:
    web = a_web()
    told = a_confirmation(Type="UnsubscribeConfirmation")
    assert Topics(frozenset({TOPIC}), web).message(body(told), now=NOW) is None
    assert web.asked == [CERTIFICATE]


# ------------------------------------------------ odd bodies and settings


@pytest.mark.parametrize("data", [b"<html>", b"\xff", b"[" * 100_000])
def test_a_body_that_is_no_json_is_bad_input(data: bytes) -> None:
    with pytest.raises(BadInput):
        Topics(frozenset({TOPIC}), a_web()).message(data, now=NOW)


@pytest.mark.parametrize("data", [b"[]", b"{}", b'{"Type": ["Notification"]}', b"7"])
def test_a_body_that_is_no_message_is_forged(data: bytes) -> None:
    with pytest.raises(Forged):
        Topics(frozenset({TOPIC}), a_web()).message(data, now=NOW)


@pytest.mark.parametrize("arn", ["", "bounces", "arn:aws:sqs:eu-west-1:123456789012:x", TOPIC + ":1f", "arn:aws:sns:evil.example/:123456789012:x"])  # fmt: skip
def test_what_is_no_arn_of_a_topic_is_refused_at_once(arn: str) -> None:
    with pytest.raises(ValueError, match="ARN"):
        Topics(frozenset({arn}))


def test_china_has_its_own_address() -> None:
    assert sns._host(TOPIC.replace("aws:", "aws-cn:", 1)) == "sns.eu-west-1.amazonaws.com.cn"


# ------------------------------------------------ the fetch that is used outside tests


def serving(answer: bytes) -> tuple[str, Callable[[], None]]:
    """A server that says one thing to everybody."""
    loop = asyncio.new_event_loop()
    ready = threading.Event()
    place: list[int] = []
    stop = asyncio.Event()

    async def one(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(answer)
        writer.close()

    async def life() -> None:
        server = await asyncio.start_server(one, "127.0.0.1", 0)
        place.append(server.sockets[0].getsockname()[1])
        ready.set()
        await stop.wait()
        server.close()

    thread = threading.Thread(target=lambda: loop.run_until_complete(life()), daemon=True)
    thread.start()
    assert ready.wait(30)

    def end() -> None:
        loop.call_soon_threadsafe(stop.set)
        thread.join(30)
        loop.close()

    return f"http://127.0.0.1:{place[0]}/", end


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (b"HTTP/1.0 200 OK\r\n\r\nhello", "hello"),
        (b"HTTP/1.0 404 No\r\n\r\n", "answered 404"),
        (b"HTTP/1.0 302 No\r\nLocation: http://127.0.0.1:1/\r\n\r\n", "answered 302"),
        (b"HTTP/1.0 200 OK\r\n\r\n" + b"x" * 70_000, "answered too much"),
        (b"nonsense\r\n\r\n", "RemoteProtocolError"),
    ],
)
def test_a_fetch_follows_nothing_and_reads_little(answer: bytes, expected: str) -> None:
    url, end = serving(answer)
    try:
        assert sns.fetch(url).decode() == expected
    except FetchError as error:
        assert expected in str(error)  # noqa: PT017
    finally:
        end()
