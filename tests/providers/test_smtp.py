"""SMTP against a real server: what each answer means, and that a broken session is nobody's fault."""

from __future__ import annotations

import asyncio
import dataclasses
import logging
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from digest.contracts.hand_over import ListFeed, Sent, a_mail, a_message, send
from digest.contracts.providers import Arrived, ProviderContract, from_eml
from digest.errors import DeliveryError, Refused, SendHalted, TryLater, Uncertain
from digest.model import Message
from digest.protocols import Provider
from digest.providers.smtp import SmtpProvider
from digest.providers.smtp_session import Limits
from tests.providers import certificates
from tests.providers.certificates import Certificate
from tests.providers.relay import HANG_UP, HOST, Relay, running, saying

ALICE, DAVE = "alice@example.net", "dave@example.net"
SHORT = Limits(connect=30, greeting=30, command=30, data=30, block=30, dot=30)


def to(port: int, **changes: Any) -> SmtpProvider:
    fields: dict[str, Any] = {"host": HOST, "port": port, "security": "none", **changes}
    return SmtpProvider(**fields)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    return certificates.make(tmp_path_factory.mktemp("certificate"))


class TestSmtp(ProviderContract):
    extensions: tuple[str, ...] = ("PIPELINING",)

    @contextmanager
    def provider(self, folder: Path) -> Iterator[Provider]:
        self.relay = Relay(extensions=self.extensions)
        with running(self.relay):
            yield to(self.relay.port)

    def arrived(self, folder: Path) -> list[Arrived]:
        return [from_eml(body) for _, _, body in self.relay.mails]

    def test_the_very_bytes_arrive(self, tmp_path: Path) -> None:
        with self.provider(tmp_path) as provider:
            send(provider, [a_message()])
        assert [body for _, _, body in self.relay.mails] == [a_message().data]


class TestSmtpWithoutPipelining(TestSmtp):
    extensions = ()


def to_alice_and_dave() -> list[Message]:
    return [a_message(n, recipient=one) for n, one in enumerate((ALICE, DAVE))]


def outcome(relay: Relay, *recipients: str, reopen: int = 0, **changes: Any) -> Sent:
    """One connection, unless it may be opened again; the n-th recipient's key is `key<n>`."""
    found = [a_message(n, recipient=one) for n, one in enumerate(recipients)]
    return send(to(relay.port, **changes), found, reopen=reopen)


def said(sent: Sent, key: str = "key0") -> Exception:
    """The one answer of a message that was not accepted."""
    (found,) = sent.feed.told[key]
    assert isinstance(found, Exception)
    return found


def opening(provider: SmtpProvider) -> DeliveryError:
    """What opening a channel raises."""
    sent = send(provider, [a_message()], reopen=0)
    assert sent.feed.told == {}
    assert len(sent.feed.queue) == 1
    found = sent.halted or sent.broke[0]
    assert isinstance(found, DeliveryError)
    return found


@pytest.fixture(params=[("PIPELINING",), ()], ids=["pipelined", "in turn"])
def relay(request: pytest.FixtureRequest) -> Iterator[Relay]:
    with running(Relay(extensions=request.param)) as found:
        yield found


@pytest.mark.parametrize("step", ["rcpt", "data", "dot"])
@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        ("450 4.2.0 greylisted", TryLater),
        ("451 4.7.1 greylisted", TryLater),
        ("550 5.1.1 no such user", Refused),
        ("552 5.2.2 full", Refused),
        ("554 5.7.1 closed list", Refused),
        ("530 5.7.0 authentication required", SendHalted),
    ],
)
def test_a_refusal_is_told_with_its_words_and_the_next_message_goes_by_the_same_session(
    relay: Relay, step: str, reply: str, kind: type[DeliveryError]
) -> None:
    relay.replies[step, ALICE] = [reply]
    sent = outcome(relay, ALICE, DAVE)
    refused = said(sent)
    assert type(refused) is kind
    assert isinstance(refused, DeliveryError)
    assert refused.reply == reply
    assert sent.feed.keys() == ["key1"]
    assert relay.copies == {DAVE: 1}
    assert relay.connections == 1


