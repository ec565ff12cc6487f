"""The sink of the measurements answers as a strict server does, however its input is cut."""

from __future__ import annotations

import smtplib
import socket
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from bench import build, servers
from bench.servers import Server
from tests import left_out

Start = Callable[..., AbstractContextManager[Server]]

GREETING = b"220 fast-sink ESMTP\r\n"
HELLO = (
    b"250-fast-sink\r\n250-PIPELINING\r\n250-CHUNKING\r\n250-8BITMIME\r\n"
    b"250-ENHANCEDSTATUSCODES\r\n250 SIZE 52428800\r\n"
)
ENVELOPE = b"MAIL FROM:<a@x.example>\r\nRCPT TO:<b@y.example>\r\n"
TAKEN = b"250 2.1.0 Ok\r\n250 2.1.5 Ok\r\n"
GO_ON = b"354 End data with <CR><LF>.<CR><LF>\r\n"
BYE = b"221 2.0.0 Bye\r\n"
NESTED = b"503 5.5.1 Error: nested MAIL command\r\n"
NOBODY = b"554 5.5.1 Error: no valid recipients\r\n"


@pytest.fixture(scope="module", autouse=True)
def compiler() -> None:
    try:
        build.program("fast_sink")
        build.program("delay_proxy")
    except build.CannotBuild as error:
        left_out.because(str(error))


@pytest.fixture(scope="module")
def sink(compiler: None) -> Iterator[Server]:
    with servers.fast_sink() as found:
        yield found


def queued(number: int) -> bytes:
    return b"250 2.0.0 Ok: queued as %d\r\n" % number


def spoken(server: Server, said: bytes, *, cut: int = 0) -> bytes:
    """Everything the server answers to `said` and a QUIT; `cut`: written so many bytes at a time."""
    said += b"QUIT\r\n"
    with socket.create_connection(("127.0.0.1", server.port), 20) as wire:
        wire.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        step = cut or len(said)
        for at in range(0, len(said), step):
            wire.sendall(said[at : at + step])
        answer = b""
        while more := wire.recv(65536):
            answer += more
    assert answer.startswith(GREETING)
    assert answer.endswith(BYE)
    return answer[len(GREETING) : -len(BYE)]


def without_numbers(answer: bytes) -> list[bytes]:
    return [line.partition(b" queued as")[0] for line in answer.split(b"\r\n")]


#: One session with everything in it that could be cut at a wrong place.
MIXED = (
    b"EHLO bench\r\n"
    + ENVELOPE
    + b"DATA\r\nSubject: one\r\n\r\n.\r.\r\n..\r\n.x\r\n\r\n.\r\n"
    + ENVELOPE
    + b"DATA\r\n.\r\n"
    + ENVELOPE
    + b"BDAT 9\r\nMAIL F\r\n.BDAT 5\r\n\r\n.\r\nBDAT 0 LAST\r\n"
    + ENVELOPE
    + b"BDAT 6 LAST\r\nQUIT\r\nNOOP\r\n"
)
ANSWERS = [
    *HELLO.split(b"\r\n")[:-1],
    *[b"250 2.1.0 Ok", b"250 2.1.5 Ok", GO_ON[:-2], b"250 2.0.0 Ok:"],
    *[b"250 2.1.0 Ok", b"250 2.1.5 Ok", GO_ON[:-2], b"250 2.0.0 Ok:"],
    *[b"250 2.1.0 Ok", b"250 2.1.5 Ok", b"250 2.0.0 Ok", b"250 2.0.0 Ok", b"250 2.0.0 Ok:"],
    *[b"250 2.1.0 Ok", b"250 2.1.5 Ok", b"250 2.0.0 Ok:", b"250 2.0.0 Ok", b""],
]


@pytest.mark.parametrize("cut", [0, 1, 2, 3, 5, 7, 64])
def test_the_answers_are_the_same_however_the_input_is_cut(sink: Server, cut: int) -> None:
    assert without_numbers(spoken(sink, MIXED, cut=cut)) == ANSWERS


@pytest.mark.parametrize(
    "body",
    [b"", b"\r\n", b"a\r\n", b"a.\r\n", b".a\r\n", b"\r\r\n", b"a\n.\n\r\n", b"." * 9 + b"\r\n"],
)
@pytest.mark.parametrize("cut", [0, 1])
def test_a_message_ends_at_the_dot_alone_on_its_line_and_nowhere_else(
    sink: Server, body: bytes, cut: int
) -> None:
    said = ENVELOPE + b"DATA\r\n" + body + b".\r\nNOOP\r\n"
    answers = without_numbers(spoken(sink, said, cut=cut))
    assert answers[2:] == [GO_ON[:-2], b"250 2.0.0 Ok:", b"250 2.0.0 Ok", b""]


