"""The child of bench/ledger.py: `python -m bench.ledger_child JOB`, JOB as JSON with `what`.

freeze: the audience of the approved issue. ledger: the whole of `drain` into a provider that accepts
at once. plain: the same messages for the same readers into the same provider, with nothing kept.
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench import houses, measure
from digest import logs
from digest.bootstrap import House
from digest.delivery import compile as compiling
from digest.delivery import sender
from digest.errors import Uncertain
from digest.model import Message
from digest.protocols import Channel, Feed
from digest.store import audiences

#: Readers that are asked of the database at once where no ledger asks for them.
_BLOCK = 500


@dataclass(frozen=True, slots=True)
class Accepting:
    """A provider in this process that makes every message and accepts it at once.

    One message is under way while the next is drawn, as with a relay; every `TURN` of them the
    loop's other tasks have theirs.
    """

    channels: int = 10
    name: str = "accepting"
    replays: bool = False
    replay_s: float = 0.0
    in_flight: int = 1

    @asynccontextmanager
    async def open(self) -> AsyncIterator[Channel]:
        yield _Accepts()


class _Accepts:
    TURN = 10

    async def run(self, feed: Feed) -> None:
        since = 0
        while True:
            message = feed.next()
            if message is None:
                if not await feed.more():
                    return
                continue
            if not message.data.endswith(b"\r\n"):
                feed.answered(message, Uncertain("no line ends here"))
                continue
            feed.handed(message)
            feed.accepted(message)
            since += 1
            if since % self.TURN == 0:
                await asyncio.sleep(0)


class PlainFeed:
    """The feed without a ledger: reads readers, makes their messages, forgets them."""

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


def _readers(house: House, count: int) -> Iterator[Any]:
    for start in range(1, count + 1, _BLOCK):
        ids = list(range(start, min(start + _BLOCK, count + 1)))
        with house.database.read() as session:
            found = audiences.readers(session, "sunday", ids, now=house.clock())
        yield from found.values()


async def _plain(house: House, provider: Accepting, readers: int) -> int:
    feed = PlainFeed(house, readers)
    async with provider.open() as channel:
        await channel.run(feed)
    return feed.count


def main(job: dict[str, Any]) -> None:
    logs.set_up("WARNING")
    provider = Accepting(channels=job["connections"])
    house = houses.opened(houses.Place(job["url"], Path(job["folder"])), provider)
    with measure.phase(job["readers"]) as told:
        if job["what"] == "freeze":
            houses.freeze_audience(house)
        elif job["what"] == "ledger":
            told["messages"] = sender.drain(house, until_empty=True).handed_over
        else:
            told["messages"] = _run_plain(house, provider, job["readers"])
    house.database.close()


def _run_plain(house: House, provider: Accepting, readers: int) -> int:
    try:
        import uvloop
    except ImportError:
        return asyncio.run(_plain(house, provider, readers))
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(_plain(house, provider, readers))


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
