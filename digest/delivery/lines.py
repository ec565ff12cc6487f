"""A line to the provider: one channel, opened when it is needed and opened again when it broke."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import AsyncExitStack

from digest.errors import DeliveryError, Refused, TryLater
from digest.model import Message, Receipt
from digest.protocols import Channel, Provider

#: How often a line is opened in vain, or breaks before a message is through, before it gives up.
PATIENCE = 8


class Line:
    """One channel of a provider. A failure that is no reader's closes it and is tried again here."""

    def __init__(self, provider: Provider, *, pause_s: float) -> None:
        self._provider, self._pause_s = provider, pause_s
        self._stack = AsyncExitStack()
        self._channel: Channel | None = None

    async def send(
        self,
        message: Message,
        *,
        on_wire: Callable[[], None],
        off_wire: Callable[[], None],
    ) -> Receipt:
        """Hand over one message; `off_wire` takes an `on_wire` back that came to nothing.

        Raises TryLater(counts=False) when the line cannot be had for a while, and what
        Channel.send raises about the message itself.
        """
        for trial in range(1, PATIENCE + 1):
            try:
                return await (await self._open()).send(message, on_wire)
            except TryLater as error:
                off_wire()
                if error.counts:
                    raise
                await self.close()
                if trial == PATIENCE:
                    raise
                await asyncio.sleep(min(self._pause_s * 2 ** (trial - 4), 30.0))
            except Refused:
                raise
            except (DeliveryError, OSError):
                await self.close()
                raise
        raise AssertionError

    async def _open(self) -> Channel:
        if self._channel is None:
            self._channel = await self._stack.enter_async_context(self._provider.open())
        return self._channel

    async def close(self) -> None:
        """Close the channel, if one is open; the next message opens another."""
        self._channel = None
        stack, self._stack = self._stack, AsyncExitStack()
        await stack.aclose()
