"""Postfix's smtp-sink, which takes all mail and misbehaves as its flags say: smtp-sink(1)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.mail_servers.server import HOST, Server, lay, own_folder


@dataclass
class Sink:
    """A running sink."""

    port: int
    folder: Path

    def accepted(self) -> list[bytes]:
        """What it took, as it wrote it down: X- lines with the envelope, then the message."""
        files = (path.read_bytes() for path in sorted(self.folder.iterdir()))
        return [data for data in files if data]  # an empty one is made at MAIL


@contextmanager
def running(folder: Path, *flags: str) -> Iterator[Sink]:
    """A sink in a new folder; flags as `-r RCPT`, each word a string. One file a message it took."""
    server: Server = lay("postfix", folder)
    dumps = folder / "var/mail/dumps"
    own_folder(dumps, "nobody", 0o700)
    where = ("-u", "nobody", "-d", "/var/mail/dumps/%M.", *flags, f"{HOST}:{server.port}", "100")
    # Flags that make it refuse its greeting or hang up are its business, not a failed start.
    server.start(["/usr/sbin/smtp-sink", *where], greets=False)
    try:
        yield Sink(server.port, dumps)
    finally:
        server.stop()
