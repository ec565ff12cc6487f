"""The next ten moments, in order, and what a change of clocks does to each."""

from __future__ import annotations

import datetime as dt
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from digest.coming import Coming, Kind, next_moments, offset
from digest.moments import Calendar, WeekTime

WEDNESDAY = dt.datetime(2026, 10, 21, 9, tzinfo=dt.UTC)


def calendar(zone: str = "Europe/London", send: str = "sunday 08:00") -> Calendar:
    at = WeekTime.parse(send)
    evening = WeekTime.parse("saturday 18:00")
    return Calendar(ZoneInfo(zone), evening, at, at, at)


def sends(one: Calendar, now: dt.datetime) -> list[Coming]:
    return [moment for moment in next_moments(one, now) if moment.kind is Kind.SEND]


def test_ten_moments_lie_ahead_in_order_each_with_its_issue() -> None:
    found = next_moments(calendar(), WEDNESDAY)
    assert len(found) == 10
    assert all(one.at <= other.at for one, other in pairwise(found))
    assert found[0].at > WEDNESDAY
    assert [one.kind for one in found[:5]] == [*Kind, Kind.CUT_OFF]
    assert [one.period for one in found[:5]] == ["2026-10-25"] * 4 + ["2026-11-01"]


def test_what_has_come_is_told_no_more_and_what_is_left_of_its_week_is() -> None:
    sunday = dt.datetime(2026, 11, 15, 7, 59, tzinfo=dt.UTC)
    assert next_moments(calendar(), sunday)[0].kind is Kind.REMINDER
    assert next_moments(calendar(), sunday + dt.timedelta(minutes=1))[0].period == "2026-11-22"


def test_a_moment_that_clocks_move_says_when_and_which_way() -> None:
    cut_off, _, _, send, next_cut_off, _, _, next_send, *_ = next_moments(calendar(), WEDNESDAY)
    assert (cut_off.note, next_send.note) == ("", "")
    assert send.note == (
        "Clocks go back by an hour on Sunday 25 October at 02:00:"
        " in UTC it is an hour later than the week before"
    )
    assert next_cut_off.note.endswith("the week has 169 hours")


def test_in_spring_the_week_is_an_hour_shorter() -> None:
    march = dt.datetime(2026, 3, 25, tzinfo=dt.UTC)
    _, _, _, send, cut_off, *_ = next_moments(calendar(), march)
    assert send.note.startswith("Clocks go forward by an hour on Sunday 29 March at 01:00")
    assert send.note.endswith("an hour earlier than the week before")
    assert cut_off.note.endswith("the week has 167 hours")


def test_clocks_that_change_by_half_an_hour_are_told_so() -> None:
    found = sends(calendar("Australia/Lord_Howe"), dt.datetime(2026, 4, 1, tzinfo=dt.UTC))
    assert "back by 30 minutes on Sunday 5 April at 02:00" in found[0].note


@pytest.mark.parametrize(
    ("send", "week", "note"),
    [
        (
            "sunday 01:30",
            dt.datetime(2026, 3, 25, tzinfo=dt.UTC),
            "01:30 is skipped that day: clocks go forward, so it is 02:00",
        ),
        (
            "sunday 01:30",
            WEDNESDAY,
            "01:30 comes twice that day: clocks go back, and the first one counts",
        ),
    ],
)
def test_an_hour_that_is_skipped_or_comes_twice_is_told(
    send: str, week: dt.datetime, note: str
) -> None:
    assert sends(calendar(send=send), week)[0].note == note


def test_in_a_zone_without_summer_time_there_is_no_note_all_year() -> None:
    one = calendar("Asia/Tokyo")
    assert not [m for m in next_moments(one, WEDNESDAY, count=4 * 53) if m.note]


@pytest.mark.parametrize(
    ("zone", "told"),
    [
        ("UTC", "UTC"),
        ("Europe/Berlin", "UTC+2"),
        ("Asia/Kathmandu", "UTC+5:45"),
        ("America/St_Johns", "UTC−2:30"),
        ("America/New_York", "UTC−4"),
    ],
)
def test_the_offset_is_written_as_people_do(zone: str, told: str) -> None:
    assert offset(WEDNESDAY, ZoneInfo(zone)) == told
