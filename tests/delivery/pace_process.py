"""A process that takes what the pace grants: `python -m tests.delivery.pace_process URL LIMITS MESSAGES`.

It prints, for each grant, the budget's own moment in microseconds and how many.
"""

from __future__ import annotations

import datetime as dt
import sys
import time

from digest.delivery.budget_text import from_text
from digest.delivery.pace import Grant, Pace
from digest.limits import read_limits
from digest.store import paces
from digest.store.engine import Database


def main(url: str, limits: str, messages: str) -> None:
    database, pace, left = Database(url), Pace("smtp", read_limits(limits)), int(messages)
    while left:
        granted, at = tick(database, pace, left)
        left -= granted.count
        print(at, granted.count)
        time.sleep(0.02)
    database.close()


def tick(database: Database, pace: Pace, wanted: int) -> tuple[Grant, int]:
    with database.write() as session:
        granted = pace.grant(session, wanted=wanted, now=dt.datetime.now(dt.UTC))
        kept = from_text(paces.locked(session, pace.provider, [""])[""])
    return granted, kept.at


if __name__ == "__main__":
    main(*sys.argv[1:])
