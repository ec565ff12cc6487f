"""A real IMAP server in a thread of this process: pymap, in memory, over TLS on the loopback."""

from __future__ import annotations

import asyncio
import imaplib
import threading
from argparse import Namespace
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from proxyprotocol.sock import SocketInfoLocal
from pymap.backend.dict import DictBackend
from pymap.imap import IMAPServer

from digest.providers.imap import ImapMailbox
from tests.providers.certificates import Certificate

USER, PASSWORD = "bounces", 'a password with \\ and "'


@dataclass(frozen=True, slots=True)
class Served:
    """A server that runs; `client` is another mail program that is logged in."""

    port: int
    certificate: Certificate

    @contextmanager
    def client(self) -> Iterator[imaplib.IMAP4_SSL]:
        with imaplib.IMAP4_SSL(
            "127.0.0.1", self.port, ssl_context=self.certificate.trusted(), timeout=20
        ) as client:
            client.login(USER, PASSWORD)
            yield client

    def put(self, *mails: bytes, folder: str = "INBOX") -> None:
        with self.client() as client:
            for mail in mails:
                assert client.append(folder, "", "", mail.replace(b"\n", b"\r\n"))[0] == "OK"

    def unread(self, folder: str = "INBOX") -> int:
        with self.client() as client:
            client.select(folder, readonly=True)
            return len(client.search(None, "UNSEEN")[1][0].split())

    def mailbox(self, **changes: object) -> ImapMailbox:
        fields: dict[str, object] = {
            "host": "127.0.0.1",
            "port": self.port,
            "username": USER,
            "password": PASSWORD,
            "context": self.certificate.trusted(),
            **changes,
        }
        return ImapMailbox(**fields)  # type: ignore[arg-type]


@contextmanager
def serving(certificate: Certificate) -> Iterator[Served]:
    """An empty mailbox, for as long as the block lasts."""
    started, ports = threading.Event(), list[int]()
    ends = list[tuple[asyncio.AbstractEventLoop, asyncio.Event]]()

    async def run() -> None:
        end = asyncio.Event()
        ends.append((asyncio.get_running_loop(), end))
        server = await asyncio.start_server(
            await _connections(), "127.0.0.1", 0, ssl=certificate.server()
        )
        ports.append(server.sockets[0].getsockname()[1])
        started.set()
        await end.wait()
        server.close()
        others = asyncio.all_tasks() - {asyncio.current_task()}
        if others:
            await asyncio.wait(others, timeout=5)  # each sees its client go

    thread = threading.Thread(target=asyncio.run, args=(run(),), name="imap")
    thread.start()
    try:
        assert started.wait(20)
        yield Served(ports[0], certificate)
    finally:
        for loop, end in ends:
            loop.call_soon_threadsafe(end.set)
        thread.join()


async def _connections() -> Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]:
    """What serves one connection, and sees that its socket is closed."""
    args = Namespace(
        **dict.fromkeys(("cert", "key", "passlib_cfg", "proxy_protocol")),
        host=["127.0.0.1"],
        port="0",
        debug=False,
        tls=False,
        demo_data=False,
        demo_user=USER,
        demo_password=PASSWORD,
    )
    backend, config = await DictBackend.init(args)
    config.apply_context()
    serve = IMAPServer(backend.login, config)

    async def connection(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await serve(reader, writer, SocketInfoLocal(writer))
        finally:
            writer.transport.abort()
            with suppress(OSError):
                await writer.wait_closed()

    return connection
