"""Sending with nothing kept: the same messages for the same readers by the same provider, no ledger.

What a send costs beyond this is the price of the promise.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

from bench import houses
from digest.bootstrap import House
from digest.delivery import compile as compiling
from digest.model import Message, Reader
from digest.store import audiences

#: Readers that are asked of the database at once.
_BLOCK = 500


def drain(house: House, readers: int) -> int:
    """Send the week's issue to the first `readers` readers; returns how many were accepted."""
    try:
        import uvloop
    except ImportError:
        return asyncio.run(_drain(house, readers))
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(_drain(house, readers))


async def _drain(house: House, readers: int) -> int:
    feed = _PlainFeed(house, readers)
    async with asyncio.TaskGroup() as group:
        for _ in range(house.provider.channels):
            group.create_task(_one_channel(house, feed))
    return feed.count


async def _one_channel(house: House, feed: _PlainFeed) -> None:
    async with house.provider.open() as channel:
        await channel.run(feed)


class _PlainFeed:
    """Reads readers, makes their messages, forgets them. Any answer but a yes ends it."""

    overlaps = True

    def __init__(self, house: House, readers: int) -> None:
        issue = houses.issue_of(house)
        assert issue.edition is not None
        schedule = house.schedule("sunday")
        envelope = compiling.envelope_of(schedule, issue.moments.send_at, house.public_url)
        compiled = compiling.compile_edition(issue.edition.rendered, envelope, key=house.key)
        self._made = (compiled.message(one) for one in _readers(house, readers))
        self.count = 0

    def next(self) -> Message | None:
        return next(self._made, None)

    def take(self, most: int) -> list[Message]:
        return [one for one in (self.next() for _ in range(most)) if one is not None]

    async def more(self) -> bool:
        return False

    def handed(self, *messages: Message) -> None:
        pass

    def accepted(self, message: Message) -> None:
        self.count += 1

    def answered(self, message: Message, answer: Exception) -> None:
        raise answer

    def give_back(self, message: Message, reason: str = "") -> None:
        raise RuntimeError(f"a message came back: {reason}")


def _readers(house: House, count: int) -> Iterator[Reader]:
    for start in range(1, count + 1, _BLOCK):
        ids = list(range(start, min(start + _BLOCK, count + 1)))
        with house.database.read() as session:
            found = audiences.readers(session, "sunday", ids, now=house.clock())
        yield from found.values()
