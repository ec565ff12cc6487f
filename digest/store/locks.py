"""A lock that dies with its holder, across machines: PostgreSQL's advisory lock on a connection of its own.

On SQLite the lock on the state map suffices, since all processes share one machine.
https://www.postgresql.org/docs/current/explicit-locking.html#ADVISORY-LOCKS
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, text
from sqlalchemy.exc import SQLAlchemyError

from digest.store.engine import Database

#: Sets these locks apart from any other use of advisory locks in the same database.
_ROOM = 0x5CA7C4


@contextmanager
def chunk_lock(database: Database, send_id: int, no: int) -> Iterator[Callable[[], bool] | None]:
    """Hold the lock of one chunk for as long as the block lasts; None where another process has it.

    What is yielded tells, when called, whether the lock is still held: it goes with its connection.
    """
    if database.is_sqlite:
        yield lambda: True
        return
    key = {"key": (_ROOM << 40) ^ (send_id << 20) ^ no}
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        if not connection.scalar(text("SELECT pg_try_advisory_lock(:key)"), key):
            yield None
            return
        try:
            yield lambda: _lives(connection)
        finally:
            _unlock(connection, key)


def _lives(connection: Connection) -> bool:
    try:
        return bool(connection.scalar(text("SELECT 1")))
    except SQLAlchemyError:
        return False


def _unlock(connection: Connection, key: dict[str, int]) -> None:
    """Let go; a connection that was lost has let go by itself and must not come back to the pool."""
    try:
        connection.execute(text("SELECT pg_advisory_unlock(:key)"), key)
    except SQLAlchemyError:
        connection.invalidate()