def test_messages_are_numbered_and_counted(compiler: None) -> None:
    with servers.fast_sink() as sink:
        said = (ENVELOPE + b"DATA\r\nx\r\n.\r\n") * 2
        answered = TAKEN + GO_ON + queued(1) + TAKEN + GO_ON + queued(2)
        assert spoken(sink, said) == answered
        assert sink.accepted() == 2


def test_mail_within_a_transaction_is_refused_until_it_is_reset(sink: Server) -> None:
    said = ENVELOPE + b"MAIL FROM:<c@x.example>\r\nRSET\r\nMAIL FROM:<c@x.example>\r\nRSET\r\n"
    assert (
        spoken(sink, said) == TAKEN + NESTED + b"250 2.0.0 Ok\r\n250 2.1.0 Ok\r\n250 2.0.0 Ok\r\n"
    )


def test_refused_recipients_leave_the_transaction_open(sink: Server) -> None:
    said = (
        b"MAIL FROM:<a@x.example>\r\nRCPT TO:<bad1@y.example>\r\nRCPT TO:<tmp1@y.example>\r\n"
        b"DATA\r\nMAIL FROM:<a@x.example>\r\n"
    )
    answered = b"250 2.1.0 Ok\r\n550 5.1.1 No such user\r\n451 4.3.0 Try again later\r\n"
    assert spoken(sink, said) == answered + NOBODY + NESTED


def test_the_bytes_of_a_refused_chunk_are_no_commands(sink: Server) -> None:
    said = (
        b"BDAT 6 LAST\r\nRSET\r\n"
        b"MAIL FROM:<a@x.example>\r\nRCPT TO:<bad1@y.example>\r\nBDAT 6\r\nRSET\r\nBDAT 0 LAST\r\n"
    )
    answered = b"503 5.5.1 Error: need MAIL command\r\n250 2.1.0 Ok\r\n550 5.1.1 No such user\r\n"
    assert spoken(sink, said) == answered + NOBODY + NOBODY


def test_commands_out_of_order_and_unknown_ones_are_refused(sink: Server) -> None:
    said = (
        b"RCPT TO:<b@y.example>\r\nDATA\r\nMAIL FOR:<a>\r\nXYZ\r\nMAIL FROM:<a> SIZE=99999999\r\n"
        + b"x" * 9000
        + b"\r\n"
        + ENVELOPE
        + b"BDAT 1\r\nxDATA\r\nRCPT TO:<c@y.example>\r\n"
    )
    codes = [line[:9] for line in spoken(sink, said).split(b"\r\n")]
    assert codes == [
        *[b"503 5.5.1", b"503 5.5.1", b"501 5.5.4", b"502 5.5.2", b"552 5.3.4", b"500 5.5.2"],
        *[b"250 2.1.0", b"250 2.1.5", b"250 2.0.0", b"503 5.5.1", b"503 5.5.1", b""],
    ]


def test_what_is_not_offered_is_not_taken(compiler: None) -> None:
    with servers.fast_sink(chunking=False, pipelining=False) as sink:
        answer = spoken(sink, b"EHLO bench\r\nBDAT 0 LAST\r\n")
    hello = HELLO.replace(b"250-PIPELINING\r\n250-CHUNKING\r\n", b"")
    assert answer == hello + b"502 5.5.1 Error: command not implemented\r\n"


def test_every_accepted_recipient_is_logged_and_no_other(compiler: None, tmp_path: Path) -> None:
    log = tmp_path / "accepted"
    with servers.fast_sink(log=log) as sink:
        said = ENVELOPE + b"RCPT TO:<bad@y.example>\r\nRCPT TO:<c@y.example>\r\nDATA\r\n.\r\n"
        spoken(sink, said + ENVELOPE + b"RSET\r\n")
        assert log.read_text().split() == ["b@y.example", "c@y.example"]


@pytest.mark.parametrize("round_trip_ms", [0.0, 4.0])
def test_smtplib_is_understood_also_through_the_delay(sink: Server, round_trip_ms: float) -> None:
    before = sink.accepted()
    body = b"Subject: hello\r\n\r\n" + b".a line that begins with a full stop\r\n" * 3000
    with (
        servers.delayed(sink.port, round_trip_ms) as way,
        smtplib.SMTP("127.0.0.1", way.port, local_hostname="bench", timeout=20) as client,
    ):
        for _ in range(5):
            assert client.sendmail("a@x.example", ["b@y.example"], body) == {}
        with pytest.raises(smtplib.SMTPRecipientsRefused):
            client.sendmail("a@x.example", ["bad@y.example"], body)
    assert sink.accepted() == before + 5


def test_a_sink_ends_when_its_starter_does(compiler: None) -> None:
    with servers.fast_sink() as sink, servers.delayed(sink.port, 1) as way:
        for server in (sink, way):
            assert server.process.stdin is not None
            server.process.stdin.close()
            assert server.process.wait(20) == 0