@pytest.mark.parametrize(
    ("step", "reply", "policy"),
    [
        ("rcpt", "550 5.1.1 no such user", False),
        ("rcpt", "550 5.7.1 not you", True),
        ("data", "554 no", True),
        ("dot", "550 5.7.1 spam", True),
        ("dot", "554 no", False),
    ],
)
def test_what_may_speak_of_the_sender_is_marked(
    relay: Relay, step: str, reply: str, policy: bool
) -> None:
    relay.replies[step, ALICE] = [reply]
    refused = said(outcome(relay, ALICE))
    assert isinstance(refused, Refused)
    assert refused.policy is policy


def test_a_refusal_of_the_sender_halts_and_blames_nobody(relay: Relay) -> None:
    relay.replies["mail", ""] = ["553 5.1.8 sender unknown"]
    sent = outcome(relay, ALICE)
    assert sent.feed.keys(SendHalted) == ["key0"]


def test_too_little_space_at_the_relay_is_no_attempt_of_a_reader(relay: Relay) -> None:
    relay.replies["mail", ""] = ["452 4.3.1 insufficient storage"]
    sent = outcome(relay, ALICE)
    assert sent.feed.told == {}
    assert sent.feed.reasons == ["452 4.3.1 insufficient storage"]
    assert len(sent.broke) == 1


@pytest.mark.parametrize("step", ["mail", "rcpt", "data", "dot"])
@pytest.mark.parametrize("reply", ["421 4.3.2 closing", "503 5.5.1 nested MAIL"])
def test_a_session_that_is_over_or_out_of_step_is_nobodys_fault(
    relay: Relay, step: str, reply: str
) -> None:
    relay.replies[step, ""] = [reply]
    sent = outcome(relay, ALICE, DAVE, reopen=0)
    doubtful = step == "dot" and reply.startswith("503")
    assert sent.feed.keys(Uncertain) == (["key0"] if doubtful else [])
    assert len(sent.feed.told) == len(sent.feed.keys(Uncertain))
    assert len(sent.broke) == 1
    assert relay.copies == {}


@pytest.mark.parametrize("step", ["mail", "rcpt", "data", "dot"])
def test_who_was_on_a_session_that_closed_gets_the_mail_by_the_next_one(
    relay: Relay, step: str
) -> None:
    relay.replies[step, ""] = ["421 4.3.2 closing"]
    sent = outcome(relay, ALICE, DAVE, reopen=1)
    assert sorted(sent.feed.keys()) == ["key0", "key1"]
    assert relay.copies == {ALICE: 1, DAVE: 1}


@pytest.mark.parametrize("step", ["mail", "rcpt"])
def test_a_connection_lost_before_the_dot_is_nobodys_fault(relay: Relay, step: str) -> None:
    relay.replies[step, ""] = [HANG_UP]
    sent = outcome(relay, ALICE)
    assert sent.feed.told == {}
    assert sent.feed.given_back == {"key0": 1}
    assert len(sent.broke) == 1


@pytest.mark.parametrize("reply", [HANG_UP, "250 " + HANG_UP])
def test_a_connection_lost_after_the_dot_is_a_doubt(relay: Relay, reply: str) -> None:
    relay.replies["dot", ALICE] = [reply]
    assert isinstance(said(outcome(relay, ALICE)), Uncertain)


HELLO = (b"220 relay\r\n", b"250-relay\r\n250 SIZE 1000000\r\n")
PIPELINED = (b"220 relay\r\n", b"250-relay\r\n250 PIPELINING\r\n")


