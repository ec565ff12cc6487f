"""Real Postfix, Exim and OpenSMTPD: what each offers, and what each makes of many messages in one write."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

from tests.mail_servers import bounces, exim, opensmtpd, postfix, smtp_sink, wire
from tests.mail_servers.server import Server

MANY = 200

#: What a server writes into its log about a client that speaks out of turn.
COMPLAINT = re.compile(
    r"improper command pipelining|synchroni[sz]ation|protocol error|too many", re.I
)

STRICT = {"smtpd_forbid_unauth_pipelining": "yes", "smtpd_forbid_bare_newline": "yes"}


@pytest.fixture
def strict_postfix(tmp_path: Path) -> Iterator[Server]:
    with postfix.running(tmp_path / "postfix", **STRICT) as server:
        yield server


@pytest.fixture
def an_exim(tmp_path: Path) -> Iterator[Server]:
    with exim.running(tmp_path / "exim") as server:
        yield server


@pytest.fixture
def an_opensmtpd(tmp_path: Path) -> Iterator[Server]:
    with opensmtpd.running(tmp_path / "opensmtpd") as server:
        yield server


@pytest.fixture(params=["strict_postfix", "an_exim"])
def pipelining(request: pytest.FixtureRequest) -> tuple[Server, ModuleType]:
    server: Server = request.getfixturevalue(request.param)
    return server, postfix if server.name == "postfix" else exim


def recipient(number: int) -> str:
    """Ten in two hundred are unknown, and ten are told to come later."""
    name = {7: "gone", 13: "later"}.get(number % 20, "reader")
    return f"{name}{number}@example.net"


def each_once(server: Server) -> None:
    """Every known reader's mail is there, once, to the byte below the server's own header fields."""
    numbers: Counter[int] = Counter()
    for path in server.mails():
        text = path.read_bytes()
        own = text[text.index(b"Date: Wed, 25 Nov 2026 23:00:00") :]
        found = re.search(rb"\nSubject: (\d+)\n", own)
        assert found
        number = int(found[1])
        numbers[number] += 1
        assert own == wire.message(recipient(number), number).replace(b"\r\n", b"\n")
    assert numbers == Counter(n for n in range(MANY) if recipient(n).startswith("reader"))


def test_the_next_envelope_may_come_with_the_end_of_a_body(
    pipelining: tuple[Server, ModuleType],
) -> None:
    server, kind = pipelining
    before = b""
    with wire.Client(server.port) as client:
        for number in range(MANY):
            client.write(before + wire.envelope(recipient(number), number) + b"DATA\r\n")
            if before:
                assert client.reply().startswith("250")
            replies = [client.reply() for _ in range(3)]
            ready = replies[2].startswith("354")
            assert ready == recipient(number).startswith("reader"), replies
            before = wire.message(recipient(number), number) + b".\r\n" if ready else b"RSET\r\n"
        client.write(before)
        assert client.reply().startswith("250")
    kind.wait_until_empty(server)
    each_once(server)
    assert not COMPLAINT.search(server.told())


def test_four_messages_in_chunks_may_be_under_way_at_once(strict_postfix: Server) -> None:
    """Not so at Exim: it counts one RSET a refusal and hangs up after ten (smtp_accept_max_nonmail)."""
    sent = 0
    with wire.Client(strict_postfix.port) as client:
        for answered in range(MANY):
            while sent < min(answered + 4, MANY):
                client.write(b"RSET\r\n" + wire.in_chunk(recipient(sent), sent))
                sent += 1
            replies = [client.reply() for _ in range(4)]
            good = recipient(answered).startswith("reader")
            assert replies[3].startswith("250") == good, replies
    postfix.wait_until_empty(strict_postfix)
    each_once(strict_postfix)
    assert not COMPLAINT.search(strict_postfix.told())


def test_without_a_reset_exim_keeps_the_sender_of_a_refused_message(an_exim: Server) -> None:
    """So a message that follows would go out under another reader's return path."""
    with wire.Client(an_exim.port) as client:
        assert client.chunk("gone1@example.net", 1)[2].startswith("503")
        assert client.chunk("reader2@example.net", 2)[0] == "503 sender already given"
    exim.wait_until_empty(an_exim)
    assert "<= bounce+ref1@bounces.example" in an_exim.told()


def test_exim_hangs_up_on_the_eleventh_refusal_in_a_row(an_exim: Server) -> None:
    with wire.Client(an_exim.port) as client:
        for number in range(11):
            client.write(b"RSET\r\n" + wire.in_chunk("gone@example.net", number, 2_000))
            assert client.reply() == "250 Reset OK" or number == 10
            [client.reply() for _ in range(3)]
        client.write(b"RSET\r\n")
        assert client.reply() in ("554 Too many nonmail commands", "")


def test_a_body_before_its_354_is_refused(strict_postfix: Server) -> None:
    with wire.Client(strict_postfix.port) as client:
        client.write(
            wire.envelope("reader1@example.net", 1) + b"DATA\r\nSubject: early\r\n\r\n.\r\n"
        )
        replies = [client.reply() for _ in range(4)]
    assert replies[2:] == ["554 5.5.0 Error: SMTP protocol synchronization", ""]


def test_opensmtpd_offers_no_pipelining_and_hangs_up_on_it(an_opensmtpd: Server) -> None:
    with wire.Client(an_opensmtpd.port) as client:
        assert "PIPELINING" not in client.offers
        client.write(wire.envelope("reader1@example.net", 1) + b"DATA\r\n")
        assert client.reply() == "500 5.5.1 Invalid command: Pipelining not supported"
        assert client.reply() == ""


def test_what_postfix_and_exim_offer(strict_postfix: Server, an_exim: Server) -> None:
    for server in (strict_postfix, an_exim):
        with wire.Client(server.port) as client:
            assert {"PIPELINING", "CHUNKING", "SMTPUTF8"} <= set(re.split(r"[\s-]", client.offers))


def test_an_unknown_reader_comes_back_as_a_bounce_that_names_the_copy(tmp_path: Path) -> None:
    found = [path.read_text() for path in bounces.make(tmp_path / "postfix").iterdir()]
    assert len(found) == 2
    assert {re.search(r"^To: (.*)$", one, re.M)[1] for one in found} == {  # type: ignore[index]
        "bounce+ref7@bounces.example",
        "bounce+ref27@bounces.example",
    }
    assert all("Status: 5.1.1" in one for one in found)


def test_the_sink_refuses_what_it_is_told_to_and_keeps_the_rest(tmp_path: Path) -> None:
    with smtp_sink.running(tmp_path / "one") as sink, wire.Client(sink.port) as client:
        client.write(wire.envelope("reader@example.net", 1) + b"DATA\r\n")
        assert [client.reply()[:3] for _ in range(3)] == ["250", "250", "354"]
        client.write(b"Subject: kept\r\n\r\n.\r\n")
        assert client.reply().startswith("250")
        assert [b"Subject: kept" in one for one in sink.accepted()] == [True]
    with (
        smtp_sink.running(tmp_path / "two", "-r", "RCPT") as sink,
        wire.Client(sink.port) as client,
    ):
        client.write(wire.envelope("reader@example.net", 1))
        assert [client.reply()[:1] for _ in range(2)] == ["2", "4"]
        assert sink.accepted() == []
