"""A line to the tests' PostgreSQL that can fall silent: it takes connections and words, and nothing comes back."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from digest.store.engine import Database


class SilentLine:
    """url: the same database by this line."""

    def __init__(self, database: Database) -> None:
        self._listening = socket.create_server(("127.0.0.1", 0))
        host, port = self._listening.getsockname()
        there = database.engine.url
        self._there = (str(there.query.get("host") or there.host), there.port or 5432)
        behind = there.set(host=host, port=port, query={})
        self.url = behind.render_as_string(hide_password=False)
        self._speaks = threading.Event()
        self._speaks.set()
        threading.Thread(target=self._accept, daemon=True).start()

    @classmethod
    @contextmanager
    def to(cls, database: Database) -> Iterator[SilentLine]:
        line = cls(database)
        try:
            yield line
        finally:
            line.speak()
            line._listening.close()

    @property
    def is_silent(self) -> bool:
        return not self._speaks.is_set()

    def fall_silent(self) -> None:
        self._speaks.clear()

    def speak(self) -> None:
        self._speaks.set()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                here, _ = self._listening.accept()
                there = self._opened()
                for one, other in ((here, there), (there, here)):
                    threading.Thread(target=self._carry, args=(one, other), daemon=True).start()

    def _opened(self) -> socket.socket:
        host, port = self._there
        if not host.startswith("/"):
            return socket.create_connection((host, port))
        found = socket.socket(socket.AF_UNIX)
        found.connect(str(Path(host) / f".s.PGSQL.{port}"))
        return found

    def _carry(self, one: socket.socket, other: socket.socket) -> None:
        """What comes on the one to the other, while it speaks; the end as well."""
        with suppress(OSError), one, other:
            while data := one.recv(2**16):
                self._speaks.wait()
                other.sendall(data)
            self._speaks.wait()
            other.shutdown(socket.SHUT_RDWR)
