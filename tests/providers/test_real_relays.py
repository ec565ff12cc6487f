"""Our client against real Postfix, Exim and OpenSMTPD, in every manner of talking that it knows.

Whoever the server took is there once, to the byte, under the return path that names the reader; whoever it
refused is told so in the server's words; and the server's log has nothing to say about our manners.
"""

from __future__ import annotations

import base64
import datetime as dt
import email
import re
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

import pytest

from digest.contracts.hand_over import Sent, send
from digest.delivery import sender
from digest.delivery.compile import Compiled, compile_edition, envelope_of
from digest.errors import Refused, TryLater, Uncertain
from digest.mail.slots import SLOTS
from digest.model import Message, Reader, Rendered, SubscriberId
from digest.providers.smtp import SmtpProvider
from digest.providers.smtp_session import Limits
from digest.store.engine import Database
from digest.store.sends import SendStatus
from tests import people, sample_issue
from tests.delivery import sundays
from tests.mail_servers import exim, opensmtpd, postfix, smtp_sink, wire
from tests.mail_servers.server import HOST, Server

MANY = 100

#: What a server writes into its log about a client that speaks out of turn.
COMPLAINT = re.compile(
    r"improper command|pipelin|synchroni[sz]ation|protocol error|syntax error|too many|sender already",
    re.I,
)

STRICT = {"smtpd_forbid_unauth_pipelining": "yes", "smtpd_forbid_bare_newline": "yes"}


@dataclass
class Relay:
    """A running server, emptied before each test. words: how it refuses, by the first word of the name."""

    server: Server
    kind: ModuleType
    words: dict[str, str]
    logged: int = 0

    def forget(self) -> None:
        for path in self.server.mails():
            path.unlink()
        self.logged = len(self.server.told())

    def provider(
        self, *, trips: int | None = None, chunks: bool = True, depth: int = 1
    ) -> SmtpProvider:
        limits = Limits(settle=0.01)
        port = self.server.port
        made = SmtpProvider(
            host=HOST, port=port, security="none", trips=trips, depth=depth, limits=limits
        )
        made.manners.chunks = chunks
        return made

    def wait(self) -> None:
        self.kind.wait_until_empty(self.server)

    @property
    def complaints(self) -> list[str]:
        lines = self.server.told()[self.logged :].splitlines()
        return [line for line in lines if COMPLAINT.search(line)]


@pytest.fixture(scope="module")
def strict_postfix(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Relay]:
    words = {"gone": "550 5.1.1 ", "later": "450 4.2.1 ", "full": "552 5.2.2 "}
    with postfix.running(tmp_path_factory.mktemp("at") / "postfix", **STRICT) as server:
        yield Relay(server, postfix, words)


@pytest.fixture(scope="module")
def an_exim(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Relay]:
    words = {"gone": "550 5.1.1 ", "later": "451 4.2.1 ", "full": "550 5.2.2 "}
    with exim.running(tmp_path_factory.mktemp("at") / "exim") as server:
        yield Relay(server, exim, words)


@pytest.fixture(scope="module")
def an_opensmtpd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Relay]:
    with opensmtpd.running(tmp_path_factory.mktemp("at") / "opensmtpd") as server:
        yield Relay(server, opensmtpd, {"gone": "550 "})


@pytest.fixture
def relay(request: pytest.FixtureRequest) -> Relay:
    found: Relay = request.getfixturevalue(request.param)
    found.forget()
    return found


def edition(lines: int) -> Compiled:
    words = "The quay, the ferry & the mole. " * lines
    page = f'<p>{words}</p><a href="{SLOTS["leave_url"]}">Leave</a>'
    rendered = Rendered(
        subject="The quay", preheader="", html=page, text=words[:2_000], checksum=f"{lines:064x}"
    )
    date = dt.datetime(2026, 11, 29, 8, tzinfo=dt.UTC)
    envelope = envelope_of(sample_issue.schedule(), date, sample_issue.PUBLIC_URL)
    return compile_edition(rendered, envelope, key=people.KEY)


#: Copies of about 20 kB and of about 60 kB.
EDITIONS = edition(500), edition(1_600)


def copies(name: Callable[[int], str], many: int = MANY) -> list[Message]:
    """As the sender makes them: under return paths that name the reader, and by nothing else alike."""
    handles = (base64.urlsafe_b64encode(n.to_bytes(16)).decode()[:22] for n in range(many))
    readers = (
        Reader(SubscriberId(n), f"{name(n)}{n}@example.net", handle)
        for n, handle in enumerate(handles)
    )
    return [EDITIONS[n % 2].message(reader) for n, reader in enumerate(readers)]


def now_and_then(relay: Relay) -> Callable[[int], str]:
    """One reader in ten is refused, by turns in each of the server's ways."""
    ways = sorted(relay.words)
    return lambda n: ways[n // 10 % len(ways)] if n % 10 == 7 else "reader"


def check_each_is_told_the_truth(
    relay: Relay, found: Sequence[Message], sent: Sent, *, in_doubt: int = 0
) -> set[str]:
    """Once, in the server's words. Who may have it and may not, at most `in_doubt`."""
    doubts: set[str] = set()
    for message in found:
        (said,) = sent.feed.told[message.key]
        name = re.match("[a-z]+", message.recipient)
        words = relay.words.get(name[0], "") if name else ""
        kind = (TryLater if words.startswith("4") else Refused) if words else str
        if isinstance(said, Uncertain):
            doubts.add(message.sender)
            continue
        assert isinstance(said, kind), (message.recipient, said)
        assert str(said).startswith(words or "accepted")
    assert len(doubts) <= in_doubt
    return doubts


def check_each_arrived_once(
    relay: Relay, found: Sequence[Message], in_doubt: Collection[str] = ()
) -> None:
    relay.wait()
    expected = {m.sender: m for m in found if m.recipient.startswith("reader")}
    arrived: Counter[str] = Counter()
    for path in relay.server.mails():
        data = path.read_bytes()
        sender = email.message_from_bytes(data)["Return-Path"].strip("<>")
        arrived[sender] += 1
        assert data.endswith(b"\n" + expected[sender].data.replace(b"\r\n", b"\n"))
        assert data.count(b"\nMessage-ID: ") == 1
    assert arrived.total() == len(arrived)
    assert expected.keys() - arrived.keys() <= set(in_doubt)


#: What the client can be told: trips, chunks, depth. With chunks 2 and 4 are one way, and 1 and None.
PIPELINED = [(None, True, 1), (2, True, 1), (None, False, 1), (2, False, 1), (4, False, 1)]
MANNERS = [
    *(("strict_postfix", *manner) for manner in (*PIPELINED, (None, True, 4))),
    *(("an_exim", *manner) for manner in PIPELINED),
    *(("an_opensmtpd", trips, True, 1) for trips in (None, 1)),
]


@pytest.mark.parametrize(("relay", "trips", "chunks", "depth"), MANNERS, indirect=["relay"])
def test_whoever_is_taken_is_mailed_once_and_whoever_is_refused_is_told(
    relay: Relay, trips: int | None, chunks: bool, depth: int
) -> None:
    found = copies(now_and_then(relay))
    provider = relay.provider(trips=trips, chunks=chunks, depth=depth)
    sent = send(provider, found, channels=2)
    check_each_is_told_the_truth(relay, found, sent)
    check_each_arrived_once(relay, found)
    assert sent.broke == []
    assert provider.manners.chunks is chunks, "its answers show their place"
    assert relay.complaints == []


@pytest.mark.parametrize("relay", ["strict_postfix", "an_exim"], indirect=True)
@pytest.mark.parametrize("chunks", [True, False])
def test_an_end_that_is_held_back_is_heard_as_well(relay: Relay, chunks: bool) -> None:
    """The last chunk is then an empty one, and the dot comes after its body (`Manners.careful`)."""
    provider = relay.provider(chunks=chunks)
    provider.manners.careful = True
    found = copies(now_and_then(relay), 70)
    sent = send(provider, found)
    check_each_is_told_the_truth(relay, found, sent)
    check_each_arrived_once(relay, found)
    assert not provider.manners.careful, "it ends when all goes well"
    assert sent.broke == []
    assert relay.complaints == []


#: Refusals in a row, more than Exim or this Postfix listen to.
BURST = copies(lambda n: "gone" if 10 <= n < 45 else "reader", 60)


def check_a_burst_costs_nobody(relay: Relay, provider: SmtpProvider) -> None:
    """Each time the server hangs up, those under way behind the refused one are in doubt: with depth 1 nobody."""
    sent = send(provider, BURST)
    most = len(sent.broke) * provider.depth if provider.depth > 1 else 0
    doubts = check_each_is_told_the_truth(relay, BURST, sent, in_doubt=most)
    check_each_arrived_once(relay, BURST, doubts)
    assert 1 <= len(sent.broke) <= 5


@pytest.mark.parametrize("relay", ["an_exim"], indirect=True)
@pytest.mark.parametrize(("chunks", "depth"), [(True, 1), (True, 4), (False, 1)])
def test_an_exim_that_hangs_up_after_ten_refusals_costs_nobody(
    relay: Relay, chunks: bool, depth: int
) -> None:
    """It counts one RSET a refusal (smtp_accept_max_nonmail), and then it drops the connection."""
    check_a_burst_costs_nobody(relay, relay.provider(chunks=chunks, depth=depth))


@pytest.fixture(scope="module")
def impatient_postfix(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Relay]:
    limits = {"smtpd_hard_error_limit": "12", "smtpd_error_sleep_time": "0"}
    folder = tmp_path_factory.mktemp("at") / "postfix"
    with postfix.running(folder, **STRICT, **limits) as server:
        yield Relay(server, postfix, {"gone": "550 5.1.1 "})


@pytest.mark.parametrize("relay", ["impatient_postfix"], indirect=True)
@pytest.mark.parametrize(("chunks", "depth"), [(True, 1), (True, 4), (False, 1)])
def test_a_postfix_that_hangs_up_after_many_refusals_costs_nobody(
    relay: Relay, chunks: bool, depth: int
) -> None:
    check_a_burst_costs_nobody(relay, relay.provider(chunks=chunks, depth=depth))


@pytest.mark.parametrize("relay", ["an_exim"], indirect=True)
def test_without_a_reset_exim_keeps_the_sender_of_a_refused_message(relay: Relay) -> None:
    """So a message that follows would go out under another reader's return path: why our client says RSET."""
    with wire.Client(relay.server.port) as client:
        assert client.chunk("gone1@example.net", 1)[2].startswith("503")
        assert client.chunk("reader2@example.net", 2)[0] == "503 sender already given"
    relay.wait()
    assert "<= bounce+ref1@bounces.example" in relay.server.told()


@pytest.mark.parametrize("relay", ["an_opensmtpd"], indirect=True)
def test_opensmtpd_offers_no_pipelining_and_hangs_up_on_it(relay: Relay) -> None:
    with wire.Client(relay.server.port) as client:
        assert "PIPELINING" not in client.offers
        client.write(wire.envelope("reader1@example.net", 1) + b"DATA\r\n")
        assert client.reply() == "500 5.5.1 Invalid command: Pipelining not supported"
        assert client.reply() == ""


@pytest.mark.parametrize("relay", ["strict_postfix", "an_exim"], indirect=True)
def test_what_postfix_and_exim_offer(relay: Relay) -> None:
    with wire.Client(relay.server.port) as client:
        assert {"PIPELINING", "CHUNKING", "SMTPUTF8"} <= set(re.split(r"[\s-]", client.offers))


#: What Postfix's smtp-sink is told to do, and what becomes of five readers then; None: they stay to be mailed.
FAULTS = [
    (("-r", "RCPT"), TryLater),
    (("-f", "RCPT"), Refused),
    (("-r", "."), TryLater),
    (("-f", "."), Refused),
    (("-q", "."), Uncertain),
    (("-Q", "."), None),
    (("-q", "DATA"), None),
    (("-Q", "MAIL"), None),
]


@pytest.mark.parametrize(("flags", "kind"), FAULTS)
def test_a_fault_is_taken_for_what_it_is(
    tmp_path: Path, flags: tuple[str, str], kind: type[Exception] | None
) -> None:
    """-r, -f: refused for now or for good; -q, -Q: it hangs up without a word, or with a 421."""
    found = copies(lambda n: "reader", 5)
    with smtp_sink.running(tmp_path / "sink", *flags) as sink:
        limits = Limits(settle=0.01)
        provider = SmtpProvider(host=HOST, port=sink.port, security="none", limits=limits)
        feed = send(provider, found, reopen=8).feed
    if kind is None:
        assert (len(feed.queue), feed.told) == (5, {})
    else:
        assert feed.keys(kind) == [message.key for message in found]


@pytest.mark.parametrize("refused", ["CONNECT", "EHLO", "MAIL", "RCPT", "DATA", "."])
def test_f12_a_relay_that_refuses_everybody_stops_a_whole_send_and_nobody_has_failed(
    sqlite: Database, tmp_path: Path, refused: str
) -> None:
    """smtp-sink says "500 5.3.0 Error: command failed" to whatever `-f` names."""
    with smtp_sink.running(tmp_path / "sink", "-f", refused) as sink:
        provider = SmtpProvider(host=HOST, port=sink.port, security="none", channels=3)
        house = sundays.a_house(sqlite, tmp_path, provider)
        issue = sundays.put_frozen(house, sundays.names(400))
        sender.drain(house)
        assert sundays.send_of(house, issue).status is SendStatus.PAUSED
        assert sundays.states(house, issue) == {"waiting": 400}
