"""What a database leaves on the disk after rows are gone: seeing that nothing of it can be read any more."""

from __future__ import annotations

import mmap
import re
from collections.abc import Iterable
from pathlib import Path

from digest.store.engine import Database


def files_of(database: Database) -> list[Path]:
    """The files of a SQLite database that are there; none of PostgreSQL's, which are its own."""
    if not database.is_sqlite:
        return []
    name = database.engine.url.database or ""
    paths = [Path(f"{name}{ending}") for ending in ("", "-wal", "-shm")]
    return [path for path in paths if name and path.is_file()]


def settle(database: Database) -> None:
    """Bring what was written into the database's file and empty the log beside it (SQLite)."""
    _bare(database, "PRAGMA wal_checkpoint(TRUNCATE)")


def rewrite(database: Database) -> None:
    """Write the database anew, without its free pages (SQLite). Nobody else can write for so long."""
    _bare(database, "VACUUM")
    settle(database)


def _bare(database: Database, statement: str) -> None:
    """Outside of a transaction, which the engine would begin."""
    if database.is_sqlite:
        connection = database.engine.raw_connection()
        try:
            connection.cursor().execute(statement)
        finally:
            connection.close()


def holding(paths: Iterable[Path], pattern: str) -> list[Path]:
    """The files in which a regular expression is found, in small or capital letters."""
    wanted = re.compile(pattern.encode(), re.IGNORECASE)
    return [path for path in paths if _holds(path, wanted)]


def _holds(path: Path, wanted: re.Pattern[bytes]) -> bool:
    if not path.stat().st_size:
        return False
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        return wanted.search(data) is not None
