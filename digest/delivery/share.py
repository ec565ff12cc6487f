"""This process's share of the connections that all workers together may have to a provider."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack

from digest.errors import Busy
from digest.store.locks import Slots

#: How soon a line that found every slot taken asks again, in seconds.
ASK_AGAIN_S = 0.5


class Share:
    """One slot a line: taken before its channel is opened, given back after it is closed.

    So a worker that comes later gets what is free, and more as others end: also by being killed.
    """

    def __init__(self, slots: Slots) -> None:
        self._slots = slots
        self._asking = asyncio.Lock()
        self._spare: list[int] = []
        self._again = 0.0

    async def any_left(self) -> bool:
        """True where there is at least one for us; the first line gets it."""
        slot = await self._take()
        self._spare += [] if slot is None else [slot]
        return slot is not None

    async def enter(self, stack: AsyncExitStack) -> bool:
        """A slot for as long as `stack` lasts; False where none is free just now."""
        slot = self._spare.pop() if self._spare else await self._take()
        if slot is None:
            return False
        stack.push_async_callback(asyncio.to_thread, self._slots.give_back, slot)
        return True

    async def _take(self) -> int | None:
        if self._slots.unlimited:
            return 0
        async with self._asking:
            now = asyncio.get_running_loop().time()
            if now < self._again:
                return None
            try:
                slot = await asyncio.to_thread(self._slots.take)
            except Busy:
                slot = None
            self._again = now + ASK_AGAIN_S if slot is None else 0.0
            return slot
