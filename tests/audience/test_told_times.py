"""Times as other systems write them."""

from __future__ import annotations

import datetime as dt

import pytest

from digest.audience.told_times import moment


@pytest.mark.parametrize(
    "text",
    [
        "2021-03-01 10:05:00",
        "2021-03-01T10:05:00Z",
        "2021-03-01T10:05:00.000Z",
        "2021-03-01T12:05:00+02:00",
        "2021-03-01 10:05:00 UTC",
        "2021-03-01 10:05:00 +0000 UTC",
        "2021-03-01 12:05:00.000 +0200 CEST",
        "01.03.2021 10:05",
        "1.3.2021 10:05:00",
        "2021/03/01 10:05:00",
        "Mar 01, 2021 10:05 AM",
    ],
)
def test_a_time_is_read_in_the_ways_that_systems_write_it(text: str) -> None:
    assert moment(text) == dt.datetime(2021, 3, 1, 10, 5, tzinfo=dt.UTC)


def test_more_digits_than_a_microsecond_are_cut() -> None:
    found = moment("2021-03-01 10:05:00.123456789 +0000 UTC")
    assert found == dt.datetime(2021, 3, 1, 10, 5, 0, 123456, tzinfo=dt.UTC)


@pytest.mark.parametrize("text", ["2021-03-01", "01.03.2021", "March 1, 2021", "1 Mar 2021"])
def test_a_day_begins_at_midnight(text: str) -> None:
    assert moment(text) == dt.datetime(2021, 3, 1, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    "text", ["", "never", "03/04/2021", "31.02.2021", "2021-13-01", "0000-00-00 00:00:00"]
)
def test_what_is_no_time_or_may_be_two_is_none(text: str) -> None:
    assert moment(text) is None


@pytest.mark.parametrize(
    "text",
    [
        "0001-01-01T00:00:00Z",
        "0001-01-01 00:00:00 +0100 CET",
        "1970-01-01 00:00:00",
        "9999-12-31T23:59:59-05:00",
    ],
)
def test_a_clock_that_was_never_set_tells_no_time(text: str) -> None:
    """In UTC the second and the last lie outside of all years, which ended the whole import."""
    assert moment(text) is None
