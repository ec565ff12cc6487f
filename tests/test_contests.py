"""The rules of a contest of two subjects: its terms, what it takes, and what its figures say."""

from __future__ import annotations

import dataclasses
import datetime as dt
from zoneinfo import ZoneInfo

import pytest

from digest import contests
from digest.contests import Setting
from digest.errors import BadInput
from digest.model import Arm, Contest, Count, Measure, Words
from digest.schedules import ContestTable, Schedule
from tests import sample_issue

CONTEST = Contest(second="B", share=20, wait_s=7200, measure=Measure.CLICKS)
SEND_AT = dt.datetime(2026, 11, 29, 8, tzinfo=dt.UTC)
TABLE = ContestTable()


def schedule(zone: str = "Europe/London") -> Schedule:
    found = sample_issue.schedule()
    newsletter = found.newsletter.model_copy(update={"timezone": zone})
    return found.model_copy(update={"newsletter": newsletter})


def setting(
    readers: int = 5000, *, begins_at: dt.datetime = SEND_AT, zone: str = "Europe/London"
) -> Setting:
    return Setting(schedule=schedule(zone), send_at=SEND_AT, begins_at=begins_at, readers=readers)


# ---------------------------------------------------------------- terms


def test_what_editors_leave_empty_is_the_schedules() -> None:
    assert contests.wanted({Words.SECOND: "B"}, TABLE, "A") == CONTEST
    own = {Words.SECOND: "B", Words.SHARE: "50", Words.WAIT: "3600", Words.MEASURE: "hand"}
    found = contests.wanted(own, TABLE, "A")
    assert found == Contest(second="B", share=50, wait_s=3600, measure=Measure.HAND)


@pytest.mark.parametrize("second", ["", "  ", "A", " A "])
def test_without_another_second_subject_there_is_no_contest(second: str) -> None:
    assert contests.wanted({Words.SECOND: second}, TABLE, "A") is None


@pytest.mark.parametrize(
    ("share", "wait", "measure"),
    [
        ("1", "60", "clicks"),
        ("81", "60", "clicks"),
        ("", "60", "clicks"),
        ("²", "60", "clicks"),
        ("20", "29", "clicks"),
        ("20", "-60", "clicks"),
        ("20", "1e3", "clicks"),
        ("20", "9" * 4000, "clicks"),
        ("20", "60", "votes"),
    ],
)
def test_terms_that_make_no_sense_are_refused(share: str, wait: str, measure: str) -> None:
    with pytest.raises(BadInput, match="expected"):
        contests.read_terms(share, wait, measure)


# ---------------------------------------------------------------- can it be held?


def test_a_list_of_exactly_the_size_that_it_takes_is_large_enough() -> None:
    needed = contests.readers_for(CONTEST)
    assert needed == 1990
    assert not contests.obstacle(CONTEST, setting(needed))
    said = contests.obstacle(CONTEST, setting(needed - 1))
    assert "a list of 1,990 readers" in said
    assert "this one has 1,989" in said


def test_a_wait_may_end_with_the_catch_up_and_not_later() -> None:
    six = dataclasses.replace(CONTEST, wait_s=6 * 3600)
    assert not contests.obstacle(six, setting())
    late = setting(begins_at=SEND_AT + dt.timedelta(minutes=1))
    assert "more than 6 h after the send's hour (catch_up)" in contests.obstacle(six, late)


def test_no_winner_goes_in_the_evening_or_the_night() -> None:
    five = dataclasses.replace(CONTEST, wait_s=5 * 3600)
    assert not contests.obstacle(
        five, setting(zone="Asia/Tokyo", begins_at=SEND_AT - dt.timedelta(hours=1))
    )
    assert "would go at 22:00, after 21:00" in contests.obstacle(five, setting(zone="Asia/Tokyo"))
    assert "would go at 01:00" in contests.obstacle(
        five, setting(zone="Pacific/Auckland", begins_at=SEND_AT - dt.timedelta(hours=1))
    )


def test_the_rest_goes_after_so_many_real_hours_on_the_nights_when_clocks_change() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    for day, local in (
        (dt.datetime(2026, 10, 25, 2, 30, tzinfo=berlin), "03:30"),
        (dt.datetime(2026, 3, 29, 1, 30, tzinfo=berlin), "04:30"),
    ):
        begins = day.astimezone(dt.UTC)
        rest = contests.rest_at(CONTEST, begins)
        assert rest - begins == dt.timedelta(hours=2)
        assert f"{rest.astimezone(berlin):%H:%M}" == local


# ---------------------------------------------------------------- what the figures say


def test_the_better_one_wins_whichever_it_is_and_the_figures_are_told() -> None:
    for a, b, winner in ((40, 90, Arm.B), (90, 40, Arm.A)):
        found = contests.judge(Measure.CLICKS, Count(a, 500), Count(b, 500))
        assert (found.winner, found.told) == (winner, True)
        assert f"A: {a} of 500 clicked" in found.why
    assert "in less than 0.1 % of all contests" in found.why


def test_no_difference_that_can_be_told_sends_a_also_where_b_looks_better() -> None:
    found = contests.judge(Measure.CLICKS, Count(50, 500), Count(60, 500))
    assert (found.winner, found.told) == (Arm.A, False)
    assert found.why.startswith("No difference that can be told.")
    assert "between -1.9 and +5.9 (95 %)" in found.why


@pytest.mark.parametrize(("a", "b"), [((0, 0), (0, 0)), ((0, 98), (90, 98)), ((0, 5), (400, 500))])
def test_too_few_copies_tell_nothing_however_far_they_are_apart(
    a: tuple[int, int], b: tuple[int, int]
) -> None:
    found = contests.judge(Measure.CLICKS, Count(*a), Count(*b))
    assert (found.winner, found.told) == (Arm.A, False)
    assert "Too few copies had arrived" in found.why


def test_a_promise_says_what_a_list_may_show() -> None:
    said = contests.promise(dataclasses.replace(CONTEST, share=50), 4000)
    assert said.startswith("Each subject goes to about 1,000 readers first.")
    assert "14.1 %" in said
