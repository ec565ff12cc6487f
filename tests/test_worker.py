"""The alarm clock, the polls and the sender in threads: they do the work, survive errors, and stop."""

from __future__ import annotations

import dataclasses
import datetime as dt
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import delete
from structlog.testing import capture_logs

from digest import worker
from digest.audience import addresses
from digest.bootstrap import House
from digest.delivery import sender
from digest.errors import Busy, SendHalted
from digest.model import IssueStatus
from digest.reconcile import reconcile
from digest.store import heartbeats, issues, subscribers
from digest.store.engine import Database
from digest.store.tables import NewsletterRow
from tests.delivery.sundays import Post, a_house, put_frozen
from tests.houses import MONDAY, SCHEDULE, SUNDAY, SetClock, make_house

ROOT = Path(__file__).parents[1]
STORY = "---\ntitle: {title}\ndate: 2026-11-2{day}T09:00:00Z\n---\n\n{body}\n"


@pytest.fixture
def house(sqlite: Database, tmp_path: Path) -> House:
    """A newsletter whose stories lie in a folder, with one reader, on Monday morning."""
    folder = tmp_path / "stories"
    folder.mkdir()
    for day, stem in enumerate(("kelp", "ferry", "chapel"), 3):
        body = " ".join(f"{stem}{n}" for n in range(60)).capitalize() + "."
        text = STORY.format(title=f"The {stem} story", day=day, body=body)
        (folder / f"{stem}.md").write_text(text, encoding="utf-8")
    source = f'kind = "markdown"\npath = "{folder}"\nevery = "5m"'
    made = make_house(sqlite, tmp_path, schedule=SCHEDULE.replace('kind = "api"', source))
    with sqlite.write() as session:
        alice = [(addresses.parse("alice@example.net"), "Alice")]
        subscribers.import_confirmed(session, "sunday", alice, key=made.key, now=MONDAY)
    reconcile(made, now=MONDAY)
    return made


def at(house: House, moment: dt.datetime) -> House:
    return dataclasses.replace(house, clock=SetClock(moment))


def wait_for(true: Callable[[], bool], seconds: float = 240.0) -> None:
    until = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < until, "it did not come about"
        time.sleep(0.05)


def status(house: House) -> IssueStatus | None:
    with house.database.read() as session:
        found = issues.get(session, "sunday", SUNDAY.isoformat())
    return found.status if found else None


def test_a_poll_that_finds_stories_makes_the_draft_at_once(house: House) -> None:
    worker.run_polls(at(house, MONDAY + dt.timedelta(days=4)))
    assert status(house) is IssueStatus.DRAFT


def test_everything_together_sends_the_sunday_mail(house: House) -> None:
    clock = SetClock(dt.datetime(2026, 11, 28, 17, tzinfo=dt.UTC))
    living = dataclasses.replace(house, clock=clock)
    with worker.everything(living):
        wait_for(lambda: status(living) is IssueStatus.DRAFT)
        clock.now = dt.datetime(2026, 11, 29, 8, 0, 5, tzinfo=dt.UTC)
        worker.run_reconcile(living)
        wait_for(lambda: status(living) is IssueStatus.SENT)
    assert len(list((living.data / "outbox").rglob("*.eml"))) == 1


