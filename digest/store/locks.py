"""Locks that die with their holder, across machines: PostgreSQL's advisory locks on a connection of their own.

On SQLite the lock on the state map suffices, since all processes share one machine. A machine that
vanishes closes no connection: so the server asks after it (keep-alive) within seconds: `postgres.py`.
https://www.postgresql.org/docs/current/explicit-locking.html#ADVISORY-LOCKS
"""

from __future__ import annotations

import threading
import zlib
from types import TracebackType

from sqlalchemy import Connection, text
from sqlalchemy.exc import SQLAlchemyError

from digest.errors import Busy
from digest.store.engine import Database

#: Sets these locks apart from any other use of advisory locks in the same database.
_ROOM = 0x5CA7C4
_SLOTS = 0x5CA7C5


class ChunkLocks:
    """The locks of one process on the chunks that it sends; one connection holds them all.

    May be used from several threads.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._connection: Connection | None = None
        self._one_at_a_time = threading.Lock()
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

    @property
    def is_local(self) -> bool:
        """True where nothing is locked here, since all processes share one machine."""
        return self._database.is_sqlite

    def take(self, send_id: int, no: int) -> bool:
        """True where the lock is ours now; False where another living process has it."""
        return self.is_local or self.take_key(_key_of(send_id, no))

    def drop(self, send_id: int, no: int) -> None:
        """Let go of one. A connection that was lost has let go by itself."""
        self.drop_key(_key_of(send_id, no))

    def take_key(self, key: int) -> bool:
        """The same for any key. One that this process has already it gets once more."""
        return bool(self._ask("SELECT pg_try_advisory_lock(:key)", key))

    def drop_key(self, key: int) -> None:
        """Let go of one key."""
        if self.is_local or self._connection is None:
            return
        try:
            self._ask("SELECT pg_advisory_unlock(:key)", key)
        except Busy:
            self.close()

    def held(self) -> bool:
        """True while the connection lives, and with it every lock that was taken; once lost, never again."""
        if self._lost:
            return False
        with self._one_at_a_time:
            if self.is_local or self._connection is None:
                return True
            try:
                return bool(self._connection.scalar(text("SELECT 1")))
            except SQLAlchemyError:
                self._lost = True
                return False

    def close(self) -> None:
        """Let go of all."""
        with self._one_at_a_time:
            connection, self._connection = self._connection, None
            if connection is not None:
                connection.invalidate()  # it must not come back to the pool with locks on it
                connection.close()

    def _ask(self, statement: str, key: int) -> object:
        if self._lost:
            raise Busy("the connection that held the locks was lost")
        try:
            with self._one_at_a_time:
                if self._connection is None:
                    self._connection = self._opened()
                return self._connection.scalar(text(statement), {"key": key})
        except SQLAlchemyError as error:
            self._lost = self._lost or self._connection is not None
            raise Busy("the database is busy or away") from error

    def _opened(self) -> Connection:
        connection = self._database.engine.connect()
        return connection.execution_options(isolation_level="AUTOCOMMIT")


class Slots:
    """The connections that all workers together may have to one provider, as numbered locks.

    They are taken on the connection of `locks`, and lost with it. in_all: how many there are; 0 is
    without limit. The last one is kept for notices where there are several: who signs up in the middle of
    a send does not wait for its end. On SQLite they are counted in this process alone.
    """

    def __init__(
        self, locks: ChunkLocks, provider: str, in_all: int, *, for_notices: bool = False
    ) -> None:
        self._locks = locks
        self._base = (_SLOTS << 40) ^ (zlib.crc32(provider.encode()) << 8)
        numbers = range(1, in_all + 1)
        self._numbers = numbers[-1:] if for_notices else numbers[: max(1, in_all - 1)]
        self._taken: set[int] = set()

    @property
    def unlimited(self) -> bool:
        return not self._numbers

    def take(self) -> int | None:
        """The number of a slot that is ours now; None where all are taken. Raises Busy."""
        for number in self._numbers:
            if number in self._taken:
                continue
            if self._locks.is_local or self._locks.take_key(self._base ^ number):
                self._taken.add(number)
                return number
        return None

    def give_back(self, slot: int) -> None:
        """Let another line, here or elsewhere, have it."""
        if slot in self._taken:
            self._taken.discard(slot)
            self._locks.drop_key(self._base ^ slot)


def _key_of(send_id: int, no: int) -> int:
    return (_ROOM << 40) ^ (send_id << 20) ^ no
