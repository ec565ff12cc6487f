"""A sender in a process of its own, to be killed.

    python -m tests.delivery.sending_process FOLDER URL PORT POLICY CHANNELS SINCE

SINCE: when it was the send's hour, in seconds of `time.time`.
"""

from __future__ import annotations

import sys
from pathlib import Path

from digest.delivery import finish, sender
from digest.model import UncertainPolicy
from digest.providers.smtp import SmtpProvider
from digest.store import sends
from digest.store.engine import Database
from tests.delivery.sundays import a_house, going_on


def main(folder: str, url: str, port: str, policy: str, channels: str, since: str) -> int:
    """0 when the send is finished, else 3."""
    database = Database(url)
    provider = SmtpProvider(
        host="127.0.0.1", port=int(port), security="none", channels=int(channels)
    )
    house = a_house(database, Path(folder), provider, policy=UncertainPolicy(policy))
    object.__setattr__(house, "clock", going_on(house.clock(), float(since)))
    object.__setattr__(house, "retry_base_s", 0.02)
    object.__setattr__(house, "give_up_s", 10.0**9)
    sender.drain(house, until_empty=True)
    finish.finish(house, now=house.clock())
    with database.read() as session:
        is_done = not sends.unfinished(session)  # by us, or by another one beside us
    database.close()
    return 0 if is_done else 3


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