def test_an_error_ends_neither_the_clock_nor_the_sender(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    turns: list[str] = []
    stop = threading.Event()

    def fails_first(name: str, enough: int = 2) -> Callable[..., None]:
        def call(*args: object, **kwargs: object) -> None:
            turns.append(name)
            if turns.count("drain") == enough:
                stop.set()
            raise RuntimeError("a defect")

        return call

    monkeypatch.setattr(worker, "DRAIN_EVERY_S", 0.01)
    monkeypatch.setattr(worker, "reconcile", fails_first("reconcile"))
    monkeypatch.setattr(worker.intake, "poll", fails_first("poll"))
    monkeypatch.setattr(worker.sender, "drain", fails_first("drain"))
    worker.run_polls(house)
    worker.run_reconcile(house)
    worker.Looking(house).run(stop)
    assert turns == ["poll", "reconcile", "drain", "drain"]


def test_a_worker_is_woken_only_where_there_is_a_queue(
    house: House, postgres: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert isinstance(worker.runner_of(house), worker.Looking)
    on_postgres = dataclasses.replace(house, database=postgres)
    assert isinstance(worker.runner_of(on_postgres), worker.Woken)
    monkeypatch.setattr(worker.jobs, "installed", lambda: False)
    assert isinstance(worker.runner_of(on_postgres), worker.Looking)


@pytest.mark.parametrize("error", [Busy("away for a moment"), RuntimeError("a defect")])
def test_a_sender_that_cannot_begin_begins_a_little_later(
    house: House, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    """Also where the database is away when it asks how its work comes."""
    asked: list[int] = []
    sending = threading.Event()

    def runner_of(asking: House) -> worker.Looking:
        asked.append(1)
        if len(asked) < 3:
            raise error
        return worker.Looking(asking)

    def drain(*args: object, **kwargs: object) -> sender.Drained:
        sending.set()
        return sender.Drained()

    monkeypatch.setattr(worker, "DRAIN_EVERY_S", 0.01)
    monkeypatch.setattr(worker, "runner_of", runner_of)
    monkeypatch.setattr(worker.sender, "drain", drain)
    with worker.everything(house, clock=False):
        assert sending.wait(240)
    assert len(asked) == 3


def test_a_queue_that_fails_leaves_the_looking_alone(
    house: House, postgres: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    stop, failed, drains = threading.Event(), threading.Event(), []

    async def fails(*args: object, **kwargs: object) -> None:
        failed.set()
        raise Busy("the queue cannot be reached")

    def drain(*args: object, **kwargs: object) -> sender.Drained:
        drains.append(1)
        if failed.is_set() and len(drains) > 2:
            stop.set()
        return sender.Drained()

    monkeypatch.setattr(worker, "DRAIN_EVERY_S", 0.01)
    monkeypatch.setattr(worker.jobs, "serve", fails)
    monkeypatch.setattr(worker.sender, "drain", drain)
    worker.Woken(dataclasses.replace(house, database=postgres)).run(stop)
    assert failed.is_set()


def test_the_last_hours_stories_are_in_the_final_draft(house: House, tmp_path: Path) -> None:
    friday, cut_off = MONDAY + dt.timedelta(days=4), dt.datetime(2026, 11, 28, 18, tzinfo=dt.UTC)
    worker.run_polls(at(house, friday))
    body = " ".join(f"late{n}" for n in range(60)).capitalize() + "."
    text = STORY.format(title="The late story", day=8, body=body)
    (tmp_path / "stories" / "late.md").write_text(text, encoding="utf-8")
    worker.run_reconcile(at(house, cut_off))
    with house.database.read() as session:
        issue = issues.get(session, "sunday", SUNDAY.isoformat())
    assert issue is not None
    assert issue.content is not None
    assert issue.content.coverage.total == 4


def test_the_alarm_clock_forgives_a_late_wake_up_and_never_runs_a_job_twice_at_once(
    house: House,
) -> None:
    jobs = worker.alarm_clock(house).get_jobs()
    often = {"run_polls", "run_reconcile", "run_links"}
    names = {*often, "run_tidying", "run_measuring", "run_alarm", "run_hooks"}
    assert {job.id for job in jobs} == names
    for job in jobs:
        assert (job.coalesce, job.max_instances, job.misfire_grace_time) == (True, 1, None)


def test_a_worker_alone_works_until_it_is_asked_to_stop(house: House, tmp_path: Path) -> None:
    (tmp_path / "worker").mkdir()
    (tmp_path / "worker" / "secret.key").write_text(house.key.hex(), encoding="ascii")
    process = subprocess.Popen(
        [sys.executable, "-m", "digest", "worker"],
        cwd=tmp_path,
        env={
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(ROOT),
            "DIGEST_DATABASE_URL": house.database.url,
            "DIGEST_DATA": str(tmp_path / "worker"),
            "DIGEST_SCHEDULES": str(tmp_path / "schedules"),
        },
        stderr=subprocess.DEVNULL,
    )

    def beaten() -> bool:
        with house.database.read() as session:
            last = heartbeats.last(session, "reconcile")
        return last is not None and last != MONDAY

    try:
        wait_for(beaten)
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=240) == 0
    finally:
        process.kill()
        process.wait()


def test_a_worker_first_started_after_the_cut_off_makes_the_weeks_draft(
    sqlite: Database, house: House
) -> None:
    """Its clock and its polls begin at the same moment: whichever comes first, nothing is skipped."""
    with sqlite.write() as session:
        session.execute(delete(NewsletterRow))
    late = at(house, dt.datetime(2026, 11, 28, 21, tzinfo=dt.UTC))
    worker.run_reconcile(late)
    assert status(house) is IssueStatus.DUE
    worker.run_reconcile(late)  # its source is asked right before the draft
    assert status(house) is IssueStatus.DRAFT


def test_a_worker_says_at_once_which_send_stands_and_then_keeps_quiet(
    sqlite: Database, tmp_path: Path
) -> None:
    house = a_house(sqlite, tmp_path, Post(name="smtp", doors=[SendHalted("535 no")]))
    put_frozen(house, ["alice@example.net"])
    sender.drain(house)
    looking = worker.Looking(house)
    with capture_logs() as logs:
        for _ in range(3):
            looking.drain(threading.Event())
    told = [line for line in logs if line["event"] == "a paused send waits for a person"]
    assert len(told) == 1
    assert "DIGEST_SMTP_PASSWORD" in told[0]["remedy"]


def test_the_program_that_runs_is_known_from_its_start_on(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A draft is made at the first hour: by then an update may lie where the program was read from."""
    asked = []
    monkeypatch.setattr(worker.program, "mark", lambda: asked.append("mark"))
    with worker.everything(house, clock=False, sending=False):
        assert asked == ["mark"]
