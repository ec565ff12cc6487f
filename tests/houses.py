"""A house for tests: a real database, a schedule from a real file, the outbox, a clock that we set."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from pathlib import Path

from digest import schedule_files
from digest.bootstrap import House
from digest.providers.outbox import OutboxProvider
from digest.store.engine import Database

SCHEDULE = """
[newsletter]
name = "The Sunday Catchup"
strapline = "All the week's stories."
timezone = "Europe/London"
site_name = "The Test Gazette"
site_url = "https://gazette.example/"
from_name = "The Test Gazette"
from_address = "sunday@gazette.example"
postal_address = "1 Quay Street, Port Ellery"

[[sources]]
key = "desk"
kind = "api"

[compose]
minimum_stories = 2
"""

#: The Sunday of the test's week, and the Monday before it.
SUNDAY = dt.date(2026, 11, 29)
MONDAY = dt.datetime(2026, 11, 23, 6, tzinfo=dt.UTC)


@dataclass
class SetClock:
    """A clock that stands where the test sets it."""

    now: dt.datetime = MONDAY

    def __call__(self) -> dt.datetime:
        return self.now


def make_house(database: Database, folder: Path, *, schedule: str = SCHEDULE) -> House:
    """A house with one newsletter, `sunday`, in `folder`."""
    files = folder / "schedules"
    files.mkdir(parents=True, exist_ok=True)
    (files / "sunday.toml").write_text(schedule, encoding="utf-8")
    return House(
        database=database,
        schedules={one.key: one for one in schedule_files.read_all(files)},
        provider=OutboxProvider(folder=folder / "outbox", channels=4),
        key=b"k" * 32,
        public_url="http://127.0.0.1:8000",
        data=folder,
        clock=SetClock(),
        api_token="a-token-of-the-api",
        retry_base_s=0.05,
        settle_s=0.0,
        schedules_folder=files,
    )
