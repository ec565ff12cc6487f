"""The conversation with one relay: commands out, replies in, each under its own time limit (RFC 5321)."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import re
import socket
import ssl
from collections.abc import Iterator
from dataclasses import dataclass

from digest.errors import DeliveryError, SendHalted, TryLater

_REPLY = re.compile(rb"([2-5]\d\d)(?:([ -])(.*))?", re.DOTALL)
_ENHANCED = re.compile(r"[245]\.(\d{1,3})\.\d{1,3}\b")

#: More lines than this are no reply of a relay in its right mind.
_MOST_LINES = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How many seconds each answer may take; the defaults are the least of RFC 5321 §4.5.3.2."""

    connect: float = 30
    greeting: float = 300
    command: float = 300
    data: float = 120
    block: float = 180
    dot: float = 600


@dataclass(frozen=True, slots=True)
class Reply:
    """One reply: its code and its lines as one text."""

    code: int
    text: str

    @property
    def fine(self) -> bool:
        return self.code < 400

    @property
    def lost_step(self) -> bool:
        """503, or 421 with a closing door: it says nothing about what was asked."""
        return self.code in (421, 503)

    @property
    def is_policy(self) -> bool:
        """x.7.x (RFC 3463 §3.8): security or policy, perhaps ours, perhaps the reader's."""
        found = _ENHANCED.match(self.text)
        return found is not None and found[1] == "7"

    @property
    def wants_login(self) -> bool:
        return self.code in (530, 535, 538)

    def __str__(self) -> str:
        return f"{self.code} {' '.join(self.text.split())}"


def lost(reason: str) -> TryLater:
    """The session is over, and no reader is to blame."""
    return TryLater(reason, counts=False)


