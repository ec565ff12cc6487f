"""A newsletter's next moments, each with what a change of clocks does to it. Pure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from itertools import islice
from zoneinfo import ZoneInfo

from digest.model import Moments
from digest.moments import WEEK, Calendar, change_of_clocks

#: So many moments are told.
TOLD = 10
_HOUR = dt.timedelta(hours=1)


class Kind(StrEnum):
    """What happens at a moment."""

    CUT_OFF = "The week ends, the draft is made"
    REMINDER = "Editors are reminded"
    DEADLINE = "Deadline of the approval"
    SEND = "Send"


@dataclass(frozen=True, slots=True)
class Coming:
    """One moment that lies ahead. period: of the issue it belongs to. note: where clocks change."""

    kind: Kind
    at: dt.datetime
    period: str
    note: str = ""


def next_moments(calendar: Calendar, now: dt.datetime, *, count: int = TOLD) -> list[Coming]:
    """The next moments after `now` in order, of as many weeks as it takes."""
    return list(islice(_after(calendar, now), count))


def _after(calendar: Calendar, now: dt.datetime) -> Iterator[Coming]:
    day = calendar.send.on_or_before(now.astimezone(calendar.zone).date())
    while True:
        this, before = calendar.moments(day), calendar.moments(day - WEEK)
        for (kind, at, clock), (_, past, _) in zip(
            _told(calendar, this), _told(calendar, before), strict=True
        ):
            if at > now:
                note = _note(clock, past, at, zone=calendar.zone)
                if note and kind is Kind.CUT_OFF and at - past != WEEK:
                    note += f"; the week has {(at - past) / _HOUR:g} hours"
                yield Coming(kind, at, this.period, note)
        day += WEEK


def _told(calendar: Calendar, moments: Moments) -> tuple[tuple[Kind, dt.datetime, dt.time], ...]:
    """Each moment of a week with the wall-clock time that the schedule names."""
    return (
        (Kind.CUT_OFF, moments.draft_at, calendar.cut_off.time),
        (Kind.REMINDER, moments.remind_at, calendar.remind.time),
        (Kind.DEADLINE, moments.deadline_at, calendar.deadline.time),
        (Kind.SEND, moments.send_at, calendar.send.time),
    )


def _note(clock: dt.time, past: dt.datetime, at: dt.datetime, *, zone: ZoneInfo) -> str:
    """What clocks do to a moment; empty where they stood still since the same one a week before."""
    local = at.astimezone(zone)
    if local.time() != clock:
        return f"{clock:%H:%M} is skipped that day: clocks go forward, so it is {local:%H:%M}"
    if local.replace(fold=1).utcoffset() != local.utcoffset() and not local.fold:
        return f"{clock:%H:%M} comes twice that day: clocks go back, and the first one counts"
    before, after = past.astimezone(zone).utcoffset(), local.utcoffset()
    if before is None or after is None or before == after:
        return ""
    change = change_of_clocks(past, at, zone)
    on = (change + before).replace(tzinfo=None)  # by the clocks as they were
    way, when = ("forward", "earlier") if after > before else ("back", "later")
    span = _span(abs(after - before))
    return (
        f"Clocks go {way} by {span} on {on:%A} {on.day} {on:%B} at {on:%H:%M}:"
        f" in UTC it is {span} {when} than the week before"
    )


def _span(span: dt.timedelta) -> str:
    if span == _HOUR:
        return "an hour"
    return f"{span // dt.timedelta(minutes=1)} minutes"


def offset(at: dt.datetime, zone: dt.tzinfo) -> str:
    """`UTC`, `UTC+1`, `UTC−3:30`: how far a zone's clocks are from UTC at a moment."""
    found = at.astimezone(zone).utcoffset() or dt.timedelta()
    minutes = abs(found) // dt.timedelta(minutes=1)
    if not minutes:
        return "UTC"
    sign = "+" if found > dt.timedelta() else "−"
    return f"UTC{sign}{minutes // 60}" + (f":{minutes % 60:02}" if minutes % 60 else "")
