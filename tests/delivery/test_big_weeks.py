"""Which issues are big: by the leads of earlier issues, or by a score that the schedule names."""

from __future__ import annotations

import dataclasses
import datetime as dt
from pathlib import Path

import pytest

from digest.bootstrap import House
from digest.delivery import big_weeks, freeze
from digest.model import Cadence, Issue, IssueStatus, Preferences, Rendered
from digest.schedules import PreferencesTable
from digest.store import issues, preferences, subscribers
from digest.store.engine import Database
from tests.delivery.sundays import SUNDAY, Post, a_house, put_approved, put_readers, send_of
from tests.people import ALICE, CAROL, confirmed
from tests.web.people import a_story

WEEK = dt.timedelta(weeks=1)


def with_lead(issue: Issue, score: float) -> Issue:
    assert issue.content is not None
    lead = a_story(1, "The quay is approved", score=score)
    return dataclasses.replace(issue, content=dataclasses.replace(issue.content, lead=lead))


def put_sent(house: House, scores: list[float], like: Issue) -> None:
    """Issues that were sent in the weeks before, with leads of these scores; the newest first."""
    rendered = Rendered(subject="s", preheader="p", html="h", text="t", checksum="c" * 64)
    with house.database.write() as session:
        for ago, score in enumerate(scores, 1):
            moments = house.schedule("sunday").calendar.moments(SUNDAY - ago * WEEK)
            issues.open_issue(session, "sunday", moments, now=moments.draft_at)
            made = issues.get(session, "sunday", moments.period)
            assert made is not None
            content = with_lead(like, score).content
            assert content is not None
            now = moments.deadline_at
            issues.save_draft(session, made.id, content, rendered, now=moments.draft_at)
            issues.approve(session, made.id, rendered.checksum, by="erin", now=now)
            for to in (IssueStatus.SENDING, IssueStatus.SENT):
                issues.move(session, made.id, to=to, now=moments.send_at)


def big(house: House, issue: Issue, bound: float | None = None) -> bool:
    table = PreferencesTable(big_story=bound)
    schedule = house.schedule("sunday").model_copy(update={"preferences": table})
    with house.database.read() as session:
        return big_weeks.is_big(session, issue, schedule)


@pytest.mark.parametrize("scale", [1.0, 0.1, 40.0])
def test_a_lead_among_the_highest_quarter_is_big_on_every_scale(
    database: Database, tmp_path: Path, scale: float
) -> None:
    house = a_house(database, tmp_path, Post())
    issue = put_approved(house)
    put_sent(house, [score * scale for score in (1, 2, 3, 4, 5, 6, 7, 8)], issue)
    assert big(house, with_lead(issue, 7.5 * scale))
    assert not big(house, with_lead(issue, 6.5 * scale))
    assert not big(house, with_lead(issue, 7 * scale)), "as high as two of eight is no higher"


def test_nobody_waits_for_a_big_week_before_there_is_anything_to_compare(
    sqlite: Database, tmp_path: Path
) -> None:
    house = a_house(sqlite, tmp_path, Post())
    issue = put_approved(house)
    put_sent(house, [9, 9, 9], issue)
    assert big(house, with_lead(issue, 0.5))
    assert not big(house, issue), "but an issue without a lead is never big"


def test_a_score_that_the_schedule_names_counts_alone(sqlite: Database, tmp_path: Path) -> None:
    house = a_house(sqlite, tmp_path, Post())
    issue = put_approved(house)
    assert big(house, with_lead(issue, 5.0), 5.0)
    assert not big(house, with_lead(issue, 4.9), 5.0)


@pytest.mark.parametrize(("score", "audience"), [(3.5, 1), (4.5, 2)])
def test_a_freeze_asks_for_the_leads_before(
    database: Database, tmp_path: Path, score: float, audience: int
) -> None:
    house = a_house(database, tmp_path, Post())
    put_readers(house, ["alice@reader.example", "bob@reader.example"])
    issue = put_approved(house)
    put_sent(house, [1, 2, 3, 4], issue)
    content = with_lead(issue, score).content
    assert content is not None
    rendered = Rendered(subject="s", preheader="p", html="h", text="t", checksum="d" * 64)
    with house.database.write() as session:
        bob = subscribers.by_address(session, "bob@reader.example")
        assert bob is not None
        only_big = Preferences(cadence=Cadence.BIG)
        preferences.keep(session, bob.id, "sunday", only_big, now=house.clock())
        issues.withdraw(session, issue.id, why="another lead", now=house.clock())
        issues.save_draft(session, issue.id, content, rendered, now=house.clock())
        issues.approve(session, issue.id, rendered.checksum, by="erin", now=house.clock())
    freeze.freeze(house, issue, now=house.clock())
    assert send_of(house, issue).audience == audience


def test_the_desk_hears_how_many_wait_for_a_big_week(database: Database, tmp_path: Path) -> None:
    house = a_house(database, tmp_path, Post())
    issue = put_approved(house)
    put_sent(house, [9, 9, 9, 9, 9], issue)
    schedule = house.schedule("sunday")
    now = issue.moments.draft_at
    with database.write() as session:
        assert big_weeks.foreseen(session, issue, schedule, now=now) is None
        waits = confirmed(session, ALICE)
        gone = confirmed(session, CAROL)
        for reader in (waits, gone):
            preferences.keep(session, reader, "sunday", Preferences(cadence=Cadence.BIG), now=now)
        subscribers.leave(session, gone, "sunday", now=now, method="page")
        small = big_weeks.foreseen(session, with_lead(issue, 1.0), schedule, now=now)
        great = big_weeks.foreseen(session, with_lead(issue, 10.0), schedule, now=now)
    assert (small, great) == ((False, 1), (True, 1))
