"""SMTP (RFC 5321) to one relay: our own client, since what a reply means is what the promise rests on.

Pipelined MAIL, RCPT and DATA where the relay offers it (RFC 2920), STARTTLS or TLS with the
certificate checked and never a step back to plain (RFC 3207), AUTH (RFC 4954), SMTPUTF8 (RFC 6531).
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import re
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Literal

from digest.errors import DeliveryError, Refused, SendHalted, TryLater, Uncertain
from digest.model import Message, Receipt

#: RFC 5321 §4.5.3.2: the least seconds a client waits for each answer.
CONNECT_S, GREETING_S, MAIL_S, RCPT_S, DATA_S, BLOCK_S, DOT_S = 30, 300, 300, 300, 120, 180, 600

_REPLY = re.compile(rb"([2-5]\d\d)([ -]?)(.*)")
_ENHANCED = re.compile(r"[245]\.(\d{1,3})\.\d{1,3}")


@dataclass(frozen=True, slots=True)
class Reply:
    """One reply: its code and its lines as one text."""

    code: int
    text: str

    @property
    def fine(self) -> bool:
        return 200 <= self.code < 400

    @property
    def is_policy(self) -> bool:
        """5.7.x (RFC 3463 §3.8): it speaks of us, not of the reader."""
        found = _ENHANCED.search(self.text)
        return self.code >= 500 and found is not None and found[1] == "7"

    def __str__(self) -> str:
        return f"{self.code} {self.text}"


@dataclass(frozen=True, slots=True, kw_only=True)
class SmtpProvider:
    """One relay. `channels`: connections at once."""

    host: str
    port: int
    security: Literal["starttls", "tls", "none"] | str = "starttls"
    username: str = ""
    password: str = field(default="", repr=False)
    channels: int = 10
    client_name: str = "localhost"
    tls: ssl.SSLContext | None = field(default=None, repr=False)

    @property
    def name(self) -> str:
        return "smtp"

    @property
    def replays(self) -> bool:
        return False

    @asynccontextmanager
    async def open(self) -> AsyncIterator[SmtpChannel]:
        """A greeted, encrypted, logged-in session."""
        session = await self._connected()
        try:
            await session.hello(self)
            yield SmtpChannel(session)
        finally:
            await session.quit()

    async def _connected(self) -> SmtpSession:
        context = self.context() if self.security == "tls" else None
        try:
            async with asyncio.timeout(CONNECT_S):
                reader, writer = await asyncio.open_connection(
                    self.host, self.port, ssl=context, limit=2**16
                )
        except ssl.SSLError as error:
            raise SendHalted(f"the relay's certificate is not trusted: {error}") from error
        except (OSError, TimeoutError) as error:
            reason = str(error) or type(error).__name__
            raise TryLater(
                f"no connection to {self.host}:{self.port}: {reason}", counts=False
            ) from error
        return SmtpSession(reader, writer)

    def context(self) -> ssl.SSLContext:
        """The system's trusted authorities, the relay's name checked."""
        return self.tls or ssl.create_default_context()


class SmtpSession:
    """The conversation: commands out, replies in, each under its own time limit."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer
        self.offers: dict[str, str] = {}

    async def hello(self, relay: SmtpProvider) -> None:
        """Greeting, EHLO, encryption, login. Raises TryLater(counts=False) or SendHalted."""
        greeting = await self.reply(GREETING_S)
        if not greeting.fine:
            raise _about_all(greeting)
        await self._ehlo(relay.client_name)
        if relay.security == "starttls":
            await self._start_tls(relay)
            await self._ehlo(relay.client_name)
        if relay.username:
            await self._log_in(relay)

    async def _ehlo(self, name: str) -> None:
        reply = await self.ask(f"EHLO {name}", MAIL_S)
        if not reply.fine:
            raise _about_all(reply)
        lines = [line.split(" ", 1) for line in reply.text.split("\n")[1:]]
        self.offers = {line[0].upper(): line[1] if len(line) > 1 else "" for line in lines}

    async def _start_tls(self, relay: SmtpProvider) -> None:
        if "STARTTLS" not in self.offers:
            raise SendHalted("the relay offers no STARTTLS, and nothing is sent without encryption")
        reply = await self.ask("STARTTLS", MAIL_S)
        if not reply.fine:
            raise _about_all(reply)
        try:
            async with asyncio.timeout(CONNECT_S):
                await self._writer.start_tls(relay.context(), server_hostname=relay.host)
        except ssl.SSLError as error:
            raise SendHalted(f"the relay's certificate is not trusted: {error}") from error
        except (OSError, TimeoutError) as error:
            raise TryLater(f"no encryption came about: {error}", counts=False) from error

    async def _log_in(self, relay: SmtpProvider) -> None:
        """AUTH PLAIN (RFC 4616) or LOGIN; the password goes nowhere else."""
        methods = self.offers.get("AUTH", "").upper().split()
        if "PLAIN" in methods:
            secret = f"\0{relay.username}\0{relay.password}".encode()
            reply = await self.ask("AUTH PLAIN " + base64.b64encode(secret).decode(), MAIL_S)
        elif "LOGIN" in methods:
            reply = await self.ask("AUTH LOGIN", MAIL_S)
            for part in (relay.username, relay.password):
                if reply.code == 334:
                    reply = await self.ask(base64.b64encode(part.encode()).decode(), MAIL_S)
        else:
            raise SendHalted("the relay offers no login that we know (PLAIN, LOGIN)")
        if reply.code != 235:
            raise (
                SendHalted(f"the login was refused: {reply}")
                if reply.code >= 500
                else _lost(str(reply))
            )

    async def ask(self, command: str, timeout_s: float) -> Reply:
        """One command and its reply."""
        self.tell(command)
        return await self.reply(timeout_s)

    def tell(self, *commands: str) -> None:
        """Commands without waiting. A line break inside one is an attack or a defect: never sent."""
        for command in commands:
            if "\r" in command or "\n" in command or "\0" in command:
                raise Refused("the address has a control character")
        self._writer.write("".join(f"{one}\r\n" for one in commands).encode())

    async def pour(self, data: bytes) -> None:
        """The body, without the end that makes it count."""
        self._writer.write(data)
        try:
            async with asyncio.timeout(BLOCK_S):
                await self._writer.drain()
        except (OSError, TimeoutError) as error:
            raise _lost(str(error) or "the connection was lost in the body") from error

    async def reply(self, timeout_s: float) -> Reply:
        """The next reply. Raises TryLater(counts=False) where none, or no reply of SMTP, came."""
        lines: list[bytes] = []
        try:
            async with asyncio.timeout(timeout_s):
                while True:
                    line = await self._reader.readline()
                    found = _REPLY.fullmatch(line.rstrip(b"\r\n"))
                    if not line.endswith(b"\n") or found is None:
                        raise _lost(
                            "the connection was lost" if not line else "no reply of SMTP came"
                        )
                    lines.append(found[3])
                    if found[2] != b"-":
                        text = b"\n".join(lines).decode("utf-8", "replace")
                        return Reply(int(found[1]), text)
        except (OSError, TimeoutError, ValueError) as error:
            raise _lost(str(error) or f"no reply within {timeout_s} s") from error

    async def quit(self) -> None:
        """Say goodbye if anybody still listens."""
        with contextlib.suppress(DeliveryError, OSError, TimeoutError, RuntimeError):
            await self.ask("QUIT", 2)
        self._writer.close()
        with contextlib.suppress(OSError, TimeoutError, ssl.SSLError):
            async with asyncio.timeout(2):
                await self._writer.wait_closed()


class SmtpChannel:
    """One session, one message at a time, one recipient each."""

    def __init__(self, session: SmtpSession) -> None:
        self._session = session

    async def send(self, message: Message, on_wire: Callable[[], None]) -> Receipt:
        """Hand over one message; see protocols.Channel for what it raises."""
        mail, rcpt = self._commands(message)
        if "PIPELINING" in self._session.offers:
            await self._envelope_at_once(mail, rcpt)
        else:
            await self._envelope_in_turn(mail, rcpt)
        await self._session.pour(message.data)
        on_wire()
        return await self._end()

    def _commands(self, message: Message) -> tuple[str, str]:
        parameters = ""
        if not message.recipient.isascii() or not message.sender.isascii():
            if "SMTPUTF8" not in self._session.offers:
                raise Refused("this relay takes no address beyond ASCII (no SMTPUTF8)")
            parameters += " SMTPUTF8"
        if "SIZE" in self._session.offers:
            parameters += f" SIZE={len(message.data)}"
        if ">" in message.recipient or " " in message.recipient:
            raise Refused("the address cannot stand in a command")
        return f"MAIL FROM:<{message.sender}>{parameters}", f"RCPT TO:<{message.recipient}>"

    async def _envelope_at_once(self, mail: str, rcpt: str) -> None:
        """RFC 2920: three commands, three replies; a DATA that went through in vain is ended empty."""
        session = self._session
        session.tell(mail, rcpt, "DATA")
        replies = [await session.reply(limit) for limit in (MAIL_S, RCPT_S, DATA_S)]
        if replies[0].fine and replies[1].fine and replies[2].code == 354:
            return
        if replies[2].code == 354:
            await session.ask(".", DOT_S)
        wrong = next(i for i, reply in enumerate(replies) if not reply.fine or i == 2)
        await self._refused(replies[wrong], wrong)

    async def _envelope_in_turn(self, mail: str, rcpt: str) -> None:
        steps = ((mail, MAIL_S), (rcpt, RCPT_S), ("DATA", DATA_S))
        for step, (command, limit) in enumerate(steps):
            reply = await self._session.ask(command, limit)
            if not reply.fine or (step == 2 and reply.code != 354):
                await self._refused(reply, step)

    async def _refused(self, reply: Reply, step: int) -> None:
        """Raise what the refusal of step 0 MAIL, 1 RCPT or 2 DATA means; the session is clean after it."""
        if reply.code in (421, 503) or reply.fine:
            raise _lost(str(reply))
        reset = await self._session.ask("RSET", MAIL_S)
        if not reset.fine:
            raise _lost(str(reset))
        if reply.code < 500:
            raise TryLater(str(reply))
        if step == 1 and not reply.is_policy and reply.code not in (530, 535, 538):
            raise Refused(str(reply))
        raise SendHalted(str(reply))

    async def _end(self) -> Receipt:
        """The dot, and the one reply that counts: from here a lost answer is a doubt."""
        self._session.tell(".")
        try:
            reply = await self._session.reply(DOT_S)
        except TryLater as error:
            raise Uncertain(error.reply) from error
        if 200 <= reply.code < 300:
            return Receipt(str(reply).replace("\n", " "))
        if reply.code == 421:
            raise TryLater(str(reply), counts=False)
        if reply.code == 503 or reply.fine:
            raise Uncertain(f"the session lost its step: {reply}")
        await self._reset()
        if reply.code < 500:
            raise TryLater(str(reply))
        raise SendHalted(str(reply)) if reply.is_policy else Refused(str(reply))

    async def _reset(self) -> None:
        """RSET after a refusal at the dot, so that the next MAIL is not a nested one."""
        with contextlib.suppress(DeliveryError):
            await self._session.ask("RSET", MAIL_S)


def _about_all(reply: Reply) -> DeliveryError:
    """A refusal before any message: for a while, or until somebody mends it."""
    if reply.code >= 500 and reply.code not in (503, 554):
        return SendHalted(str(reply))
    return TryLater(str(reply), counts=False)


def _lost(reason: str) -> TryLater:
    return TryLater(reason, counts=False)
