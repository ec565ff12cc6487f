"""A draft's ingredients have one mark, and any that changes has another."""

from __future__ import annotations

import dataclasses
import datetime as dt
from typing import Any

import pytest

from digest import program
from digest.attention import Sightings
from digest.collect import Known
from digest.earlier_weeks import EarlierWeeks
from digest.ingredients import Ingredients, mark_of
from digest.model import ArticleId, Engagement, Issue, IssueId, IssueStatus, Past, Shape
from digest.schedules import Schedule
from digest.segments import Engaged, Section, Tag
from tests import issues as past_issues
from tests.articles import WEDNESDAY, stored
from tests.sample_issue import schedule as a_schedule

QUAY, FERRY = stored("The quay is approved", id=1), stored("The ferry runs", id=2)
GIVEN = Ingredients((QUAY, FERRY), Past(texts={ArticleId(9): "An older text."}))
ISSUE = Issue(
    id=IssueId(1),
    newsletter="sunday",
    number=4,
    moments=past_issues.moments(),
    status=IssueStatus.DRAFT,
)


def mark(schedule: Schedule, **changes: Any) -> str | None:
    given = dataclasses.replace(GIVEN, **changes.get("given", {}))
    issue = dataclasses.replace(ISSUE, **changes.get("issue", {}))
    url = changes.get("public_url", "https://digest.example")
    return mark_of(given, issue, changes.get("shape", Shape()), schedule, public_url=url)


@pytest.fixture
def schedule() -> Schedule:
    return a_schedule()


def test_the_same_has_the_same_mark_in_whatever_order_its_sets_are(schedule: Schedule) -> None:
    pairs = [(ArticleId(n), ArticleId(n + 8)) for n in range(40)]
    marks = {
        mark(
            schedule,
            given={"known": Known(apart=frozenset(frozenset(one[::step]) for one in some))},
            shape=Shape(split=frozenset(one for one, _ in some)),
        )
        for some in (pairs, pairs[::-1])
        for step in (1, -1)
    }
    assert len(marks) == 1
    assert mark(schedule) == mark(schedule)


def test_another_program_of_the_same_version_makes_another_draft(
    schedule: Schedule, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = mark(schedule)
    monkeypatch.setattr(program, "mark", lambda: "of files that changed")
    assert mark(schedule) != before


def test_a_schedule_with_segments_has_a_mark_of_its_own_and_no_warning(schedule: Schedule) -> None:
    marks = {
        mark(schedule.model_copy(update={"segments": {"loyal": one}}))
        for one in (Engaged(90), Engaged(30), Tag("Sport"), Section("Sport"))
    }
    assert len(marks) == 4


OTHERS = {
    "a word of a text": {"given": {"articles": (dataclasses.replace(QUAY, text="x"), FERRY)}},
    "another order": {"given": {"articles": (FERRY, QUAY)}},
    "a figure": {
        "given": {
            "articles": (
                dataclasses.replace(QUAY, engagement=(Engagement("likes", 3),)),
                FERRY,
            )
        }
    },
    "one that is gone": {
        "given": {"articles": (dataclasses.replace(QUAY, gone_at=WEDNESDAY), FERRY)}
    },
    "what earlier weeks taught": {"given": {"earlier": EarlierWeeks({("author", "ada"): 0.5})}},
    "how attention faded": {"given": {"earlier": EarlierWeeks(seen=(Sightings([1.0], [9.0]),))}},
    "a text of an earlier lead": {"given": {"past": Past(texts={ArticleId(9): "Another text."})}},
    "what was told": {"given": {"known": Known(before=(stored("Old", id=7),))}},
    "a pair taken apart": {
        "given": {"known": Known(apart={frozenset((ArticleId(1), ArticleId(2)))})}
    },
    "a change at the desk": {"shape": Shape(version=1)},
    "the number": {"issue": {"number": 5}},
    "the hours": {"issue": {"moments": past_issues.moments(1)}},
    "where readers go": {"public_url": "https://other.example"},
}


@pytest.mark.parametrize("what", OTHERS)
def test_whatever_changes_changes_the_mark(schedule: Schedule, what: str) -> None:
    assert mark(schedule, **OTHERS[what]) != mark(schedule)


def test_so_does_the_schedule(schedule: Schedule) -> None:
    other = schedule.model_copy(
        update={"compose": schedule.compose.model_copy(update={"minimum_stories": 9})}
    )
    assert mark(other) != mark(schedule)


@pytest.mark.parametrize("table", ["summarise", "render"])
def test_what_asks_somebody_outside_has_none(schedule: Schedule, table: str) -> None:
    changes = {"summarise": {"summariser": "chat"}, "render": {"templates": "templates"}}[table]
    told = getattr(schedule, table).model_copy(update=changes)
    assert mark(schedule.model_copy(update={table: told})) is None


def test_a_mark_does_not_depend_on_when_it_is_made(schedule: Schedule) -> None:
    later = ISSUE.moments.window.end + dt.timedelta(days=1)
    assert mark(schedule, issue={"built_at": later}) == mark(schedule)
