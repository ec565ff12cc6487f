"""Everybody else's servers in one: every host that a browser is led to, and what it asked of each."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from tests.providers.certificates import Certificate

_RAN = b"console.log('RAN from elsewhere');alert('RAN from elsewhere');"
_PAGE = b"<script src=/again.js></script><p>elsewhere"
_PICTURE = (
    b"<svg xmlns='http://www.w3.org/2000/svg' width='9' height='9'><script>alert('RAN svg')"
    b"</script><rect width='9' height='9'/></svg>"
)


@dataclass(frozen=True, slots=True)
class Hit:
    """One request."""

    host: str
    path: str
    dest: str = ""
    cookie: bool = False
    secure: bool = True


@dataclass
class Trap:
    """Listens on one port for all of them, with TLS and without. greeted: each host that TLS was begun with."""

    certificate: Certificate
    hits: list[Hit] = field(default_factory=list)
    greeted: list[str] = field(default_factory=list)
    port: int = 0

    def answer(self, link: socket.socket) -> None:
        link.settimeout(60)
        secure = link.recv(1, socket.MSG_PEEK) == b"\x16"
        if secure:
            context = self.certificate.server()
            context.sni_callback = lambda _, name, __: self.greeted.append(name or "")
            link = context.wrap_socket(link, server_side=True)
        with link:
            head = b""
            while b"\r\n\r\n" not in head and (more := link.recv(65536)):
                head += more
            if head:
                self.hits.append(hit := _read(head, secure))
                link.sendall(_answer(hit))


def _read(head: bytes, secure: bool) -> Hit:
    first, *lines = head.decode("latin-1").split("\r\n")
    said = {key.lower(): value.strip() for key, _, value in (one.partition(":") for one in lines)}
    host = said.get("host", "").partition(":")[0]
    return Hit(host, first.split(" ")[1], said.get("sec-fetch-dest", ""), "cookie" in said, secure)


def _answer(hit: Hit) -> bytes:
    kind, body = "text/html", _PAGE
    if hit.dest == "image" or hit.path.endswith(".svg"):
        kind, body = "image/svg+xml", _PICTURE
    elif hit.dest == "script" or hit.path.endswith(".js"):
        kind, body = "text/javascript", _RAN
    head = f"HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n"
    more = "Access-Control-Allow-Origin: *\r\nSet-Cookie: known=1\r\nConnection: close\r\n\r\n"
    return (head + more).encode() + body


@contextmanager
def trap(certificate: Certificate) -> Iterator[Trap]:
    """A trap that is set; its `port` is where a browser is to find every foreign host."""
    made = Trap(certificate)
    with socket.create_server(("127.0.0.1", 0), backlog=128) as listener:
        made.port = listener.getsockname()[1]
        threading.Thread(target=_listen, args=(listener, made), daemon=True).start()
        yield made


def _listen(listener: socket.socket, made: Trap) -> None:
    while True:
        try:
            link, _ = listener.accept()
        except OSError:
            return
        threading.Thread(target=_served, args=(link, made), daemon=True).start()


def _served(link: socket.socket, made: Trap) -> None:
    with contextlib.suppress(OSError, ssl.SSLError):
        made.answer(link)
