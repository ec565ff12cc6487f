"""SMTP (RFC 5321) to one relay: our own client, since what a reply means is what the promise rests on.

STARTTLS or TLS with the certificate checked and never a step back to plain (RFC 3207), AUTH
(RFC 4954), PIPELINING (RFC 2920), CHUNKING (RFC 3030), SMTPUTF8 (RFC 6531), DSN (RFC 3461).
"""

from __future__ import annotations

import asyncio
import dataclasses
import datetime as dt
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import ClassVar

from digest.providers.smtp_manners import GROUPED, IN_TURN, TOGETHER, Manners
from digest.providers.smtp_replies import lost, untrusted
from digest.providers.smtp_session import Limits, SmtpSession
from digest.providers.smtp_wire import SmtpWire

#: How long each answer may take where nothing but the connection is tried.
_TRIAL = Limits(connect=8, greeting=8, command=8)

#: How many bytes a reader keeps until the wire takes over.
_BUFFER = 2**16


@dataclass(frozen=True, slots=True, kw_only=True)
class SmtpProvider:
    """One relay. `channels`: connections at once. client_name: empty = this machine's own name.

    tls: None = the system's trusted authorities, or those of SSL_CERT_FILE. trips: round trips a
    message, 1, 2 or 4; None = as few as the relay is content with. depth: messages under way on one
    connection where the relay takes chunks; more than one widens what a crash leaves in doubt.
    """

    name: ClassVar[str] = "smtp"
    replays: ClassVar[bool] = False
    replay_s: ClassVar[float] = 0.0
    host: str
    port: int
    security: str = "starttls"
    username: str = ""
    password: str = field(default="", repr=False)
    channels: int = 10
    client_name: str = ""
    tls: ssl.SSLContext | None = field(default=None, repr=False)
    trips: int | None = None
    depth: int = 1
    limits: Limits = field(default_factory=Limits)
    manners: Manners = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if self.security not in ("starttls", "tls", "none"):
            raise ValueError(f"security is starttls, tls or none, not {self.security!r}")
        if self.trips not in (None, TOGETHER, GROUPED, IN_TURN):
            raise ValueError(f"trips is 1, 2 or 4, not {self.trips!r}")
        object.__setattr__(self, "manners", Manners.told(self.trips))

    @property
    def in_flight(self) -> int:
        return self.depth

    @property
    def certificate_ends(self) -> dt.datetime | None:
        """When the relay's certificate ends, as it was last seen; None where there was none."""
        return self.manners.certificate_ends

    @asynccontextmanager
    async def open(self) -> AsyncIterator[SmtpWire]:
        """A greeted, encrypted, logged-in session."""
        session = await self._connected()
        try:
            await self._greeted(session)
            self.manners.certificate_ends = session.certificate_ends
            wire = self._wire(session)
        except BaseException:
            session.drop()
            raise
        try:
            yield wire
        finally:
            await wire.quit()

    async def tried(self) -> str:
        """A connection, greeted, encrypted and logged in as for mail, with short limits; see `Triable`."""
        brief = dataclasses.replace(self, limits=_TRIAL)
        async with brief.open():
            how = {"none": "without encryption", "tls": "by TLS", "starttls": "by STARTTLS"}
        login = f"logged in as {self.username}" if self.username else "without a login"
        return f"reached {how[self.security]}, {login}"

    def _wire(self, session: SmtpSession) -> SmtpWire:
        wire = SmtpWire(session.offers, limits=self.limits, manners=self.manners, depth=self.depth)
        wire.begin(session.hand_on(wire))
        return wire

    async def _greeted(self, session: SmtpSession) -> None:
        await session.greet(self.client_name)
        if self.security == "starttls":
            await session.encrypt(self._context(), self.host)
            await session.hello(self.client_name)
        if self.username:
            await session.log_in(self.username, self.password)

    async def _connected(self) -> SmtpSession:
        context = self._context() if self.security == "tls" else None
        try:
            async with asyncio.timeout(self.limits.connect):
                reader, writer = await asyncio.open_connection(
                    self.host, self.port, ssl=context, limit=_BUFFER
                )
        except ssl.SSLError as error:
            raise untrusted(error) from error
        except (OSError, TimeoutError) as error:
            reason = str(error) or type(error).__name__
            raise lost(f"no connection to {self.host}:{self.port}: {reason}") from error
        return SmtpSession(reader, writer, self.limits)

    def _context(self) -> ssl.SSLContext:
        return self.tls or ssl.create_default_context()
