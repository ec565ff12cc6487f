"""The child of bench/ledger.py: `python -m bench.ledger_child JOB`, JOB as JSON with `what`.

freeze: the audience of the approved issue. ledger: the whole of `drain` into a provider that accepts
at once. plain: the same messages for the same readers into the same provider, with nothing kept.
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench import houses, measure, plain
from digest import logs
from digest.delivery import sender
from digest.errors import Uncertain
from digest.protocols import Channel, Feed


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
            told["messages"] = plain.drain(house, job["readers"])
    house.database.close()


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
