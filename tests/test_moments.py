"""Moments: one of each a week, also on the Sundays when clocks change; windows without hole or overlap."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Iterator
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.model import Moments
from digest.moments import WEEKDAYS, Calendar, WeekTime, instant, wall_clock

#: Zones whose clocks change at all sorts of hours: at 1:00 UTC, at 2:00, at midnight, by half an hour.
ZONES = (
    "Europe/Berlin",
    "Europe/London",
    "America/New_York",
    "America/Santiago",
    "America/Havana",
    "Asia/Beirut",
    "Africa/Cairo",
    "Australia/Lord_Howe",
)
TIMES = (dt.time(0, 0), dt.time(0, 30), dt.time(1, 45), dt.time(2, 30), dt.time(8, 0))
FIRST_YEAR, YEARS = 2021, 10
SECOND = dt.timedelta(seconds=1)
WEEK = dt.timedelta(days=7)


def sundays() -> Iterator[dt.date]:
    day = dt.date(FIRST_YEAR, 1, 3)
    while day.year < FIRST_YEAR + YEARS:
        yield day
        day += WEEK


def truth(day: dt.date, time: dt.time, zone: ZoneInfo) -> dt.datetime:
    """The first instant whose wall clock shows this time or, on the same day or the next, a later one.

    Found by walking UTC minute by minute, so it owes nothing to how `instant` thinks.
    """
    wanted = dt.datetime.combine(day, time)
    at = dt.datetime.combine(day, time, tzinfo=dt.UTC) - dt.timedelta(hours=16)
    step = dt.timedelta(minutes=1)
    while at.astimezone(zone).replace(tzinfo=None) < wanted:
        at += step
    return at


@pytest.mark.parametrize("zone_name", ZONES)
def test_each_local_sunday_has_exactly_one_moment_and_it_is_the_right_one(zone_name: str) -> None:
    zone = ZoneInfo(zone_name)
    for time in TIMES:
        found = [instant(day, time, zone) for day in sundays()]
        assert found == sorted(set(found))
        for day, at in zip(sundays(), found, strict=True):
            wall = at.astimezone(zone).replace(tzinfo=None)
            wanted = dt.datetime.combine(day, time)
            if wall == wanted:
                assert at.astimezone(zone).fold == 0  # the first of two
                continue
            # In a gap: the first instant after it, where the clock jumped over the wanted time.
            before = (at - SECOND).astimezone(zone).replace(tzinfo=None)
            assert before < wanted < wall
            assert wall - before > SECOND


@pytest.mark.parametrize("zone_name", ZONES)
def test_every_change_of_clocks_agrees_with_a_walk_minute_by_minute(zone_name: str) -> None:
    zone = ZoneInfo(zone_name)
    changes = 0
    day = dt.date(FIRST_YEAR, 1, 1)
    while day.year < FIRST_YEAR + 3:
        midnight = dt.datetime.combine(day, dt.time(0), tzinfo=dt.UTC)
        offsets = {
            (midnight + dt.timedelta(hours=h)).astimezone(zone).utcoffset() for h in (-14, 26)
        }
        if len(offsets) > 1:
            changes += 1
            for time in (*TIMES, dt.time(2, 0), dt.time(3, 0), dt.time(23, 30)):
                assert instant(day, time, zone) == truth(day, time, zone)
        day += dt.timedelta(days=1)
    assert changes > 0


@pytest.mark.parametrize(
    ("day", "time", "zone", "expected"),
    [
        # Spring gaps: the first instant after them.
        ("2026-03-29", "02:30", "Europe/Berlin", "2026-03-29T01:00:00"),
        ("2026-03-29", "01:45", "Europe/London", "2026-03-29T01:00:00"),
        ("2026-03-08", "02:30", "America/New_York", "2026-03-08T07:00:00"),
        ("2026-09-06", "00:00", "America/Santiago", "2026-09-06T04:00:00"),
        ("2026-09-06", "00:30", "America/Santiago", "2026-09-06T04:00:00"),
        ("2026-03-08", "00:30", "America/Havana", "2026-03-08T05:00:00"),
        ("2026-03-29", "00:00", "Asia/Beirut", "2026-03-28T22:00:00"),
        ("2026-10-04", "02:15", "Australia/Lord_Howe", "2026-10-03T15:30:00"),
        # Autumn folds: the first of the two.
        ("2026-10-25", "02:30", "Europe/Berlin", "2026-10-25T00:30:00"),
        ("2026-10-25", "01:45", "Europe/London", "2026-10-25T00:45:00"),
        ("2026-11-01", "01:45", "America/New_York", "2026-11-01T05:45:00"),
        ("2026-11-01", "00:30", "America/Havana", "2026-11-01T04:30:00"),
        ("2026-04-05", "01:45", "Australia/Lord_Howe", "2026-04-04T14:45:00"),
        # Ordinary days.
        ("2026-11-29", "08:00", "Europe/London", "2026-11-29T08:00:00"),
        ("2026-07-05", "08:00", "Europe/London", "2026-07-05T07:00:00"),
        # A whole day that never was.
        ("2011-12-30", "08:00", "Pacific/Apia", "2011-12-30T10:00:00"),
    ],
)
def test_known_moments(day: str, time: str, zone: str, expected: str) -> None:
    found = instant(dt.date.fromisoformat(day), dt.time.fromisoformat(time), ZoneInfo(zone))
    assert found == dt.datetime.fromisoformat(expected).replace(tzinfo=dt.UTC)


# ---------------------------------------------------------------- a calendar


def calendar(zone: str = "Europe/London", **times: str) -> Calendar:
    spoken = {
        "cut_off": "saturday 18:00",
        "remind": "sunday 06:00",
        "deadline": "sunday 07:30",
        "send": "sunday 08:00",
        **times,
    }
    return Calendar(ZoneInfo(zone), **{name: WeekTime.parse(at) for name, at in spoken.items()})


def chain(one: Calendar, first: dt.date, weeks: int) -> list[Moments]:
    """Week after week, each window beginning where the last one ended."""
    found: list[Moments] = []
    for week in range(weeks):
        end = found[-1].window.end if found else None
        found.append(one.moments(first + week * WEEK, end))
    return found


week_times = st.builds(
    WeekTime,
    st.integers(0, 6),
    st.builds(dt.time, st.integers(0, 23), st.sampled_from([0, 15, 30, 45, 59])),
)


@given(
    st.sampled_from(ZONES),
    week_times,
    week_times,
    week_times,
    week_times,
    st.dates(dt.date(2021, 1, 1), dt.date(2030, 1, 1)),
)
def test_windows_follow_each_other_without_hole_or_overlap(
    zone: str, cut_off: WeekTime, remind: WeekTime, deadline: WeekTime, send: WeekTime, day: dt.date
) -> None:
    one = Calendar(ZoneInfo(zone), cut_off, remind, deadline, send)
    weeks = chain(one, send.on_or_before(day), 30)
    for this, following in itertools.pairwise(weeks):
        assert this.window.end == following.window.start
        assert this.window.start < this.window.end
        assert dt.timedelta(days=6) < following.window.end - following.window.start
        assert following.window.end - following.window.start < dt.timedelta(days=8)
    for one_week in weeks:
        for moment in (one_week.window.end, one_week.remind_at, one_week.deadline_at):
            assert one_week.send_at - dt.timedelta(days=7, hours=2) < moment <= one_week.send_at
        assert one_week.draft_at == one_week.window.end


@given(
    st.sampled_from(ZONES),
    week_times,
    week_times,
    st.dates(dt.date(2021, 1, 1), dt.date(2030, 1, 1)),
)
def test_a_window_without_a_predecessor_is_the_one_that_chaining_gives(
    zone: str, cut_off: WeekTime, send: WeekTime, day: dt.date
) -> None:
    one = Calendar(ZoneInfo(zone), cut_off, cut_off, cut_off, send)
    send_day = send.on_or_before(day)
    before, this = one.moments(send_day - WEEK), one.moments(send_day)
    assert this.window.start == before.window.end


@given(
    st.sampled_from(ZONES),
    week_times,
    week_times,
    st.lists(
        st.datetimes(dt.datetime(2021, 1, 1), dt.datetime(2030, 1, 1), timezones=st.just(dt.UTC)),
        min_size=2,
        max_size=6,
    ),
)
def test_the_period_never_goes_back_and_its_draft_has_come(
    zone: str, cut_off: WeekTime, send: WeekTime, times: list[dt.datetime]
) -> None:
    one = Calendar(ZoneInfo(zone), cut_off, cut_off, cut_off, send)
    days = [one.period_at(at) for at in sorted(times)]
    assert days == sorted(days)
    for at, day in zip(sorted(times), days, strict=True):
        assert day.weekday() == send.weekday
        assert one.moments(day).draft_at <= at < one.moments(day + WEEK).draft_at


@pytest.mark.parametrize("zone", ZONES)
def test_the_period_changes_exactly_at_the_draft_moment(zone: str) -> None:
    one = calendar(zone, cut_off="sunday 00:00", send="sunday 00:30")
    for day in sundays():
        draft_at = one.moments(day).draft_at
        assert one.period_at(draft_at) == day
        assert one.period_at(draft_at - SECOND) == day - WEEK


def test_a_week_has_167_168_or_169_hours() -> None:
    one = calendar(cut_off="sunday 08:00", send="sunday 09:00")
    hours = {
        (m.window.end - m.window.start) / dt.timedelta(hours=1)
        for m in chain(one, dt.date(2026, 1, 4), 52)
    }
    assert hours == {167.0, 168.0, 169.0}


def test_the_moments_of_an_ordinary_week() -> None:
    found = calendar().moments(dt.date(2026, 11, 29))
    assert found.period == "2026-11-29"
    assert found.window.start == dt.datetime(2026, 11, 21, 18, tzinfo=dt.UTC)
    assert found.window.end == found.draft_at == dt.datetime(2026, 11, 28, 18, tzinfo=dt.UTC)
    assert found.remind_at == dt.datetime(2026, 11, 29, 6, tzinfo=dt.UTC)
    assert found.deadline_at == dt.datetime(2026, 11, 29, 7, 30, tzinfo=dt.UTC)
    assert found.send_at == dt.datetime(2026, 11, 29, 8, tzinfo=dt.UTC)


def test_a_cut_off_later_in_the_day_of_the_send_belongs_to_the_week_before() -> None:
    found = calendar(cut_off="sunday 18:00").moments(dt.date(2026, 11, 29))
    assert found.window.end == dt.datetime(2026, 11, 22, 18, tzinfo=dt.UTC)
    assert found.window.start == dt.datetime(2026, 11, 15, 18, tzinfo=dt.UTC)


def test_a_cut_off_moved_to_an_earlier_day_gives_an_empty_window_never_one_that_goes_back() -> None:
    last_end = calendar().moments(dt.date(2026, 11, 29)).window.end
    moved = calendar(cut_off="friday 12:00", send="monday 08:00", remind="monday 06:00")
    found = moved.moments(dt.date(2026, 11, 30), last_end)
    assert found.window.start == found.window.end == last_end
    assert moved.moments(dt.date(2026, 12, 7), found.window.end).window.start == last_end


# ---------------------------------------------------------------- spoken times


@pytest.mark.parametrize("weekday", WEEKDAYS)
def test_a_spoken_time_is_read_and_told_alike(weekday: str) -> None:
    assert str(WeekTime.parse(f"{weekday} 08:05")) == f"{weekday} 08:05"
    assert WeekTime.parse(f"  {weekday.upper()}   8:05 ") == WeekTime.parse(f"{weekday} 08:05")


@pytest.mark.parametrize(
    "spoken",
    ["", "sunday", "08:00", "sonntag 08:00", "sunday 8", "sunday 24:00", "sunday 08:60", "sun 08:00",
     "sunday 08:00:00", "sunday -1:00", "sunday 08:00 or so"],
)  # fmt: skip
def test_what_is_no_time_of_the_week_says_what_was_expected(spoken: str) -> None:
    with pytest.raises(ValueError, match=r"expected a weekday|no time of day"):
        WeekTime.parse(spoken)


@given(week_times, st.dates(dt.date(2000, 1, 1), dt.date(2100, 1, 1)))
def test_the_last_such_weekday_is_at_most_six_days_back(time: WeekTime, day: dt.date) -> None:
    found = time.on_or_before(day)
    assert found.weekday() == time.weekday
    assert 0 <= (day - found).days <= 6


@given(week_times, week_times)
def test_from_one_time_to_another_and_back_is_a_week(one: WeekTime, other: WeekTime) -> None:
    there, back = one.until(other), other.until(one)
    assert dt.timedelta(0) <= there < WEEK
    assert there + back == (WEEK if one != other else dt.timedelta(0))


# ---------------------------------------------------------------- the order of a week


def ahead_of(send: WeekTime, minutes: int) -> WeekTime:
    """The time of the week that lies so many minutes before the send."""
    at = dt.datetime.combine(dt.date(2024, 1, 1), send.time)  # a Monday
    at += dt.timedelta(days=7 + send.weekday) - dt.timedelta(minutes=minutes)
    return WeekTime(at.weekday(), at.time())


#: Minutes before the send: most of them within the three days that a cut-off may lie ahead.
MINUTES = st.one_of(st.integers(0, 3), st.integers(0, 3 * 1440 + 2), st.integers(0, 7 * 1440 - 1))


@given(week_times, st.lists(MINUTES, min_size=3, max_size=3), st.booleans())
def test_without_disorder_the_moments_of_a_week_are_in_order(
    send: WeekTime, minutes: list[int], in_turn: bool
) -> None:
    """Held against the instants themselves, which `disorder` never looks at."""
    minutes = sorted(minutes, reverse=True) if in_turn else minutes
    cut_off, remind, deadline = (ahead_of(send, one) for one in minutes)
    one = Calendar(
        zone=ZoneInfo("UTC"), cut_off=cut_off, remind=remind, deadline=deadline, send=send
    )
    found = one.moments(send.on_or_before(dt.date(2026, 11, 29)))
    in_order = (
        found.draft_at <= found.remind_at <= found.deadline_at <= found.send_at
        and dt.timedelta(0) < found.send_at - found.draft_at <= dt.timedelta(days=3)
    )
    assert in_order == (not list(one.disorder()))


def test_what_is_out_of_order_is_told_by_its_field() -> None:
    late = calendar(remind="sunday 07:45", deadline="sunday 07:30")
    assert list(late.disorder()) == [("remind", "sunday 07:45 is after the deadline, sunday 07:30")]
    assert list(calendar().disorder()) == []


def test_a_moment_is_told_by_the_clocks_of_a_zone() -> None:
    moment = dt.datetime(2026, 11, 9, 3, 12, 59, 999, tzinfo=dt.UTC)
    assert wall_clock(moment, dt.UTC) == "Mon 9 Nov 03:12 UTC"
    assert wall_clock(moment, ZoneInfo("America/New_York")) == "Sun 8 Nov 22:12 EST"
