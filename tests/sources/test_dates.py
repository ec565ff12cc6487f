from __future__ import annotations

import datetime as dt

import pytest

from digest.sources import dates


@pytest.mark.parametrize(
    ("text", "iso"),
    [
        ("2026-11-24T10:00:00+01:00", "2026-11-24T09:00:00+00:00"),
        ("2026-11-24T10:00:00+0100", "2026-11-24T09:00:00+00:00"),
        ("2026-11-24T10:00:00Z", "2026-11-24T10:00:00+00:00"),
        ("2026-11-24 10:00:00", "2026-11-24T10:00:00+00:00"),
        ("2026-11-24", "2026-11-24T12:00:00+00:00"),
        ("Tue, 24 Nov 2026 10:00:00 +0100", "2026-11-24T09:00:00+00:00"),
    ],
)
def test_moments_are_read_with_their_zone(text: str, iso: str) -> None:
    found = dates.moment(text)
    assert found is not None
    assert found.isoformat() == iso


@pytest.mark.parametrize(
    "text", ["", "soon", "2026-13-01", "x" * 90, "0001-01-01T00:00:00+14:00", "24 Nov"]
)
def test_what_is_no_moment_is_none(text: str) -> None:
    assert dates.moment(text) is None


@pytest.mark.parametrize(
    "text",
    [
        "November 24, 2026",
        "24 Nov 2026",
        "Tuesday, Nov. 24th 2026",
        "24. November 2026",
        "24 novembre 2026",
        "24 de noviembre de 2026",
        "24 listopada 2026",
        "2026/11/24",
        "2026年11月24日",
    ],
)
def test_days_are_read_as_people_write_them(text: str) -> None:
    found = dates.spoken(text)
    assert found is not None
    assert found.date() == dt.date(2026, 11, 24)


def test_a_time_beside_the_day_is_kept() -> None:
    assert dates.spoken("November 24, 2026 - 3:05 pm") == dt.datetime(
        2026, 11, 24, 15, 5, tzinfo=dt.UTC
    )
    assert dates.spoken("24 novembre 2026 à 14h30") == dt.datetime(
        2026, 11, 24, 14, 30, tzinfo=dt.UTC
    )


@pytest.mark.parametrize(
    "text", ["On July 8th", "in 2024 we may", "5/4/2026", "31 June 2026", "may 99:99 8 2024"]
)
def test_no_year_and_no_day_are_ever_guessed(text: str) -> None:
    assert dates.spoken(text) is None


def test_front_matter_gives_moments_days_and_texts() -> None:
    noon = dt.datetime(2026, 11, 24, 12, tzinfo=dt.UTC)
    assert dates.of(dt.date(2026, 11, 24)) == noon
    assert dates.of(dt.datetime(2026, 11, 24, 12)) == noon
    assert dates.of("2026-11-24") == noon
    assert dates.of(7) is None


def test_a_moment_that_utc_does_not_hold_is_none() -> None:
    east = dt.timezone(dt.timedelta(hours=1))
    assert dates.of(dt.datetime(1, 1, 1, tzinfo=east)) is None
    assert dates.moment("0001-01-01T00:00:00Z") is None
    assert dates.of(dt.date(9999, 12, 31)) is None


@pytest.mark.parametrize(
    ("text", "iso"),
    [
        ("November 24, 2026 5:50 pm CET", "2026-11-24T17:50:00+00:00"),
        ("Nov. 24, 2026, 5:50 p.m. ET", "2026-11-24T17:50:00-05:00"),
        ("July 24, 2026 at 9:05 AM PT", "2026-07-24T09:05:00-07:00"),
        ("24 November 2026 09:05 GMT", "2026-11-24T09:05:00+00:00"),
        ("July 31, 2026 9:05 pm EST", "2026-07-31T21:05:00-05:00"),
        ("3:05 pm, Nov 24, 2026", "2026-11-24T15:05:00+00:00"),
        ("11:12 Uhr, 24. November 2026", "2026-11-24T11:12:00+00:00"),
    ],
)
def test_the_half_of_the_day_and_the_zone_after_a_time_count(text: str, iso: str) -> None:
    found = dates.stated(text)
    assert found is not None
    assert found.isoformat() == iso
