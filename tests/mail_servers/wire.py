"""The bare wire: what a pipelining client writes, so that a server's reply to each pattern is seen as it is."""

from __future__ import annotations

import socket
from types import TracebackType

from tests.mail_servers.server import HOST, PATIENCE


def message(recipient: str, number: int, size: int = 60_000) -> bytes:
    """A message of about so many bytes; no line begins with a full stop."""
    head = (
        "Date: Wed, 25 Nov 2026 23:00:00 +0000\r\nFrom: us@example.org\r\n"
        f"To: {recipient}\r\nSubject: {number}\r\nMessage-ID: <m{number}@example.org>\r\n\r\n"
    ).encode()
    line = f"{number:06d} {'x' * 63}\r\n".encode()
    return head + line * ((size - len(head)) // len(line))


class Client:
    """One connection that has said EHLO."""

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection((HOST, port), PATIENCE)
        self._file = self._socket.makefile("rb")
        self.reply()
        self.write(b"EHLO sender.example\r\n")
        self.offers = self.reply()

    def __enter__(self) -> Client:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self._file.close()
        self._socket.close()

    def write(self, data: bytes) -> None:
        self._socket.sendall(data)

    def reply(self) -> str:
        """One reply, its lines joined; empty where the server hung up."""
        lines: list[str] = []
        while not lines or lines[-1][3:4] == "-":
            line = self._file.readline().decode()
            if not line:
                break
            lines.append(line.rstrip())
        return "\n".join(lines)

    def chunk(self, recipient: str, number: int, size: int = 2_000) -> list[str]:
        """One message in one write by BDAT (RFC 3030), and its three replies."""
        self.write(in_chunk(recipient, number, size))
        return [self.reply() for _ in range(3)]


def envelope(recipient: str, number: int) -> bytes:
    return f"MAIL FROM:<bounce+ref{number}@bounces.example>\r\nRCPT TO:<{recipient}>\r\n".encode()


def in_chunk(recipient: str, number: int, size: int = 60_000) -> bytes:
    data = message(recipient, number, size)
    return envelope(recipient, number) + b"BDAT %d LAST\r\n" % len(data) + data
