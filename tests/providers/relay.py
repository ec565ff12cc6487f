"""A real SMTP server (aiosmtpd) in a thread, which answers as it is told and remembers what it was told."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
import threading
import warnings
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session

HOST = "127.0.0.1"

#: What stands for a reply: the server hangs up instead.
HANG_UP = "hang up"


@dataclass
class Relay:
    """The server's script and its memory.

    replies: by (step, recipient or ""), one after another: steps mail, rcpt, data, dot.
    most_open: how many connections it had at once. waits: while it is true no mail is answered.
    """

    port: int = 0
    replies: dict[tuple[str, str], list[str]] = field(default_factory=dict)
    mails: list[tuple[str, str, bytes]] = field(default_factory=list)
    logins: list[tuple[bytes, bytes]] = field(default_factory=list)
    connections: int = 0
    open: int = 0
    most_open: int = 0
    extensions: tuple[str, ...] = ("PIPELINING",)
    parameters: list[str] = field(default_factory=list)
    on_mail: Callable[[str], None] = lambda recipient: None
    waits: Callable[[], bool] = lambda: False

    def next(self, step: str, recipient: str = "") -> str | None:
        for key in ((step, recipient), (step, "")):
            if self.replies.get(key):
                return self.replies[key].pop(0)
        return None

    @property
    def copies(self) -> Counter[str]:
        return Counter(recipient for _, recipient, _ in self.mails)

    # ------------------------------------------------ aiosmtpd's handler

    async def handle_EHLO(
        self, server: SMTP, session: Session, envelope: Envelope, name: str, lines: list[str]
    ) -> list[str]:
        session.host_name = name
        return [*lines[:-1], *(f"250-{one}" for one in self.extensions), lines[-1]]

    async def handle_MAIL(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        reply = self.next("mail", address)
        if reply == HANG_UP:
            hang_up(server)
        if reply:
            return reply
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        self.parameters = options
        return "250 2.1.0 ok"

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        reply = self.next("rcpt", address)
        if reply == HANG_UP:
            hang_up(server)
        if reply:
            return reply
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 ok"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        recipient = envelope.rcpt_tos[0]
        while self.waits():
            await asyncio.sleep(0.01)
        reply = self.next("dot", recipient)
        if reply == HANG_UP:
            hang_up(server)
        if reply and not reply.startswith("2"):
            return reply
        body = envelope.original_content or b""
        self.mails.append((envelope.mail_from or "", recipient, body))
        self.on_mail(recipient)
        if reply == "250 " + HANG_UP:
            hang_up(server)
        return reply or "250 2.0.0 queued as 1"


def hang_up(server: SMTP) -> None:
    assert server.transport is not None
    server.transport.abort()
    raise ConnectionResetError


class ScriptedSmtp(SMTP):
    """aiosmtpd's server, which can also refuse DATA itself."""

    relay: Relay

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.relay.open += 1
        self.relay.most_open = max(self.relay.most_open, self.relay.open)
        super().connection_made(transport)

    def connection_lost(self, error: Exception | None) -> None:
        self.relay.open -= 1
        super().connection_lost(error)

    async def smtp_DATA(self, arg: str) -> None:
        ready = self.envelope is not None and self.envelope.rcpt_tos
        reply = self.relay.next("data", self.envelope.rcpt_tos[0]) if ready else None
        if reply:
            await self.push(reply)
            return
        await super().smtp_DATA(arg)


class RelayController(Controller):
    """Starts the server in a thread of its own, on a port that is free."""

    def __init__(self, relay: Relay, **server: Any) -> None:
        self.relay = relay
        super().__init__(relay, hostname=HOST, port=0, ready_timeout=90, **server)

    def factory(self) -> SMTP:
        self.relay.connections += 1
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # it warns of logins without encryption
            server = ScriptedSmtp(self.handler, **self.SMTP_kwargs)
        server.relay = self.relay
        return server

    def _trigger_server(self) -> None:
        """aiosmtpd looks once whether somebody is at home; that is no connection of ours."""
        assert self.server is not None
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()
        self.relay.port, self.relay.connections = self.port, 0


@contextmanager
def running(
    relay: Relay | None = None,
    *,
    tls: ssl.SSLContext | None = None,
    login: tuple[str, str] | None = None,
    **server: Any,
) -> Iterator[Relay]:
    """A relay for as long as the block lasts. tls: it offers STARTTLS; login: it asks for it."""
    relay = relay or Relay()
    if login:
        server |= {"authenticator": _authenticator(relay, login), "auth_required": True}
        server |= {"auth_require_tls": tls is not None}
    if tls:
        server["tls_context"] = tls
    controller = RelayController(relay, **server)
    controller.start()
    try:
        yield relay
    finally:
        controller.stop()


def _authenticator(relay: Relay, login: tuple[str, str]) -> Callable[..., AuthResult]:
    def check(server: Any, session: Any, envelope: Any, mechanism: str, data: Any) -> AuthResult:
        relay.logins.append((data.login, data.password))
        good = (data.login, data.password) == tuple(part.encode() for part in login)
        return AuthResult(success=good, handled=False)

    return check


@contextmanager
def saying(*lines: bytes) -> Iterator[Script]:
    """A server in a thread that says fixed lines, whatever it hears, and then hangs up."""
    with socket.create_server((HOST, 0)) as server:
        script = Script(server.getsockname()[1])
        thread = threading.Thread(target=script.serve, args=(server, lines))
        thread.start()
        try:
            yield script
        finally:
            thread.join(timeout=90)


@dataclass
class Script:
    """What no good server does can only be said by a bad one. heard: all that it was told."""

    port: int
    heard: bytes = b""

    def serve(self, server: socket.socket, lines: tuple[bytes, ...]) -> None:
        server.settimeout(60)
        peer, _ = server.accept()
        peer.settimeout(60)
        with peer, contextlib.suppress(OSError):
            for line in lines:
                peer.sendall(line)
                self.heard += peer.recv(2**16)