@pytest.mark.parametrize("garbage", [b"\x8f\xfe\x01 noise\r\n", b"99 bottles\r\n", b"\r\n", b"250"])
def test_what_is_no_reply_closes_the_session(garbage: bytes) -> None:
    limits = dataclasses.replace(SHORT, command=1)  # half a reply is waited for to its end
    with saying(*HELLO, garbage) as script:
        sent = send(to(script.port, limits=limits), [a_message()], reopen=0)
    assert sent.feed.told == {}
    assert sent.feed.given_back == {"key0": 1}
    assert len(sent.broke) == 1


def test_a_reply_without_words_is_a_reply() -> None:
    with saying(*HELLO, b"250\r\n", b"250\r\n", b"354\r\n", b"250\r\n") as script:
        sent = send(to(script.port, limits=SHORT), [a_message()], reopen=0)
    assert sent.feed.keys() == ["key0"]


def test_a_data_that_went_through_in_vain_is_ended_with_nothing_in_it() -> None:
    replies = b"250 ok\r\n550 5.1.1 no such user\r\n354 go\r\n"
    with saying(*PIPELINED, replies, b"554 no valid recipients\r\n", b"221 bye\r\n") as script:
        refused = said(send(to(script.port, limits=SHORT), [a_message()], reopen=0))
    assert isinstance(refused, Refused)
    assert script.heard.endswith(b"DATA\r\n.\r\nQUIT\r\n")


def test_a_definite_refusal_stands_though_the_relay_hangs_up_after_it() -> None:
    limits = dataclasses.replace(SHORT, data=1)  # what never comes
    with saying(*PIPELINED, b"250 ok\r\n550 5.1.1 no such user\r\n") as script:
        sent = send(to(script.port, limits=limits), [a_message()], reopen=0)
    assert isinstance(said(sent), Refused)


def test_a_silent_relay_is_left_when_its_time_is_up() -> None:
    limits = dataclasses.replace(SHORT, greeting=0.2)
    with saying(b"") as script:
        assert not getattr(opening(to(script.port, limits=limits)), "counts", True)


def test_silence_after_the_dot_is_a_doubt_and_not_before_its_own_time() -> None:
    limits = Limits(dot=0.3)
    with saying(*HELLO, b"250 ok\r\n", b"250 ok\r\n", b"354 go\r\n", b"") as script:
        sent = send(to(script.port, limits=limits), [a_message()], reopen=0)
    assert isinstance(said(sent), Uncertain)
    assert Limits().dot == 600


def test_a_relay_that_is_not_there_is_tried_later() -> None:
    with socket.create_server((HOST, 0)) as server:
        port = server.getsockname()[1]
    error = opening(to(port))
    assert isinstance(error, TryLater)
    assert not error.counts


@pytest.mark.parametrize(
    ("greeting", "kind"),
    [(b"421 too busy\r\n", TryLater), (b"554 not you\r\n", SendHalted), (b"450 no\r\n", TryLater)],
)
def test_a_greeting_that_turns_us_away(greeting: bytes, kind: type[DeliveryError]) -> None:
    with saying(greeting) as script:
        assert type(opening(to(script.port))) is kind


def test_a_refused_hello_halts() -> None:
    with saying(b"220 relay\r\n", b"550 no\r\n") as script:
        assert type(opening(to(script.port))) is SendHalted


@pytest.mark.parametrize(
    "address",
    ["a\r\nRCPT TO:<x@y.z>@example.net", "a\nb@example.net", "a b@example.net", "a>b@example.net"],
)
def test_an_address_never_becomes_a_command(relay: Relay, address: str) -> None:
    sent = send(to(relay.port), [only_in_the_envelope(address), a_message(1, recipient=DAVE)])
    assert type(said(sent)) is Refused
    assert sent.feed.keys() == ["key1"]
    assert relay.copies == {DAVE: 1}


def test_an_address_beyond_ascii_needs_a_relay_that_takes_it() -> None:
    with running(enable_SMTPUTF8=True) as relay:
        sent = send(to(relay.port), [only_in_the_envelope("jürgen@example.net")])
        assert sent.feed.keys() == ["key0"]
        assert "SMTPUTF8" in relay.parameters
    with running(enable_SMTPUTF8=False) as relay:
        refused = said(send(to(relay.port), [only_in_the_envelope("jürgen@example.net")]))
    assert isinstance(refused, Refused)
    assert "SMTPUTF8" in refused.reply


