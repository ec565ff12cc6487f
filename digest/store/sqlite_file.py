"""The file of a SQLite database as this process first opened it.

One that was deleted, or that another one took the place of, SQLite reads and writes on in, though it has no name
any more: what is written there nobody ever sees again.
"""

from __future__ import annotations

from pathlib import Path

from digest.errors import Busy

GONE = "the database's file is gone, or another one stands in its place"


class SqliteFile:
    """path: None where there is no file: in memory, or on a server."""

    def __init__(self, path: str | None) -> None:
        is_one = path and path != ":memory:" and not path.startswith("file:")
        self._path = Path(path) if path and is_one else None
        self._opened: tuple[int, int] | None = None

    @property
    def is_there(self) -> bool:
        """False where it is not made yet, is gone, or is another one than we opened."""
        if self._path is None:
            return True
        found = _numbers(self._path)
        return found is not None and self._opened in (None, found)

    def must_be_there(self) -> None:
        """Raises Busy where we opened it and it is gone: who put it back is heard at once."""
        if self._opened is not None and not self.is_there:
            raise Busy(GONE)

    def was_opened(self) -> None:
        """The first connection stands."""
        if self._path is not None and self._opened is None:
            self._opened = _numbers(self._path)

    def was_closed(self) -> None:
        """No connection stands any more: the next one may find another file."""
        self._opened = None


def _numbers(path: Path) -> tuple[int, int] | None:
    """By which the system knows a file, whatever it is called."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino
