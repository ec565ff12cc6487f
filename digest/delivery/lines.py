"""Lines to the provider: each a channel, opened when it is needed and opened again when it broke.

All lines share one door. While nobody knows whether the provider can be reached, one line tries and the others
wait: a wrong password is tried once, not once a line, and a relay that restarts is not stormed.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import AsyncExitStack

from digest.errors import Refused, SendHalted, TryLater
from digest.model import Message, Receipt
from digest.protocols import Channel, Provider

#: How often in a row the door is tried in vain before sending rests.
PATIENCE = 8

#: How often one message may break its line before it is deferred, so that it cannot hold up the others.
BREAKS = 4

LONGEST_PAUSE_S = 30.0


class Door:
    """Whether the provider can be reached, as all lines know it."""

    def __init__(self, provider: Provider, *, pause_s: float, stop: Callable[[], bool]) -> None:
        self._provider, self._pause_s, self._stop = provider, pause_s, stop
        self._trying = asyncio.Lock()
        self._open = False
        self._failed: TryLater | SendHalted | None = None

    def knock_again(self) -> None:
        """Forget that it was closed: a new round may try; not where somebody must mend it first."""
        if isinstance(self._failed, TryLater):
            self._failed = None

    async def enter(self, stack: AsyncExitStack) -> Channel:
        """A channel, closed by `stack`. Raises TryLater(counts=False) or SendHalted."""
        if self._open:
            try:
                return await self._channel(stack)
            except (TryLater, SendHalted):
                self._open = False
        async with self._trying:
            return await (self._channel(stack) if self._open else self._try(stack))

    async def _try(self, stack: AsyncExitStack) -> Channel:
        for trial in range(PATIENCE):
            if self._failed is not None:
                raise self._failed
            await self.pause(trial)
            try:
                channel = await self._channel(stack)
            except SendHalted as error:
                self._failed = error
            except TryLater as error:
                if trial == PATIENCE - 1 or self._stop():
                    self._failed = error
            else:
                self._open = True
                return channel
        assert self._failed is not None
        raise self._failed

    async def _channel(self, stack: AsyncExitStack) -> Channel:
        try:
            return await stack.enter_async_context(self._provider.open())
        except SendHalted:
            raise
        except Exception as error:
            raise TryLater(str(error) or repr(error), counts=False) from error

    async def pause(self, trial: int) -> None:
        """Wait before trial number `trial`, counted from 0, and not at all before the first."""
        left = min(self._pause_s * 2 ** (trial - 3), LONGEST_PAUSE_S) if trial else 0.0
        while left > 0 and not self._stop():
            await asyncio.sleep(min(left, 0.2))
            left -= 0.2


class Line:
    """One channel of the provider; one message at a time."""

    def __init__(self, door: Door) -> None:
        self._door = door
        self._stack = AsyncExitStack()
        self._channel: Channel | None = None

    async def send(
        self,
        message: Message,
        *,
        on_wire: Callable[[], None],
        off_wire: Callable[[], None],
    ) -> Receipt:
        """Hand over one message; `off_wire` takes back an `on_wire` that came to nothing.

        Raises TryLater(counts=False) when the provider cannot be reached for a while, and what
        Channel.send raises about the message. A message that breaks line after line is deferred.
        """
        for breaks in range(BREAKS):
            channel = await self._opened()
            try:
                return await channel.send(message, on_wire)
            except Refused:
                raise
            except TryLater as error:
                off_wire()
                if error.counts:
                    raise
                await self.close()
                if breaks == BREAKS - 1:
                    raise TryLater(error.reply, wait_s=error.wait_s) from error
                await self._door.pause(breaks)
            except BaseException:
                await self.close()
                raise
        raise AssertionError

    async def _opened(self) -> Channel:
        if self._channel is None:
            self._channel = await self._door.enter(self._stack)
        return self._channel

    async def close(self) -> None:
        """Close the channel, if one is open; the next message opens another."""
        self._channel = None
        stack, self._stack = self._stack, AsyncExitStack()
        await stack.aclose()
