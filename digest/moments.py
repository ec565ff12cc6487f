"""When things happen: local weekday and clock time to UTC instants, right on the Sundays when clocks change.

In a spring gap a moment is the first instant after the gap; in an autumn fold it is the first of
the two. facts: PEP 495, and `zoneinfo` for the rules of each zone.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from digest.model import Moments, Window

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
WEEK = dt.timedelta(days=7)

#: A cut-off earlier than this before the send leaves out what readers have heard of for days.
LONGEST_MAKING = dt.timedelta(days=3)

_SPOKEN = re.compile(r"(?P<day>[a-z]+)\s+(?P<hour>\d{1,2}):(?P<minute>\d{2})", re.IGNORECASE)


@dataclass(frozen=True, slots=True, order=True)
class WeekTime:
    """A local moment of the week: `sunday 08:00`."""

    weekday: int
    time: dt.time

    @classmethod
    def parse(cls, spoken: str) -> WeekTime:
        """Read `sunday 08:00`. Raises ValueError that says what was expected."""
        match = _SPOKEN.fullmatch(spoken.strip())
        if not match or match["day"].lower() not in WEEKDAYS:
            raise ValueError("expected a weekday and a time, as in 'sunday 08:00'")
        hour, minute = int(match["hour"]), int(match["minute"])
        if hour > 23 or minute > 59:
            raise ValueError(f"{hour}:{minute:02} is no time of day")
        return cls(WEEKDAYS.index(match["day"].lower()), dt.time(hour, minute))

    def __str__(self) -> str:
        return f"{WEEKDAYS[self.weekday]} {self.time:%H:%M}"

    def on_or_before(self, day: dt.date) -> dt.date:
        """The last date with this weekday that is not after `day`."""
        return day - dt.timedelta(days=(day.weekday() - self.weekday) % 7)

    def until(self, other: WeekTime) -> dt.timedelta:
        """Wall clock from here to the next `other`: less than a week, nothing where they are one."""
        return (other._since_monday - self._since_monday) % WEEK

    @property
    def _since_monday(self) -> dt.timedelta:
        return dt.timedelta(days=self.weekday, hours=self.time.hour, minutes=self.time.minute)


def wall_clock(moment: dt.datetime, zone: dt.tzinfo) -> str:
    """`Sun 29 Nov 03:12 GMT`, by the clocks of a zone."""
    local = moment.astimezone(zone)
    return f"{local:%a} {local.day} {local:%b %H:%M %Z}"


def instant(day: dt.date, time: dt.time, zone: ZoneInfo) -> dt.datetime:
    """The UTC instant of a local wall-clock time; a gap gives its end, a fold its first pass."""
    local = dt.datetime.combine(day, time, tzinfo=zone)
    utc = local.astimezone(dt.UTC)
    if utc.astimezone(zone).replace(tzinfo=None) == local.replace(tzinfo=None):
        return utc
    # In a gap fold=1 reads the wall clock by the new offset, which gives an instant before the
    # change, and fold=0 by the old one, which gives an instant after it (PEP 495).
    return change_of_clocks(local.replace(fold=1).astimezone(dt.UTC), utc, zone)


def change_of_clocks(before: dt.datetime, after: dt.datetime, zone: ZoneInfo) -> dt.datetime:
    """The instant of the change of clocks that lies between two instants, to the second."""
    old = before.astimezone(zone).utcoffset()
    low, high = 0, int((after - before).total_seconds())
    while high - low > 1:
        middle = (low + high) // 2
        if (before + dt.timedelta(seconds=middle)).astimezone(zone).utcoffset() == old:
            low = middle
        else:
            high = middle
    return before + dt.timedelta(seconds=high)


@dataclass(frozen=True, slots=True)
class Calendar:
    """A newsletter's moments of the week. All but `send` are the last ones before the send."""

    zone: ZoneInfo
    cut_off: WeekTime
    remind: WeekTime
    deadline: WeekTime
    send: WeekTime

    def moments(self, send_day: dt.date, previous_end: dt.datetime | None = None) -> Moments:
        """The moments of the period sent on `send_day`, a local date with the send's weekday.

        previous_end: where the last window ended (UTC); None = one week of wall clock before
        this cut-off. So a window may have 167 or 169 hours, and nothing falls between two.
        """
        send_at = instant(send_day, self.send.time, self.zone)
        cut_day, cut_off = self._before(self.cut_off, send_day, send_at)
        start = previous_end or instant(
            cut_day - dt.timedelta(days=7), self.cut_off.time, self.zone
        )
        end = max(cut_off, start)  # a cut-off moved to an earlier day must not tell stories twice
        return Moments(
            period=send_day.isoformat(),
            window=Window(start, end),
            draft_at=end,
            remind_at=self._before(self.remind, send_day, send_at)[1],
            deadline_at=self._before(self.deadline, send_day, send_at)[1],
            send_at=send_at,
        )

    def _before(
        self, week_time: WeekTime, send_day: dt.date, send_at: dt.datetime
    ) -> tuple[dt.date, dt.datetime]:
        day = week_time.on_or_before(send_day)
        moment = instant(day, week_time.time, self.zone)
        if moment > send_at:
            day -= dt.timedelta(days=7)
            moment = instant(day, week_time.time, self.zone)
        return day, moment

    def period_at(self, now: dt.datetime) -> dt.date:
        """The send day of the newest period whose draft moment has come by `now`."""
        send_day = self.send.on_or_before(now.astimezone(self.zone).date()) + dt.timedelta(days=14)
        while self.moments(send_day).draft_at > now:
            send_day -= dt.timedelta(days=7)
        return send_day

    def disorder(self) -> Iterator[tuple[str, str]]:
        """What is out of order, by field, and how: cut-off < send, cut-off <= remind <= deadline <= send.

        Told in wall clock. Where the cut-off itself is wrong, the others are held against the
        earliest one that there may be.
        """
        start, opening = self.cut_off, f"the cut-off, {self.cut_off}"
        making = self.cut_off.until(self.send)
        if not dt.timedelta(0) < making <= LONGEST_MAKING:
            yield "cut_off", _wrong_cut_off(self.cut_off, self.send)
            start = WeekTime((self.send.weekday - LONGEST_MAKING.days) % 7, self.send.time)
            opening = f"{start}, 3 days before the send"
        before = _Bounds(start, opening)
        send = ("send", self.send)
        if wrong := before.outside(self.deadline, send):
            yield "deadline", wrong
        deadline = ("deadline", self.deadline)
        if wrong := before.outside(self.remind, deadline) or before.outside(self.remind, send):
            yield "remind", wrong


@dataclass(frozen=True, slots=True)
class _Bounds:
    """Where the making of an issue begins, and how that is told."""

    start: WeekTime
    told: str

    def outside(self, one: WeekTime, end: tuple[str, WeekTime]) -> str:
        """How `one` lies outside of start to end, by the nearer of both; empty where it is inside."""
        name, last = end
        if self.start.until(one) <= self.start.until(last):
            return ""
        if one.until(self.start) < last.until(one):
            return f"{one} is before {self.told}"
        return f"{one} is after the {name}, {last}"


def _wrong_cut_off(cut_off: WeekTime, send: WeekTime) -> str:
    making = cut_off.until(send)
    if not making:
        return f"{cut_off} is the moment of the send; the week must end before it"
    told = f"{making.days} days and {str(making - dt.timedelta(days=making.days))[:-3]} hours"
    return f"the last {cut_off} lies {told} before the send, {send}; 3 days are the most"


def span_words(span: dt.timedelta) -> str:
    """`1 h 05 min`."""
    minutes = int(span.total_seconds() // 60)
    return f"{minutes // 60} h {minutes % 60:02} min"