def only_in_the_envelope(address: str) -> Message:
    """An address that the message itself does not show."""
    data = a_message().data
    return dataclasses.replace(a_message(recipient=address), make=lambda message: [data])


def test_half_a_character_in_an_address_is_refused_and_breaks_nothing() -> None:
    with running(enable_SMTPUTF8=True) as relay:
        sent = send(to(relay.port), [only_in_the_envelope("a\udce9@example.net"), a_message(1)])
    assert isinstance(said(sent), Refused)
    assert sent.feed.keys() == ["key1"]
    assert sent.broke == []


def test_a_message_that_the_relay_finds_too_big_halts_before_it_is_sent() -> None:
    with running(data_size_limit=300) as relay:
        halted = said(send(to(relay.port), [a_message(mail=a_mail(text="y" * 400))]))
    assert isinstance(halted, SendHalted)
    assert "300" in halted.reply


def test_a_message_that_cannot_be_made_is_told_as_what_it_is() -> None:
    def broken(message: Message) -> list[bytes]:
        raise ZeroDivisionError

    with running() as relay:
        poison = dataclasses.replace(a_message(), make=broken)
        sent = send(to(relay.port), [poison, a_message(1)])
    assert isinstance(said(sent), ZeroDivisionError)
    assert sent.feed.keys() == ["key1"]


def test_the_relay_hears_a_name_that_means_something(relay: Relay) -> None:
    with saying(*HELLO) as script:
        send(to(script.port, limits=SHORT), [])
    name = script.heard.split()[1].decode()
    assert "." in name


# ---------------------------------------------------------------- encryption and login


def test_starttls_encrypts_before_anything_is_said(certificate: Certificate) -> None:
    with running(tls=certificate.server(), require_starttls=True) as relay:
        sent = outcome(relay, ALICE, security="starttls", tls=certificate.trusted())
    assert sent.feed.keys() == ["key0"]
    assert relay.copies == {ALICE: 1}


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_encryption_works_on_the_faster_loop_too(certificate: Certificate, security: str) -> None:
    uvloop = pytest.importorskip("uvloop")

    feed = ListFeed.of(to_alice_and_dave())

    async def all_of_them(provider: SmtpProvider) -> None:
        async with provider.open() as channel:
            await channel.run(feed)

    kind = "tls" if security == "starttls" else "ssl_context"
    server: dict[str, Any] = {kind: certificate.server()}
    with running(**server) as relay:
        provider = to(relay.port, security=security, tls=certificate.trusted())
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(all_of_them(provider))
    assert feed.keys() == ["key0", "key1"]
    assert relay.copies == {ALICE: 1, DAVE: 1}


def test_tls_from_the_first_byte(certificate: Certificate) -> None:
    with running(ssl_context=certificate.server()) as relay:
        sent = outcome(relay, ALICE, security="tls", tls=certificate.trusted())
    assert sent.feed.keys() == ["key0"]


def test_no_starttls_no_mail() -> None:
    with running() as relay:
        error = opening(to(relay.port, security="starttls"))
    assert isinstance(error, SendHalted)
    assert "STARTTLS" in error.reply


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_an_unknown_authority_a_wrong_name_or_an_old_certificate_halts_and_nothing_is_sent(
    certificate: Certificate, tmp_path: Path, security: str
) -> None:
    logging.getLogger("mail.log").setLevel(logging.CRITICAL)
    elsewhere = certificates.make(tmp_path / "elsewhere", "elsewhere.example")
    expired = certificates.make(tmp_path / "expired", ended=certificates.DAY)
    faults = [(certificate, None), (elsewhere, elsewhere.trusted()), (expired, expired.trusted())]
    for shown, trusted in faults:
        server: dict[str, Any] = (
            {"tls": shown.server()} if security == "starttls" else {"ssl_context": shown.server()}
        )
        with running(**server) as relay:
            error = opening(to(relay.port, security=security, tls=trusted))
        assert isinstance(error, SendHalted), error
        assert relay.mails == []


