"""Readers who leave while a send runs: `python bench/leaving.py --readers 20000 --leavers 500`.

A real server takes one-click POSTs (RFC 8058) while the sender works by a provider that takes its time. Of
each leaver it is noted when the POST began and was answered, and when the copy was drawn, if it was: it must
not be later than two seconds after the beginning.
"""

from __future__ import annotations

import argparse
import random
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import httpx

from bench.postgres import started
from digest import logs
from digest.audience.tokens import leave_token
from digest.bootstrap import House
from digest.delivery import ledger, sender
from digest.model import Issue
from digest.store import exporting, issues, migrate, subscribers
from digest.store.engine import Database
from tests.delivery.sundays import PERIOD, a_house, names, put_frozen
from tests.delivery.test_leaving import LATEST_S, Watched
from tests.web.served import served


@dataclass
class Left:
    """One who left: when the POST began, and when it was answered."""

    address: str
    began: float
    answered: float


def main(words: Sequence[str]) -> int:
    asked = _asked(words)
    logs.set_up("WARNING")
    with _database(asked.postgres) as (database, folder):
        migrate.upgrade(database)
        post = Watched(pause_s=asked.pause_s)
        house = a_house(database, folder, post)
        issue = put_frozen(house, names(asked.readers))
        with served(house) as open_house:
            thread = threading.Thread(target=sender.drain, args=[open_house])
            thread.start()
            left = _leave(open_house, post, asked.leavers)
            thread.join()
        return _told(open_house, issue, post, left, readers=asked.readers)


def _asked(words: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--readers", type=int, default=20_000)
    parser.add_argument("--leavers", type=int, default=500)
    parser.add_argument("--pause-s", type=float, default=0.008, help="a message takes so long")
    parser.add_argument("--postgres", action="store_true", help="on a PostgreSQL of its own")
    return parser.parse_args(list(words))


@contextmanager
def _database(postgres: bool) -> Iterator[tuple[Database, Path]]:
    with tempfile.TemporaryDirectory(prefix="digest-bench-") as name:
        folder = Path(name)
        if not postgres:
            yield Database(f"sqlite:///{folder / 'digest.db'}"), folder
            return
        with started() as url:
            database = Database(url)
            yield database, folder
            database.close()


def _leave(house: House, post: Watched, count: int) -> list[Left]:
    """Chosen at random among those who have not had their copy, spread over the send."""
    with house.database.read() as session:
        lines = exporting.lines(session, "sunday", at=house.clock())
        every = [one.address for one in lines]
        found = {one: subscribers.by_address(session, one) for one in random.sample(every, count)}
    tokens = {
        address: leave_token(house.key, "sunday", one.handle)
        for address, one in found.items()
        if one
    }
    while not post.drawn:
        time.sleep(0.01)
    left: list[Left] = []
    with httpx.Client(base_url=house.public_url, timeout=30) as client:
        for address, token in tokens.items():
            began = time.monotonic()
            sent = {"List-Unsubscribe": "One-Click"}
            answer = client.post(f"/leave/sunday/{token}", data=sent)
            left.append(Left(address, began, time.monotonic()))
            if answer.status_code != 200 or answer.history:
                raise SystemExit(f"a POST was answered with {answer.status_code}")
    return left


def _told(house: House, issue: Issue, post: Watched, left: list[Left], *, readers: int) -> int:
    with house.database.read() as session:
        assert issues.get(session, "sunday", PERIOD) is not None
        counts = {str(state): n for state, n in ledger.counts(session, issue.id).items() if n}
    never = float("-inf")
    last = [post.drawn.get(one.address, never) - one.began for one in left]
    late = [seconds for seconds in last if seconds > LATEST_S]
    after = sorted(seconds for seconds in last if seconds > 0)
    answers = [one.answered - one.began for one in left]
    spared = sum(1 for one in left if one.address not in post.drawn)
    cuts = statistics.quantiles(answers, n=100)
    print(f"{readers} readers, {len(left)} left during the send, {spared} before their copy")
    print(f"answered: median {statistics.median(answers):.3f} s, p99 {cuts[98]:.3f} s")
    print(
        f"drawn after the POST began: {len(after)}, the last {max(after, default=0.0):.3f} s after; "
        f"later than {LATEST_S:g} s: {len(late)}"
    )
    print(f"states: {counts}, sum {sum(counts.values())}")
    return 1 if late or sum(counts.values()) != readers else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
