"""Lines to the provider: each keeps a channel open while there is something to send, and opens it again.

All lines share one door. While nobody knows whether the provider can be reached, one line tries and the others
wait: a wrong password is tried once, not once a line, and a relay that restarts is not stormed.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import AsyncExitStack
from typing import Protocol

from digest import logs, remedies
from digest.delivery.share import ASK_AGAIN_S, Share
from digest.errors import SendHalted, TryLater
from digest.protocols import Channel, Feed, Provider

log = logs.get(__name__)

#: How often in a row the door is tried in vain before sending rests.
PATIENCE = 8

LONGEST_PAUSE_S = 30.0


class Door:
    """Whether the provider can be reached, as all lines know it."""

    def __init__(self, provider: Provider, *, pause_s: float, stop: Callable[[], bool]) -> None:
        self._provider, self._pause_s, self._stop = provider, pause_s, stop
        self._trying = asyncio.Lock()
        self._open = False
        self._failed: TryLater | SendHalted | None = None

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
                self._not_reached(error, trial)
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

    def _not_reached(self, error: TryLater, trial: int) -> None:
        """Said of the first trial alone: the others follow within seconds."""
        if trial == 0:
            name, again_s = self._provider.name, self._pause_of(1)
            remedy = remedies.remedy(error.reply, name)
            told = {"why": error.reply, "next_try_s": again_s, "remedy": remedy}
            log.warning("the provider cannot be reached", provider=name, **told)

    def _pause_of(self, trial: int) -> float:
        return min(self._pause_s * 2 ** (trial - 3), LONGEST_PAUSE_S) if trial else 0.0

    async def pause(self, trial: int) -> None:
        """Wait before trial number `trial`, counted from 0, and not at all before the first."""
        left = self._pause_of(trial)
        while left > 0 and not self._stop():
            await asyncio.sleep(min(left, 0.2))
            left -= 0.2


class LineFeed(Feed, Protocol):
    """A feed that hears how its channels and their door fare."""

    @property
    def progress(self) -> int:
        """How many messages have had their answer: it shows whether a channel was of any use."""

    def channel_broke(self, reason: str) -> None:
        """A channel ended before its time; another one is opened."""

    def halt(self, reason: str) -> None:
        """Nothing can be sent until somebody mends it."""

    def rest(self, reason: str) -> None:
        """Nothing can be sent just now."""


async def keep_line(door: Door, feed: LineFeed, share: Share) -> None:
    """One line, until the feed is over: opened when there is something to send, again when it broke.

    It has one of the connections that all workers share, or waits until one is free.
    """
    broke = 0
    while await feed.more():
        before = feed.progress
        try:
            async with AsyncExitStack() as stack:
                if not await share.enter(stack):
                    await asyncio.sleep(ASK_AGAIN_S)
                    continue
                channel = await door.enter(stack)
                try:
                    await channel.run(feed)
                except TryLater as error:
                    feed.channel_broke(error.reply)
                    broke = broke + 1 if feed.progress == before else 1
                    await door.pause(broke - 1)
        except SendHalted as error:
            feed.halt(error.reply)
        except TryLater as error:
            feed.rest(error.reply)
        except Exception as error:
            log.exception("a channel failed")
            feed.halt(f"a fault of ours in the provider: {error!r}")
