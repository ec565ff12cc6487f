"""F34: who leaves in the middle of a send is not mailed any more, two seconds later at the latest."""

from __future__ import annotations

import random
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

from digest.delivery import sender
from digest.delivery.feed import SendFeed
from digest.model import Message
from digest.protocols import Feed
from digest.store.engine import Database
from tests.delivery.hands import leave
from tests.delivery.sundays import Post, a_house, lines, names, put_frozen

#: For how many times as long as a look is good (a second) somebody who has left may still be drawn.
LATEST = 2.0


@dataclass
class Watched(Post):
    """A slow post that notes when each message was drawn. Whoever had left before `since` was too late for it.

    A look is good for a second, and for longer only where the machine takes that long for one look.
    """

    drawn: dict[str, float] = field(default_factory=dict)
    since: dict[str, float] = field(default_factory=dict)

    async def _send(self, feed: Feed, message: Message) -> None:
        assert isinstance(feed, SendFeed)
        self.drawn[message.recipient] = now = time.monotonic()
        self.since[message.recipient] = now - LATEST * feed._stale_s
        await super()._send(feed, message)


def test_f34_who_leaves_in_the_middle_of_a_send_is_heard_within_two_seconds(
    database: Database, tmp_path: Path
) -> None:
    post = Watched(pause_s=0.02)
    house = a_house(database, tmp_path, post)
    issue = put_frozen(house, names(800))
    left: dict[str, float] = {}

    def forty_leave() -> None:
        waiting = [one for one in lines(house, issue) if one not in post.drawn]
        for one in random.Random(7).sample(waiting, 40):
            leave(house, one)
            left[one] = time.monotonic()

    thread = threading.Thread(target=forty_leave, daemon=True)
    post.waits = lambda _: thread.is_alive() and len(left) < 5

    def begin(recipient: str) -> None:
        if post.accepted.total() == 40:
            post.at = lambda _: None
            thread.start()

    post.at = begin
    sender.drain(house)
    thread.join()
    too_late = [one for one, at in left.items() if at < post.since.get(one, at)]
    assert len(left) == 40
    assert too_late == []
    skipped = {one for one, (state, _, _) in lines(house, issue).items() if state == "skipped"}
    assert skipped
    assert skipped == left.keys() - post.drawn.keys()
