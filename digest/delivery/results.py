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
        self._last = asyncio.Event()
        self.broken: Exception | None = None

    def add(self, result: Delivery) -> None:
        self._gathered.append(result)

    def no_more(self) -> None:
        """All results are in: `keep_flushing` writes the rest and ends."""
        self._last.set()

    async def keep_flushing(self) -> None:
        """Write what has gathered, again and again, until no more comes or it cannot be written.

        The last try is made also after a failure: what was in the way may be gone.
        """
        while not self._last.is_set() and self.broken is None:
            try:
                async with asyncio.timeout(FLUSH_S):
                    await self._last.wait()
            except TimeoutError:
                pass
            await self._flush()
        await self._last.wait()
        self.broken = None
        await self._flush()

    async def _flush(self) -> None:
        """Write what has gathered; what could not be written stays gathered, and in the map."""
        batch, self._gathered = self._gathered, []
        if not batch:
            return
        try:
            await asyncio.to_thread(self._write, batch)
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