def test_what_was_slipped_in_before_the_encryption_is_never_read(
    certificate: Certificate,
) -> None:
    """A man in the middle adds a reply to the plain one to STARTTLS (CVE-2011-0411)."""
    heard = asyncio.run(_slipped_in(certificate))
    assert heard.count(b"EHLO") == 2
    assert b"AUTH PLAIN" in heard
    assert b"AUTH LOGIN" not in heard


async def _slipped_in(certificate: Certificate) -> bytes:
    heard = b""

    async def relay(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal heard
        writer.write(b"220 relay\r\n")
        heard += await reader.readline()
        writer.write(b"250-relay\r\n250 STARTTLS\r\n")
        heard += await reader.readline()
        writer.write(b"220 go\r\n250-relay\r\n250 AUTH LOGIN\r\n")
        await writer.drain()
        await writer.start_tls(certificate.server())
        heard += await reader.readline()
        writer.write(b"250-relay\r\n250 AUTH PLAIN\r\n")
        heard += await reader.readline()
        writer.write(b"235 welcome\r\n")
        heard += await reader.readline()
        writer.close()

    async with await asyncio.start_server(relay, HOST, 0) as server:
        port = server.sockets[0].getsockname()[1]
        provider = to(
            port, security="starttls", username="u", password="p", tls=certificate.trusted()
        )
        async with provider.open():
            pass
    return heard


@pytest.mark.parametrize("excluded", [(), ("PLAIN",)], ids=["PLAIN", "LOGIN"])
def test_a_login_is_made_as_the_relay_offers_it(
    certificate: Certificate, excluded: tuple[str, ...]
) -> None:
    login = ("sunday", "pa ss wörd")
    with running(tls=certificate.server(), login=login, auth_exclude_mechanism=excluded) as relay:
        sent = outcome(
            relay,
            ALICE,
            security="starttls",
            tls=certificate.trusted(),
            username=login[0],
            password=login[1],
        )
    assert sent.feed.keys() == ["key0"]
    assert relay.logins == [tuple(part.encode() for part in login)]


def test_a_wrong_password_halts_and_is_not_repeated_in_what_is_said() -> None:
    with running(login=("sunday", "right")) as relay:
        error = opening(to(relay.port, username="sunday", password="wrong-and-secret"))
    assert type(error) is SendHalted
    assert error.reply.startswith("535")
    assert "wrong-and-secret" not in repr(error) + repr(to(1, password="wrong-and-secret"))


def test_a_relay_that_wants_a_login_halts_who_has_none() -> None:
    with running(login=("sunday", "right")) as relay:
        sent = outcome(relay, ALICE)
    assert type(said(sent)) is SendHalted


@pytest.mark.parametrize(
    ("reply", "kind"),
    [(b"454 4.7.0 no logins now\r\n", SendHalted), (b"421 4.7.0 slow down\r\n", TryLater)],
)
def test_a_login_that_is_put_off(reply: bytes, kind: type[DeliveryError]) -> None:
    with saying(b"220 relay\r\n", b"250-relay\r\n250 AUTH PLAIN\r\n", reply) as script:
        error = opening(to(script.port, username="u", password="p"))
    assert type(error) is kind


def test_a_relay_without_a_login_that_we_know_halts() -> None:
    with saying(b"220 relay\r\n", b"250-relay\r\n250 AUTH CRAM-MD5\r\n") as script:
        error = opening(to(script.port, username="u", password="p"))
    assert type(error) is SendHalted


def test_an_unheard_of_kind_of_security_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="starttls, tls or none"):
        to(25, security="maybe")


def test_the_systems_authorities_are_asked_by_default() -> None:
    context = to(25)._context()
    assert context.verify_mode is ssl.CERT_REQUIRED
    assert context.check_hostname
