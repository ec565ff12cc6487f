"""A lock that dies with its holder, across machines: PostgreSQL's advisory lock on a connection of its own.

On SQLite the lock on the state map suffices, since all processes share one machine.
https://www.postgresql.org/docs/current/explicit-locking.html#ADVISORY-LOCKS
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import text

from digest.store.engine import Database


@contextmanager
def chunk_lock(database: Database, send_id: int, no: int) -> Iterator[bool]:
    """Hold the lock of one chunk for as long as the block lasts; False where another process has it."""
    if database.is_sqlite:
        yield True
        return
    key = {"send": send_id % 2**31, "no": no % 2**31}
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        taken = bool(connection.scalar(text("SELECT pg_try_advisory_lock(:send, :no)"), key))
        try:
            yield taken
        finally:
            if taken:
                connection.execute(text("SELECT pg_advisory_unlock(:send, :no)"), key)
