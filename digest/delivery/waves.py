"""Readers' own mornings: who is mailed when, where a newsletter goes by the readers' clocks.

A wave is everybody whose zone reaches the send's hour at the same instant. Nobody is mailed before
the newsletter's own hour, since the approval's deadline goes by that: who is further east gets the
first wave. A reader whose zone is not known lives in the newsletter's.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from zoneinfo import ZoneInfo

from digest.moments import instant
from digest.schedules import Schedule
from digest.store import audiences
from digest.store.chunks import DueOf
from digest.store.engine import Session


@dataclass(frozen=True, slots=True)
class Wave:
    """Readers who are mailed together. zones: as they are stored; "" is the newsletter's own."""

    at: dt.datetime
    zones: tuple[str, ...]
    readers: int


def planned(
    session: Session,
    schedule: Schedule,
    send_at: dt.datetime,
    *,
    moment: dt.datetime,
    big: bool = True,
) -> list[Wave]:
    """The waves of a send at `send_at` to those who are mailed at `moment`; the first one first.

    big: the issue has a big story.
    """
    return waves(
        audiences.zones(session, schedule.key, moment, big=big, only=schedule.only),
        schedule,
        send_at,
    )


def waves(readers: Mapping[str, int], schedule: Schedule, send_at: dt.datetime) -> list[Wave]:
    """The waves of an audience, told by how many live in each zone."""
    together: dict[dt.datetime, list[str]] = defaultdict(list)
    for zone in sorted(readers):
        together[_morning(zone, schedule, send_at)].append(zone)
    return [
        Wave(at, tuple(zones), sum(readers[zone] for zone in zones))
        for at, zones in sorted(together.items())
    ]


def due_of(schedule: Schedule, send_at: dt.datetime, *, now: dt.datetime) -> DueOf | None:
    """When readers are due by their zones; None where all of them are at once."""
    if schedule.deliver.deliver_at == "newsletter":
        return None

    @cache
    def due(zone: str) -> dt.datetime | None:
        morning = _morning(zone, schedule, send_at)
        return morning if morning > now else None

    return due


def _morning(name: str, schedule: Schedule, send_at: dt.datetime) -> dt.datetime:
    """The send's hour of the send's day in a zone, but not before the newsletter's own."""
    zone = _zone(name)
    if schedule.deliver.deliver_at == "newsletter" or zone is None:
        return send_at
    day = send_at.astimezone(schedule.calendar.zone).date()
    return max(send_at, instant(day, schedule.deliver.at.time, zone))


@cache
def _zone(name: str) -> ZoneInfo | None:
    """A zone by its IANA name; None for none, and for a name that nobody knows."""
    try:
        return ZoneInfo(name) if name else None
    except (KeyError, ValueError, OSError):
        return None
