"""A relay that speaks exactly as it is told: replies cut and joined at will, every byte that came kept."""

from __future__ import annotations

import asyncio
import contextlib
import re
import socket
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from digest.contracts.hand_over import ListFeed, Sent, a_message
from digest.errors import SendHalted, TryLater
from digest.providers.smtp import SmtpProvider
from digest.providers.smtp_replies import Reply
from digest.providers.smtp_turns import MAIL, RCPT, Turn
from digest.providers.smtp_wire import SmtpWire

HOST = "127.0.0.1"

#: Instead of a reply: the connection is reset, or nothing is said.
RESET, SILENT = "reset", "silent"

_TO = re.compile(rb"<([^>]*)>")


@dataclass
class Spoken:
    """A relay in the loop of the test.

    replies: (step, reader's number or "") → answers, one after another; steps: MAIL RCPT DATA BDAT DOT
    RSET. words: how it usually says yes, by step and reader. cut: how a batch of replies is cut into
    segments, sent so many seconds apart. dies_after: so many bytes heard, then a
    reset. deaf: what came in the same segment as a dot, behind it, is thrown away. bite, rest_s: how much it
    reads at once, and for how long it then rests.
    """

    extensions: tuple[str, ...] = ("PIPELINING",)
    replies: dict[tuple[str, str], list[str]] = field(default_factory=lambda: defaultdict(list))
    words: Callable[[str, str, str], str] = lambda step, number, usual: usual
    cut: Callable[[bytes], list[bytes]] = lambda data: [data]
    apart_s: float = 0.0
    dies_after: int | None = None
    deaf: bool = False
    bite: int = 2**16
    rest_s: float = 0.0
    segments: list[bytes] = field(default_factory=list)
    steps: list[str] = field(default_factory=list)
    took: list[str] = field(default_factory=list)
    connections: int = 0
    port: int = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        line = writer.get_extra_info("socket")
        line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # pieces go at once
        with contextlib.suppress(ConnectionError, asyncio.CancelledError):  # at the test's end
            await _Conversation(self, reader, writer).hold()
        writer.transport.abort()

    def reply(self, step: str, number: str, usual: str) -> str:
        for key in ((step, number), (step, "")):
            if self.replies[key]:
                return self.replies[key].pop(0)
        return usual


