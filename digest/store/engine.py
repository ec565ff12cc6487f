"""The database by one URL: SQLite in WAL mode, or PostgreSQL through psycopg. Transactions start here."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, create_engine, event
from sqlmodel import Session

__all__ = ["Database", "Session"]

#: How long a writer waits for another one, in milliseconds (SQLite) before "database is locked".
BUSY_MS = 30_000


class Database:
    """One database. `read` and `write` give a session; `write` commits when the block ends well."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.engine = _engine(url)

    @property
    def is_sqlite(self) -> bool:
        return self.engine.dialect.name == "sqlite"

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A session that only reads; what it changed by mistake is rolled back."""
        with Session(self.engine, expire_on_commit=False) as session:
            try:
                yield session
            finally:
                session.rollback()

    @contextmanager
    def write(self) -> Iterator[Session]:
        """A session that writes: on SQLite it takes the write lock at once (BEGIN IMMEDIATE)."""
        with Session(self.engine, expire_on_commit=False) as session:
            connection = session.connection(execution_options={"digest_write": True})
            assert connection is not None
            yield session
            session.commit()

    def close(self) -> None:
        self.engine.dispose()


def _engine(url: str) -> Engine:
    """An engine whose errors hide their parameters: they go to the log, addresses must not."""
    if not url.startswith("sqlite"):
        return create_engine(
            url, pool_pre_ping=True, pool_size=5, max_overflow=20, hide_parameters=True
        )
    path = url.removeprefix("sqlite:///")
    if path and path != url:
        Path(path).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(url, connect_args={"timeout": BUSY_MS / 1000}, hide_parameters=True)
    event.listen(engine, "connect", _on_connect)
    event.listen(engine, "begin", _on_begin)
    return engine


def _on_connect(connection: Any, record: Any) -> None:
    """WAL with FULL: a committed line of the ledger survives a loss of power.

    The driver's own BEGIN is switched off so that ours can say IMMEDIATE:
    https://docs.sqlalchemy.org/en/20/dialects/sqlite.html#pysqlite-serializable
    """
    connection.isolation_level = None
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=FULL")
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.execute(f"PRAGMA busy_timeout={BUSY_MS}")
    cursor.close()


def _on_begin(connection: Any) -> None:
    writes = connection.get_execution_options().get("digest_write", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
