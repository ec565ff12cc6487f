"""Clocks that step, restarts in a storm, schedules edited meanwhile: one issue a Sunday, one copy a reader."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from digest.audience import addresses
from digest.bootstrap import House
from digest.delivery import sender
from digest.model import IncomingArticle, IssueStatus
from digest.reconcile import reconcile
from digest.store import articles, issues, subscribers
from digest.store.engine import Database
from tests.delivery.sundays import Post, names, states
from tests.houses import MONDAY, SCHEDULE, SetClock, make_house
from tests.test_reconcile import CUT_OFF, DEADLINE, SEND, did, put, the_issue

READERS = 60
HOURS = dt.timedelta(hours=1)


@pytest.fixture
def post() -> Post:
    return Post()


@pytest.fixture
def house(database: Database, tmp_path: Path, post: Post) -> House:
    """An issue that is approved, with sixty readers, right before its hour."""
    made = dataclasses.replace(make_house(database, tmp_path), provider=post)
    reconcile(made, now=MONDAY)
    put(made, 6)
    rows = [(addresses.parse(one), "") for one in names(READERS)]
    with database.write() as session:
        subscribers.import_confirmed(session, "sunday", rows, key=made.key, now=MONDAY)
    reconcile(made, now=CUT_OFF)
    reconcile(made, now=DEADLINE)
    return made


def set_clock(house: House, now: dt.datetime) -> None:
    clock = house.clock
    assert isinstance(clock, SetClock)
    clock.now = now


def work(house: House, now: dt.datetime) -> list[str]:
    """What a running program does at `now`: it reconciles, and sends what is due."""
    set_clock(house, now)
    steps = did(house, now)
    sender.drain(house)
    return steps


def once_each(house: House, post: Post) -> None:
    assert post.accepted == dict.fromkeys(names(READERS), 1)
    assert states(house, the_issue(house)) == {"accepted": READERS}
    with house.database.read() as session:
        found = issues.unfinished(session, "sunday")
    assert [one.period for one in found if one.moments.send_at <= SEND] == []


@contextmanager
def restarted(house: House, folder: Path) -> Iterator[House]:
    """The same house, as a program that has just been started opens it."""
    database = Database(house.database.url)
    yield dataclasses.replace(make_house(database, folder), provider=house.provider)
    database.close()


def test_f25_a_clock_that_steps_back_and_forward_three_hours_makes_no_second_send(
    house: House, post: Post
) -> None:
    steps = [
        did_at
        for hours in (-3, 0, -3, 0, 3, -3, 3, 0)
        for did_at in work(house, SEND + hours * HOURS)
    ]
    assert [one for one in steps if one.startswith("send")] == ["sending"]
    work(house, SEND + HOURS)
    once_each(house, post)


def test_f25_a_clock_that_steps_in_the_middle_of_a_send_mails_nobody_twice(
    house: House, post: Post
) -> None:
    steps = iter((-3, 3, 0, -3, 3, 0))

    def step(recipient: str) -> None:
        if post.accepted.total() % 8 == 0:
            set_clock(house, SEND + next(steps, 0) * HOURS)

    post.at = step
    work(house, SEND)
    post.at = lambda _: None
    work(house, SEND + HOURS)
    work(house, SEND + 2 * HOURS)
    once_each(house, post)


def test_f26_f27_twenty_restarts_around_the_hour_are_one_send(
    house: House, post: Post, tmp_path: Path
) -> None:
    """Every six seconds from a minute before, each a new program, and the last an hour later."""
    begun = SEND - dt.timedelta(minutes=1)
    steps: list[str] = []
    for number in range(20):
        with restarted(house, tmp_path) as again:
            steps += work(again, begun + number * dt.timedelta(seconds=6))
    with restarted(house, tmp_path) as again:
        steps += work(again, SEND + HOURS)
    assert [one for one in steps if one.startswith("sending")] == ["sending"]
    once_each(house, post)


def test_f28_an_edited_hour_changes_nothing_for_a_send_that_is_on_its_way(
    house: House, post: Post, tmp_path: Path
) -> None:
    edited = make_house(
        house.database,
        tmp_path,
        schedule=SCHEDULE.replace("[compose]", '[deliver]\nat = "sunday 11:00"\n[compose]'),
    )
    later = dataclasses.replace(house, schedules=edited.schedules)

    def edit(recipient: str) -> None:
        if post.accepted.total() == 20:
            post.at = lambda _: None
            assert did(later, SEND) == []

    post.at = edit
    work(house, SEND)
    assert post.accepted.total() == READERS
    for hours in (1, 3, 4):
        assert "sending" not in work(later, SEND + hours * HOURS)
    once_each(later, post)
    put(later, 3, first=6, when=SEND + 24 * HOURS, seen=SEND + 24 * HOURS)
    reconcile(later, now=SEND + 25 * HOURS)
    assert the_issue(later, "2026-12-06").moments.send_at == SEND + dt.timedelta(days=7, hours=2)


def test_f30_a_week_of_one_story_printed_six_times_is_skipped_and_the_editors_hear_why(
    sqlite: Database, tmp_path: Path
) -> None:
    made = make_house(sqlite, tmp_path)
    reconcile(made, now=MONDAY)
    text = ". ".join(f"The ferry {n} came to quay {n} with {n} crates of kelp" for n in range(40))
    with sqlite.write() as session:
        for number in range(6):
            story = IncomingArticle(
                source="desk",
                source_id=f"copy-{number}",
                url=f"https://gazette.example/copy/{number}",
                title="The ferry came in",
                text=text + ".",
                section="Town",
                published_at=MONDAY + number * HOURS,
            )
            articles.save(session, story, now=MONDAY)
    steps = did(made, CUT_OFF)
    assert len(steps) == 1
    assert steps[0].startswith("skipped")
    assert the_issue(made).status is IssueStatus.SKIPPED