class _Conversation:
    def __init__(
        self, script: Spoken, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self.script, self.reader, self.writer = script, reader, writer
        self.buffer, self.said, self.heard = b"", b"", 0
        self.mail = self.rcpt = False
        self.number = ""
        self.chunks = 0
        self.body = False
        self.over = False

    async def hold(self) -> None:
        await self.say(b"220 relay\r\n")
        while not self.over:
            data = await self.reader.read(self.script.bite)
            await asyncio.sleep(self.script.rest_s)
            if not data:
                return
            self.script.segments.append(data)
            if self.dying(len(data)):
                data = data[: len(data) - (self.heard - (self.script.dies_after or 0))]
            self.buffer += data
            while not self.over and self.one():
                pass
            await self.say(self.said)
            self.said = b""
            if self.script.dies_after is not None and self.heard >= self.script.dies_after:
                self.script.dies_after = None
                return

    def dying(self, more: int) -> bool:
        self.heard += more
        limit = self.script.dies_after
        return limit is not None and self.heard > limit

    async def say(self, data: bytes) -> None:
        for piece in self.script.cut(data):
            self.writer.write(piece)
            await self.writer.drain()
            await asyncio.sleep(self.script.apart_s)

    def answer(self, step: str, usual: str) -> str:
        self.script.steps.append(f"{step} {self.number}".strip())
        usual = self.script.words(step, self.number, usual) if usual.startswith("2") else usual
        found = self.script.reply(step, self.number, usual)
        if found == RESET:
            self.over = True
        elif found != SILENT:
            self.said += found.encode() + b"\r\n"
            self.over = found.startswith("421")
        return found

    def one(self) -> bool:
        """One command or one body out of what came; False where it is not whole yet."""
        if self.body:
            return self.whole_body()
        line, end, rest = self.buffer.partition(b"\r\n")
        if not end:
            return False
        verb = line.split(b" ")[0].upper().decode()
        if verb == "BDAT":
            return self.chunk(line, rest)
        self.buffer = rest
        getattr(self, f"on_{verb.lower()}")(line)
        return True

    def on_ehlo(self, line: bytes) -> None:
        lines = ["relay", *self.script.extensions]
        dashes = ["-"] * (len(lines) - 1) + [" "]
        self.said += "".join(f"250{d}{x}\r\n" for d, x in zip(dashes, lines, strict=True)).encode()

    def on_quit(self, line: bytes) -> None:
        self.said += b"221 bye\r\n"
        self.over = True

    def on_rset(self, line: bytes) -> None:
        self.mail = self.rcpt = False
        self.answer("RSET", "250 reset")

    def on_mail(self, line: bytes) -> None:
        found = _TO.search(line)
        assert found is not None
        self.number = found[1].decode().partition("+t")[2].partition("@")[0]
        usual = "503 5.5.1 nested MAIL" if self.mail else "250 2.1.0 ok"
        self.mail = self.answer("MAIL", usual).startswith("2") or self.mail

    def on_rcpt(self, line: bytes) -> None:
        usual = "250 2.1.5 ok" if self.mail else "503 5.5.1 MAIL first"
        self.rcpt = self.answer("RCPT", usual).startswith("2") or self.rcpt

    def on_data(self, line: bytes) -> None:
        usual = "354 go" if self.rcpt else "554 5.5.1 no valid recipients"
        self.body = self.answer("DATA", usual).startswith("354")

    def whole_body(self) -> bool:
        if self.buffer.startswith(b".\r\n"):
            self.buffer = b"\r\n" + self.buffer
        body, end, rest = self.buffer.partition(b"\r\n.\r\n")
        if not end:
            return False
        self.buffer = b"" if self.script.deaf else rest
        self.body = False
        self.finish("DOT", good=self.rcpt and bool(body))
        return True

    def chunk(self, line: bytes, rest: bytes) -> bool:
        size, last = int(line.split()[1]), line.upper().endswith(b"LAST")
        if len(rest) < size:
            return False
        self.buffer = rest[size:]
        if last:
            self.finish("BDAT", good=self.rcpt)
        else:
            self.answer("BDAT", "250 more" if self.rcpt else "503 5.5.1 RCPT first")
        return True

    def finish(self, step: str, *, good: bool) -> None:
        reply = self.answer(step, "250 2.0.0 queued" if good else "554 5.5.1 no valid recipients")
        if good and reply.startswith("2"):
            self.script.took.append(self.number)
        self.mail = self.rcpt = False


def taught(wire: SmtpWire) -> SmtpWire:
    """As it is once a message went by DATA and one in a chunk: it knows how this relay answers."""
    for step, text in ((MAIL, "2.1.0 ok"), (RCPT, "2.1.5 ok")):
        assert wire._places.hear(step, Reply(250, text))
    chunk = Turn(a_message(), (), chunked=True)
    assert wire._places.end(Reply(250, "2.0.0 queued"), chunk)
    return wire


async def conversation(
    script: Spoken, feed: ListFeed, *, reopen: int = 5, new: bool = False, **changes: object
) -> Sent:
    """Hand all over to this relay by one channel, opened again where it broke.

    new: nothing is known of the relay's answers yet, so that chunks are not begun with.
    """
    sent = Sent(feed)
    listening = socket.create_server((HOST, 0))
    if script.rest_s:  # a slow line holds little, else the system takes the whole body at once
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2**16)
    async with await asyncio.start_server(script.serve, sock=listening):
        script.port = listening.getsockname()[1]
        provider = SmtpProvider(host=HOST, port=script.port, security="none", **changes)  # type: ignore[arg-type]
        for _ in range(reopen + 1):
            try:
                async with provider.open() as channel:
                    await (channel if new else taught(channel)).run(feed)
                break
            except TryLater as error:
                sent.broke.append(error)
            except SendHalted as error:
                sent.halted = error
                break
    assert not any(one.counts for one in sent.broke), "a broken channel is nobody's attempt"
    assert not feed.unanswered, "drawn, and never answered"
    return sent


def numbers(feed: ListFeed, kind: type[Exception] | None = None) -> list[str]:
    return [key.removeprefix("key") for key in feed.keys(kind)]


def pieces_of(size: int) -> Callable[[bytes], list[bytes]]:
    """Segments of so many bytes."""

    def cut(data: bytes) -> list[bytes]:
        return list(_pieces(data, size))

    return cut


def _pieces(data: bytes, size: int) -> Iterator[bytes]:
    for start in range(0, len(data), size):
        yield data[start : start + size]
