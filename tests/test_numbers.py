"""Numbers that can be defended: beside what is usual, with what they are a share of."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections import Counter
from zoneinfo import ZoneInfo

import pytest

from digest import numbers
from digest.clicks import Kind
from digest.model import ArticleId
from digest.numbers import IssueNumbers, StoryNumbers
from tests.sample_issue import content

LONDON = ZoneInfo("Europe/London")


def one(
    place: int, human: int | None, *, kind: str = "section", section: str = "Town"
) -> StoryNumbers:
    return StoryNumbers(
        article_id=ArticleId(place),
        title=f"Story {place}",
        section=section,
        kind=kind,
        place=place,
        human=human,
        machine=human and human // 2,
        again=0,
    )


def issue(*stories: StoryNumbers, **more: int) -> IssueNumbers:
    fields = {"audience": 1000, "accepted": 990, "failed": 8, "skipped": 2, "bounced": 5, **more}
    fields = {"uncertain": 0, "waiting": 0, "complaints": 1, "left": 12, "number": 1, **fields}
    made = IssueNumbers(period="2026-11-29", subject="", **fields)  # type: ignore[arg-type]
    return dataclasses.replace(made, counted=True, stories=stories)


def test_a_story_counts_with_its_storyline_and_no_click_counts_twice() -> None:
    week = content()
    assert week.lead is not None
    lead = week.lead
    assert lead.thread
    counts = {
        lead.article_id: Counter({Kind.HUMAN: 3, Kind.BURST: 4, Kind.AGENT: 1, Kind.REPEAT: 2}),
        lead.thread[0].article_id: Counter({Kind.HUMAN: 2}),
    }
    first, second, *_ = numbers.of_stories(week, counts)
    assert (first.human, first.machine, first.again, first.kind) == (5, 5, 2, "lead")
    assert (second.human, second.kind) == (None, "section"), "no link of it was printed"
    again = dataclasses.replace(
        week, briefs=(dataclasses.replace(week.briefs[0], thread=lead.thread),)
    )
    assert sum(story.human or 0 for story in numbers.of_stories(again, counts)) == 5


def test_what_is_usual_is_a_median_and_needs_three() -> None:
    assert numbers.usual([1, 9]) is None
    assert numbers.usual([1, 9, 2]) == 2
    before = [issue(one(1, clicks)) for clicks in (10, 30, 20)]
    assert numbers.usual_at(1, before) == 20
    assert numbers.usual_at(2, before) is None


def test_the_totals_stand_beside_what_they_are_a_part_of() -> None:
    told = {line.name: line for line in numbers.lines(issue(one(1, 40)), [])}
    assert (told["Failed"].value, told["Failed"].of, told["Failed"].usual) == (8, 1000, None)
    assert (told["Complaints"].value, told["Complaints"].of) == (1, 990)
    assert told["Clicks by people"].value == 40
    assert told["Clicks by machines"].value == 20


def test_who_left_is_compared_only_when_the_week_is_over() -> None:
    before = [issue(left=left) for left in (10, 12, 14)]
    over = numbers.lines(issue(), before)
    assert [(line.name, line.usual) for line in over if "Left" in line.name] == [
        ("Left after it", 12)
    ]
    newest = dataclasses.replace(issue(left=2), is_over=False)
    assert [
        (line.name, line.usual) for line in numbers.lines(newest, before) if "Left" in line.name
    ] == [("Left so far", None)]


def test_an_issue_whose_clicks_were_not_counted_says_nothing_of_them() -> None:
    plain = dataclasses.replace(issue(), counted=False)
    assert not [line for line in numbers.lines(plain, []) if "Clicks" in line.name]


def test_sections_and_places_sum_up_the_stories_that_had_a_link() -> None:
    now = issue(
        one(1, 50, kind="lead"), one(2, 30, section="Sea"), one(3, 10, kind="brief"), one(4, None)
    )
    before = [issue(one(1, n, kind="lead"), one(2, 5, section="Sea")) for n in (40, 60, 50)]
    sections = {part.name: part for part in numbers.sections(now, before)}
    assert (sections["Town"].stories, sections["Town"].clicks, sections["Town"].usual) == (
        2,
        60,
        50,
    )
    assert (sections["Sea"].clicks, sections["Sea"].usual) == (30, 5)
    places = [
        (part.name, part.stories, part.clicks, part.usual) for part in numbers.places(now, before)
    ]
    assert places == [
        ("Lead", 1, 50, 50),
        ("Told in full", 1, 30, 5),
        ("In brief", 1, 10, None),
    ]


@pytest.mark.parametrize(
    ("part", "of", "told"),
    [
        (3, 40, "of 40"),
        (0, 12034, "of 12,034"),
        (3, 12034, "of 12,034 (0.02 %)"),
        (500, 1000, "of 1,000 (50.0 %)"),
    ],
)
def test_no_share_without_what_it_is_of_and_none_in_per_cent_of_few(
    part: int, of: int, told: str
) -> None:
    assert numbers.share(part, of) == told


def test_weeks_begin_on_mondays_of_the_newsletter_also_when_clocks_change() -> None:
    now = dt.datetime(2026, 11, 1, 23, 30, tzinfo=dt.UTC)
    days = numbers.weeks(now, LONDON, 3)
    assert days == (dt.date(2026, 10, 12), dt.date(2026, 10, 19), dt.date(2026, 10, 26))
    assert numbers.begins(days[1], LONDON).hour == 23, "summer time"
    assert numbers.begins(days[2], LONDON).hour == 0
    assert numbers.Week(days[0], 5, 7).net == -2
