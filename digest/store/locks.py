"""Locks that die with their holder, across machines: PostgreSQL's advisory locks on a connection of their own.

On SQLite the lock on the state map suffices, since all processes share one machine.
https://www.postgresql.org/docs/current/explicit-locking.html#ADVISORY-LOCKS
"""

from __future__ import annotations

from types import TracebackType

from sqlalchemy import Connection, text
from sqlalchemy.exc import SQLAlchemyError

from digest.errors import Busy
from digest.store.engine import Database

#: Sets these locks apart from any other use of advisory locks in the same database.
_ROOM = 0x5CA7C4


class ChunkLocks:
    """The locks of one process on the chunks that it sends; one connection holds them all."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._connection: Connection | None = None
        self._lost = False

    def __enter__(self) -> ChunkLocks:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def take(self, send_id: int, no: int) -> bool:
        """True where the lock is ours now; False where another living process has it."""
        if self._database.is_sqlite:
            return True
        return bool(self._ask("SELECT pg_try_advisory_lock(:key)", send_id, no))

    def drop(self, send_id: int, no: int) -> None:
        """Let go of one. A connection that was lost has let go by itself."""
        if self._database.is_sqlite or self._connection is None:
            return
        try:
            self._ask("SELECT pg_advisory_unlock(:key)", send_id, no)
        except Busy:
            self.close()

    def held(self) -> bool:
        """True while the connection lives, and with it every lock that was taken; once lost, never again."""
        if self._lost or self._database.is_sqlite or self._connection is None:
            return not self._lost
        try:
            return bool(self._connection.scalar(text("SELECT 1")))
        except SQLAlchemyError:
            self._lost = True
            return False

    def close(self) -> None:
        """Let go of all."""
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.invalidate()  # it must not come back to the pool with locks on it
            connection.close()

    def _ask(self, statement: str, send_id: int, no: int) -> object:
        if self._lost:
            raise Busy("the connection that held the locks was lost")
        try:
            if self._connection is None:
                connection = self._database.engine.connect()
                self._connection = connection.execution_options(isolation_level="AUTOCOMMIT")
            key = (_ROOM << 40) ^ (send_id << 20) ^ no
            return self._connection.scalar(text(statement), {"key": key})
        except SQLAlchemyError as error:
            self._lost = self._lost or self._connection is not None
            raise Busy("the database is busy or away") from error