class SmtpSession:
    """One connection. After `broken` nothing more is said on it but goodbye."""

    def __init__(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, limits: Limits
    ) -> None:
        self._reader, self._writer, self.limits = reader, writer, limits
        self._beneath = writer
        self.offers: dict[str, str] = {}
        self.broken = ""

    # ------------------------------------------------------------ getting started

    async def greet(self, name: str) -> None:
        """The relay's greeting, then EHLO. Raises TryLater(counts=False) or SendHalted."""
        greeting = await self.reply(self.limits.greeting)
        if greeting.code != 220:
            raise about_all(greeting)
        await self.hello(name)

    async def hello(self, name: str) -> None:
        """EHLO; what the relay offers is known afterwards, and nothing from before it counts."""
        reply = await self.ask(f"EHLO {name or self._own_name()}", self.limits.command)
        if not reply.fine:
            raise about_all(reply)
        self.offers = dict(_offers(reply.text))

    def _own_name(self) -> str:
        """This machine's full name, else its address as a literal (RFC 5321 §4.1.3)."""
        name = socket.gethostname()
        if "." in name and re.fullmatch(r"[A-Za-z0-9.-]+", name):
            return name
        host = str(self._writer.get_extra_info("sockname")[0]).partition("%")[0]
        return f"[IPv6:{host}]" if ":" in host else f"[{host}]"

    async def encrypt(self, context: ssl.SSLContext, host: str) -> None:
        """STARTTLS (RFC 3207). There is no way back to plain text."""
        if "STARTTLS" not in self.offers:
            raise SendHalted("the relay offers no STARTTLS, and nothing is sent without encryption")
        reply = await self.ask("STARTTLS", self.limits.command)
        if reply.code != 220:
            raise about_login(reply)
        try:
            async with asyncio.timeout(self.limits.connect):
                await self._wrap(context, host)
        except ssl.SSLError as error:
            self.broken = "no encryption"
            raise untrusted(error) from error
        except (OSError, TimeoutError) as error:
            raise self._lost(f"no encryption came about: {error!r}") from error

    async def _wrap(self, context: ssl.SSLContext, host: str) -> None:
        """A new reader, so that what somebody slipped in before the encryption is never read."""
        loop = asyncio.get_running_loop()
        reader = asyncio.StreamReader(limit=2**16, loop=loop)
        protocol = asyncio.StreamReaderProtocol(reader, loop=loop)
        transport = await loop.start_tls(
            self._writer.transport, protocol, context, server_hostname=host
        )
        if transport is None:
            raise ConnectionResetError("the connection was lost")
        protocol.connection_made(transport)
        self._beneath = self._writer  # it would close the connection when nobody held it
        self._reader = reader
        self._writer = asyncio.StreamWriter(transport, protocol, reader, loop)

    async def log_in(self, username: str, password: str) -> None:
        """AUTH PLAIN (RFC 4616) or LOGIN; the password goes nowhere else."""
        methods = self.offers.get("AUTH", "").upper().split()
        if "PLAIN" in methods:
            both = _base64("\0".join(("", username, password)))
            reply = await self._secret(f"AUTH PLAIN {both}")
        elif "LOGIN" in methods:
            reply = await self._secret("AUTH LOGIN")
            for part in (username, password):
                if reply.code == 334:
                    reply = await self._secret(_base64(part))
        else:
            raise SendHalted("the relay offers no login that we know (PLAIN, LOGIN)")
        if reply.code != 235:
            raise about_login(reply)

    async def _secret(self, command: str) -> Reply:
        return await self.ask(command, self.limits.command)

    # ------------------------------------------------------------ talking

    async def ask(self, command: str, limit_s: float) -> Reply:
        """One command and its reply."""
        self.tell(command)
        return await self.reply(limit_s)

    def tell(self, *commands: str) -> None:
        """Commands in one write. A line break inside one would be another command: never sent."""
        lines = [one.encode("utf-8") for one in commands]
        if any(set(b"\r\n\0") & set(line) for line in lines):
            raise ValueError("a command holds a line break")
        self._writer.write(b"".join(line + b"\r\n" for line in lines))

    async def pour(self, data: bytes) -> None:
        """The body, without the end that makes it count."""
        try:
            self._writer.write(data)
            async with asyncio.timeout(self.limits.block):
                await self._writer.drain()
        except (OSError, TimeoutError) as error:
            raise self._lost(f"the connection was lost in the body: {error!r}") from error

    async def reply(self, limit_s: float) -> Reply:
        """The next reply. Raises TryLater(counts=False) where none, or no reply of SMTP, came."""
        try:
            async with asyncio.timeout(limit_s):
                return await self._reply()
        except TimeoutError as error:
            raise self._lost(f"no reply within {limit_s:g} s") from error
        except (OSError, ValueError) as error:
            raise self._lost(f"the connection was lost: {error!r}") from error

    async def _reply(self) -> Reply:
        texts: list[bytes] = []
        while len(texts) < _MOST_LINES:
            line = await self._reader.readline()
            if not line.endswith(b"\n"):
                raise ConnectionResetError("the relay closed it")
            found = _REPLY.fullmatch(line.rstrip(b"\r\n"))
            if found is None:
                break
            texts.append(found[3] or b"")
            if found[2] != b"-":
                reply = Reply(int(found[1]), b"\n".join(texts).decode("utf-8", "replace"))
                self.broken = str(reply) if reply.code == 421 else self.broken
                return reply
        raise ValueError("what came is no reply of SMTP")

    def _lost(self, reason: str) -> TryLater:
        self.broken = reason
        return lost(reason)

    async def reset(self) -> None:
        """RSET, so that the next MAIL is no nested one; a session that cannot is broken."""
        if self.broken:
            return
        with contextlib.suppress(TryLater):
            reply = await self.ask("RSET", self.limits.command)
            self.broken = "" if reply.code == 250 else f"no reset: {reply}"

    async def quit(self) -> None:
        """Say goodbye if anybody still listens; a broken session is dropped without a word."""
        if self.broken:
            self._writer.transport.abort()
            return
        with contextlib.suppress(DeliveryError, OSError, RuntimeError):
            await self.ask("QUIT", min(2.0, self.limits.command))
        self._writer.close()
        with contextlib.suppress(OSError, TimeoutError):
            async with asyncio.timeout(2):
                await self._writer.wait_closed()


def about_all(reply: Reply) -> DeliveryError:
    """A refusal before any message: for a while, or until somebody mends it."""
    if reply.code >= 500 and not reply.lost_step:
        return SendHalted(str(reply))
    return lost(str(reply))


def about_login(reply: Reply) -> DeliveryError:
    """A refusal of encryption or login; 4.7.x says that trying again at once would be no use."""
    return SendHalted(str(reply)) if reply.is_policy and reply.code != 421 else about_all(reply)


def untrusted(error: ssl.SSLError) -> SendHalted:
    """Encryption that did not come about as it must."""
    detail = getattr(error, "verify_message", "") or error.reason or str(error)
    return SendHalted(f"no trusted encryption with the relay: {detail}")


def _offers(text: str) -> Iterator[tuple[str, str]]:
    for line in text.split("\n")[1:]:
        name, _, rest = line.strip().partition(" ")
        yield name.upper(), rest


def _base64(text: str) -> str:
    return base64.b64encode(text.encode()).decode("ascii")
