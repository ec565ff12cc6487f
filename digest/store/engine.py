"""The database by one URL: SQLite in WAL mode, or PostgreSQL through psycopg. Transactions start here."""

from __future__ import annotations

import functools
import os
import random
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, create_engine, event
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlmodel import Session

from digest.errors import Busy, NoRoom
from digest.store import chain
from digest.store.sqlite_file import SqliteFile

__all__ = ["Database", "Session"]

#: How long a writer waits for another one, in milliseconds, before it is told that the database is busy.
BUSY_MS = 30_000
#: How long a writer waits until it looks again, in seconds.
_LOOK_S = 0.002, 0.01
#: SQLITE_BUSY and SQLITE_LOCKED, without the bits that say more: https://www.sqlite.org/rescode.html
_LOCKED = (5, 6)
#: With the log each commit is on the disk when it returns, or with the next one that is: https://sqlite.org/pragma.html
_DURABLE, _SOON_DURABLE = "PRAGMA synchronous=FULL", "PRAGMA synchronous=NORMAL"
#: SQLITE_FULL: no room for what is written.
_FULL = 13


class Database:
    """One database. `read` and `write` give a session; `write` commits when the block ends well.

    Both raise NoRoom where the disk is full, and Busy where somebody else holds a lock for longer than
    `busy_ms`, PostgreSQL is away or silent, or SQLite's file is gone under us. origin: through which command this process was asked, for the log.
    """

    def __init__(self, url: str, *, busy_ms: int = BUSY_MS) -> None:
        self.url = url
        self.origin = ""
        self.engine = _engine(url, busy_ms)
        self._file = file = SqliteFile(self.engine.url.database if self.is_sqlite else None)
        event.listen(self.engine, "connect", lambda connection, record: file.was_opened())

    @property
    def is_sqlite(self) -> bool:
        return self.engine.dialect.name == "sqlite"

    @property
    def is_there(self) -> bool:
        """False where SQLite's file is not made yet (the first connection makes it), is gone, or is another one by now."""
        return self._file.is_there

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A session that only reads; what it changed by mistake is rolled back."""
        self._file.must_be_there()
        with _told_when_busy(), Session(self.engine, expire_on_commit=False) as session:
            try:
                yield session
            finally:
                session.rollback()

    @contextmanager
    def write(self, *, wait: bool = True, durable: bool = True) -> Iterator[Session]:
        """A session that writes: on SQLite it takes the write lock at once (BEGIN IMMEDIATE).

        wait: False = raise Busy at once where SQLite's lock is another's. durable: False = not to wait for the
        disk: until the next durable commit, anybody's, a loss of power may take this one back, whole.
        """
        self._file.must_be_there()
        with _told_when_busy(), Session(self.engine, expire_on_commit=False) as session:
            how = {"digest_write": "wait" if wait else "try", "digest_durable": durable}
            connection = session.connection(execution_options=how)
            assert connection is not None
            if not durable and not self.is_sqlite:
                connection.exec_driver_sql("SET LOCAL synchronous_commit = off")
            yield session
            chain.settle(session, origin=self.origin)
            session.commit()

    def commit_now(self, session: Session) -> None:
        """Commit what `write` will find committed at its end: the wait for the disk, for a thread of its own.

        Raises as `write` does.
        """
        with _told_when_busy():
            chain.settle(session, origin=self.origin)
            session.commit()

    def close(self) -> None:
        self.engine.dispose()
        self._file.was_closed()


@contextmanager
def _told_when_busy() -> Iterator[None]:
    try:
        yield
    except PoolTimeout as error:
        raise Busy("every connection to the database is taken") from error
    except (OperationalError, sqlite3.OperationalError) as error:
        if _is_full(error):
            raise NoRoom("the disk of the database is full") from error
        if _passes(error):
            raise Busy("the database is busy or away") from error
        raise


def _is_full(error: OperationalError | sqlite3.OperationalError) -> bool:
    """SQLITE_FULL; on PostgreSQL 53100, disk_full."""
    drivers = getattr(error, "orig", error)
    if getattr(drivers, "sqlstate", None) == "53100":
        return True
    return getattr(drivers, "sqlite_errorcode", 0) & 0xFF == _FULL


def _passes(error: OperationalError | sqlite3.OperationalError) -> bool:
    """Whether waiting helps: a lock on SQLite; on PostgreSQL locks, deadlocks, a lost connection.

    SQLite has this class for mistakes of ours as well (a missing table), PostgreSQL has others.
    """
    code = getattr(getattr(error, "orig", error), "sqlite_errorcode", None)
    return code is None or code & 0xFF in _LOCKED


def _engine(url: str, busy_ms: int) -> Engine:
    """An engine whose errors hide their parameters: they go to the log, addresses must not."""
    if not url.startswith("sqlite"):
        from digest.store import postgres  # its driver: what needs none starts sooner

        return postgres.engine_of(url, busy_ms)
    engine = create_engine(url, connect_args={"timeout": busy_ms / 1000}, hide_parameters=True)
    event.listen(engine, "do_connect", _make_private)
    event.listen(engine, "connect", functools.partial(_on_connect, busy_ms=busy_ms))
    event.listen(engine, "begin", functools.partial(_on_begin, busy_ms=busy_ms))
    return engine


def _make_private(dialect: Any, record: Any, args: list[Any], given: dict[str, Any]) -> None:
    """A new file is for its owner alone, as are the log and the index that SQLite puts beside it with the same rights."""
    if args and args[0] != ":memory:" and not str(args[0]).startswith("file:"):
        with suppress(OSError):  # one that was there stays as it is; what is wrong SQLite tells
            Path(args[0]).parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            os.close(os.open(args[0], os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))


def _on_connect(connection: Any, record: Any, *, busy_ms: int) -> None:
    """WAL with FULL: a committed line of the ledger survives a loss of power.

    The driver's own BEGIN is switched off so that ours can say IMMEDIATE:
    https://docs.sqlalchemy.org/en/20/dialects/sqlite.html#pysqlite-serializable
    """
    connection.isolation_level = None
    # of two who open a new file at once SQLite refuses one without any waiting: it fears a deadlock
    _patiently(connection, "PRAGMA journal_mode=WAL", busy_ms / 1000)
    cursor = connection.cursor()
    cursor.execute(_DURABLE)
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.execute("PRAGMA secure_delete=ON")  # what is deleted is gone from the disk as well
    cursor.close()


def _on_begin(connection: Any, *, busy_ms: int) -> None:
    asked = connection.get_execution_options()
    writes = asked.get("digest_write", "")
    if not writes:
        connection.exec_driver_sql("BEGIN")
        return
    driver = connection.connection.driver_connection
    driver.execute(_DURABLE if asked["digest_durable"] else _SOON_DURABLE)
    driver.execute("PRAGMA busy_timeout=0")
    try:
        _patiently(driver, "BEGIN IMMEDIATE", 0 if writes == "try" else busy_ms / 1000)
    finally:
        driver.execute(f"PRAGMA busy_timeout={busy_ms}")


def _patiently(driver: sqlite3.Connection, statement: str, patience: float) -> None:
    """What needs the lock, tried again for so many seconds.

    SQLite's own waiting looks ten times a second, and beside an import, which lets go of the lock for a moment
    after each batch, it would miss one turn after the other.
    """
    end = time.monotonic() + patience
    while True:
        try:
            driver.execute(statement)
            return
        except sqlite3.OperationalError as error:
            if not _passes(error) or time.monotonic() >= end:
                raise
        time.sleep(random.uniform(*_LOOK_S))  # nosec B311 — two who wait must not look in step
