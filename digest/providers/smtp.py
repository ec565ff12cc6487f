"""SMTP (RFC 5321) to one relay: our own client, since what a reply means is what the promise rests on.

Pipelined MAIL, RCPT and DATA where the relay offers it (RFC 2920), STARTTLS or TLS with the
certificate checked and never a step back to plain (RFC 3207), AUTH (RFC 4954), SMTPUTF8 (RFC 6531).
"""

from __future__ import annotations

import asyncio
import re
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from digest.errors import DeliveryError, Refused, SendHalted, TryLater, Uncertain
from digest.model import Message, Receipt
from digest.providers.smtp_session import Limits, Reply, SmtpSession, lost, untrusted

#: What cannot stand between the angle brackets of a command.
_UNSAFE = re.compile(r"[\x00-\x20\x7f<>]")

_MAIL, _RCPT, _DATA = range(3)


@dataclass(frozen=True, slots=True, kw_only=True)
class SmtpProvider:
    """One relay. `channels`: connections at once. client_name: empty = this machine's own name.

    tls: None = the system's trusted authorities, or those of SSL_CERT_FILE.
    """

    host: str
    port: int
    security: str = "starttls"
    username: str = ""
    password: str = field(default="", repr=False)
    channels: int = 10
    client_name: str = ""
    tls: ssl.SSLContext | None = field(default=None, repr=False)
    limits: Limits = field(default_factory=Limits)

    def __post_init__(self) -> None:
        if self.security not in ("starttls", "tls", "none"):
            raise ValueError(f"security is starttls, tls or none, not {self.security!r}")

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
            await session.greet(self.client_name)
            if self.security == "starttls":
                await session.encrypt(self._context(), self.host)
                await session.hello(self.client_name)
            if self.username:
                await session.log_in(self.username, self.password)
            yield SmtpChannel(session)
        finally:
            await session.quit()

    async def _connected(self) -> SmtpSession:
        context = self._context() if self.security == "tls" else None
        try:
            async with asyncio.timeout(self.limits.connect):
                reader, writer = await asyncio.open_connection(
                    self.host, self.port, ssl=context, limit=2**16
                )
        except ssl.SSLError as error:
            raise untrusted(error) from error
        except (OSError, TimeoutError) as error:
            reason = str(error) or type(error).__name__
            raise lost(f"no connection to {self.host}:{self.port}: {reason}") from error
        return SmtpSession(reader, writer, self.limits)

    def _context(self) -> ssl.SSLContext:
        return self.tls or ssl.create_default_context()


class SmtpChannel:
    """One session, one message at a time, one recipient each."""

    def __init__(self, session: SmtpSession) -> None:
        self._session = session

    async def send(self, message: Message, on_wire: Callable[[], None]) -> Receipt:
        """Hand over one message; see protocols.Channel for what it raises.

        `on_wire` is called between the body and the dot: a body without its dot is no message
        (RFC 5321 §4.1.1.4), so what breaks before is known not to have arrived.
        """
        mail, rcpt = self._commands(message)
        if self._session.broken:
            raise lost(self._session.broken)
        await self._envelope(mail, rcpt)
        await self._session.pour(message.data)
        on_wire()
        return await self._end()

    def _commands(self, message: Message) -> tuple[str, str]:
        offers, size = self._session.offers, len(message.data)
        if _UNSAFE.search(message.recipient) or _UNSAFE.search(message.sender):
            raise Refused("the address cannot stand in a command of SMTP")
        parameters = ""
        if "SIZE" in offers:
            most = int(offers["SIZE"]) if offers["SIZE"].isdecimal() else 0
            if 0 < most < size:
                raise SendHalted(f"a message of {size} bytes; the relay takes {most} at the most")
            parameters += f" SIZE={size}"
        if not message.recipient.isascii() or not message.sender.isascii():
            if "SMTPUTF8" not in offers:
                raise Refused("the relay takes no address beyond ASCII (it offers no SMTPUTF8)")
            parameters += " SMTPUTF8"
        if "8BITMIME" in offers and not message.data.isascii():
            parameters += " BODY=8BITMIME"
        return f"MAIL FROM:<{message.sender}>{parameters}", f"RCPT TO:<{message.recipient}>"

    async def _envelope(self, mail: str, rcpt: str) -> None:
        """MAIL, RCPT and DATA, in one write where the relay offers it. Raises what a refusal means."""
        together = "PIPELINING" in self._session.offers
        replies: list[Reply] = []
        broke: TryLater | None = None
        if together:
            self._session.tell(mail, rcpt, "DATA")
        for step, command in enumerate((mail, rcpt, "DATA")):
            if not together:
                self._session.tell(command)
            try:
                replies.append(await self._session.reply(self._limit(step)))
            except TryLater as error:
                broke = error
                break
            if not together and not replies[-1].fine:
                break
        await self._judge(replies, broke)

    def _limit(self, step: int) -> float:
        limits = self._session.limits
        return limits.data if step == _DATA else limits.command

    async def _judge(self, replies: list[Reply], broke: TryLater | None) -> None:
        """Go on with the body, or raise: a definite refusal stands also if the session broke after it."""
        wrong = next((at for at, reply in enumerate(replies) if not _expected(reply, at)), None)
        if wrong is None:
            if broke is not None:
                raise broke
            return
        reply = replies[wrong]
        if reply.fine or reply.lost_step:
            self._session.broken = str(reply)
            raise lost(str(reply))
        if len(replies) > _DATA and replies[_DATA].code == 354:
            await self._end_empty()
        await self._session.reset()
        raise _refusal(reply, wrong)

    async def _end_empty(self) -> None:
        """DATA was let through although nobody receives: end it with nothing in it (RFC 2920 §3.1)."""
        try:
            await self._session.ask(".", self._session.limits.dot)
        except TryLater:
            return  # the session is broken, and says so itself

    async def _end(self) -> Receipt:
        """The dot, and the one reply that counts: from here a lost answer is a doubt."""
        session = self._session
        try:
            reply = await session.ask(".", session.limits.dot)
        except (TryLater, OSError) as error:
            session.broken = "no answer to a message"
            raise Uncertain(str(error)) from error
        if 200 <= reply.code < 300:
            return Receipt(str(reply))
        if reply.code == 421:
            raise lost(str(reply))
        if reply.code == 503 or reply.fine:
            session.broken = str(reply)
            raise Uncertain(f"the session lost its step: {reply}")
        await session.reset()
        if reply.code < 500:
            raise TryLater(str(reply))
        if reply.wants_login:
            raise SendHalted(str(reply))
        raise Refused(str(reply), policy=reply.is_policy)


def _expected(reply: Reply, step: int) -> bool:
    return reply.code == 354 if step == _DATA else 200 <= reply.code < 300


def _refusal(reply: Reply, step: int) -> DeliveryError:
    """What a refusal of MAIL, RCPT or DATA means.

    MAIL speaks of us and never of a reader. 5.7.x may speak of either, as may any 5xx at DATA: the
    sender asks how others fare.
    """
    if reply.wants_login or (step == _MAIL and reply.code >= 500):
        return SendHalted(str(reply))
    if step == _MAIL:
        return lost(str(reply))
    if reply.code < 500:
        return TryLater(str(reply))
    return Refused(str(reply), policy=reply.is_policy or step == _DATA)
