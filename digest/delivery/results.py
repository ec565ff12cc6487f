"""Results on their way into the ledger: gathered for at most 50 ms, then written in one transaction."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from digest.errors import Conflict
from digest.store import deliveries, sends
from digest.store.deliveries import Delivery
from digest.store.engine import Database
from digest.store.sends import Chunk

FLUSH_S = 0.05


class Results:
    """The results of one chunk. When they cannot be written, `broken` says why and sending must stop."""

    def __init__(
        self,
        database: Database,
        chunk: Chunk,
        *,
        owner: str,
        written: Callable[[Delivery], None],
    ) -> None:
        """`written` is called with each result once its row is committed."""
        self._database, self._chunk, self._owner = database, chunk, owner
        self._written = written
        self._gathered: list[Delivery] = []
        self.broken: Exception | None = None

    def add(self, result: Delivery) -> None:
        self._gathered.append(result)

    async def keep_flushing(self) -> None:
        """Write what has gathered, again and again, until cancelled or broken."""
        while self.broken is None:
            await asyncio.sleep(FLUSH_S)
            await self.flush()

    async def flush(self) -> None:
        """Write what has gathered; what could not be written stays gathered, and in the map."""
        batch, self._gathered = self._gathered, []
        if not batch:
            return
        writing = asyncio.ensure_future(asyncio.to_thread(self._write, batch))
        try:
            await asyncio.shield(writing)
        except asyncio.CancelledError:
            await writing  # a transaction under way is seen through; its rows may be told twice
            raise
        except Exception as error:
            self._gathered = batch + self._gathered
            self.broken = error
        else:
            for result in batch:
                self._written(result)

    def _write(self, batch: list[Delivery]) -> None:
        with self._database.write() as session:
            if not sends.is_ours(session, self._chunk, owner=self._owner):
                raise Conflict(f"chunk {self._chunk.no} is no longer ours")
            deliveries.put(session, self._chunk.send_id, batch)
