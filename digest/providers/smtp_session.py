"""The conversation with one relay: commands out, replies in, each under its own time limit (RFC 5321)."""

from __future__ import annotations

import asyncio
import base64
import datetime as dt
import re
import socket
import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from typing import cast

from digest.errors import SendHalted, TryLater
from digest.providers.smtp_replies import Replies, Reply, about_all, about_login, lost, untrusted


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How many seconds each answer may take; the defaults are the least of RFC 5321 §4.5.3.2."""

    connect: float = 30
    greeting: float = 300
    command: float = 300
    data: float = 120
    block: float = 180
    dot: float = 600
    settle: float = 1.0  # ours: how long a body may take to break a connection
    early: float = 20.0  # ours: an envelope that went early is answered by then, or never


class SmtpSession:
    """One connection. After `broken` nothing more is said on it but goodbye."""

    def __init__(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, limits: Limits
    ) -> None:
        self._reader, self._writer, self.limits = reader, writer, limits
        self._beneath = writer
        self._replies = Replies()
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
        self._reader, self._replies = reader, Replies()
        self._writer = asyncio.StreamWriter(transport, protocol, reader, loop)

    @property
    def certificate_ends(self) -> dt.datetime | None:
        """When the certificate of this connection ends; None without encryption."""
        told = self._writer.get_extra_info("peercert") or {}
        if "notAfter" not in told:
            return None
        return dt.datetime.fromtimestamp(ssl.cert_time_to_seconds(told["notAfter"]), dt.UTC)

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
        while True:
            line = await self._reader.readline()
            if not line.endswith(b"\n"):
                raise ConnectionResetError("the relay closed it")
            for reply in self._replies.feed(line):
                self.broken = str(reply) if reply.code == 421 else self.broken
                return reply
            if self._replies.garbage:
                raise ValueError("what came is no reply of SMTP")

    def _lost(self, reason: str) -> TryLater:
        self.broken = reason
        return lost(reason)

    def hand_on(self, protocol: asyncio.Protocol) -> asyncio.Transport:
        """The connection, greeted and logged in: from here on `protocol` hears what comes.

        Raises TryLater(counts=False) where it has ended: `protocol` would never hear of that.
        """
        transport = cast(asyncio.Transport, self._writer.transport)
        if self._reader.at_eof() or transport.is_closing():
            raise self._lost("the relay closed it")
        transport.set_protocol(protocol)
        return transport

    def drop(self) -> None:
        """Close it without a word."""
        self._writer.transport.abort()


def _offers(text: str) -> Iterator[tuple[str, str]]:
    for line in text.split("\n")[1:]:
        name, _, rest = line.strip().partition(" ")
        yield name.upper(), rest


def _base64(text: str) -> str:
    return base64.b64encode(text.encode()).decode("ascii")
