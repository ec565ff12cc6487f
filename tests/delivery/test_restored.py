"""A backup that is started again: what is too late is asked about, and no chunk of a lost sender is guessed at."""

from __future__ import annotations

import dataclasses
import datetime as dt
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from digest.bootstrap import House
from digest.delivery import sender
from digest.model import IssueStatus
from digest.reconcile import reconcile
from digest.store import sends
from digest.store.engine import Database
from digest.store.sends import ChunkState
from tests.delivery.hands import chunks_of
from tests.delivery.sundays import (
    Post,
    a_house,
    names,
    put_approved,
    put_frozen,
    put_readers,
    states,
)
from tests.houses import SetClock
from tests.test_reconcile import SEND, the_issue


def backup(database: Database, path: Path) -> str:
    """A copy of the database as it is now; https://www.sqlite.org/backup.html"""
    with (
        closing(sqlite3.connect(database.url.removeprefix("sqlite:///"))) as now,
        closing(sqlite3.connect(path)) as copy,
    ):
        now.backup(copy)
    return f"sqlite:///{path}"


@pytest.fixture
def restored(tmp_path: Path) -> Path:
    folder = tmp_path / "restored"
    folder.mkdir()
    return folder


def opened(url: str, folder: Path, post: Post, now: dt.datetime) -> House:
    return dataclasses.replace(a_house(Database(url), folder, post), clock=SetClock(now))


def test_f35_a_backup_from_before_the_send_asks_a_day_later_and_sends_nothing(
    sqlite: Database, tmp_path: Path, restored: Path
) -> None:
    first, second = Post(), Post()
    house = a_house(sqlite, tmp_path, first)
    put_readers(house, names(20))
    put_approved(house)
    url = backup(sqlite, restored / "digest.db")
    reconcile(house, now=SEND)
    sender.drain(house)
    assert first.accepted.total() == 20
    late = SEND + dt.timedelta(hours=24)
    again = opened(url, restored, second, late)
    steps = [step.did for step in reconcile(again, now=late)]
    sender.drain(again)
    assert "held: it is 24 h 00 min late: an editor must decide" in steps
    assert the_issue(again).status is IssueStatus.HELD
    assert second.asked.total() == 0
    again.database.close()


def test_f35_a_chunk_that_was_in_hand_when_the_backup_was_made_is_left_alone(
    sqlite: Database, tmp_path: Path, restored: Path
) -> None:
    """Its map is not in the backup: nobody can know who was mailed, so nobody is, by guess."""
    copies: list[str] = []

    def copy_it(recipient: str) -> None:
        if first.accepted.total() == 40:
            first.at = lambda _: None
            copies.append(backup(sqlite, restored / "digest.db"))

    first, second = Post(at=copy_it, pause_s=0.002), Post()
    house = a_house(sqlite, tmp_path, first)
    issue = put_frozen(house, names(200))
    sender.drain(house)
    assert states(house, issue) == {"accepted": 200}
    again = opened(copies[0], restored, second, SEND + dt.timedelta(hours=1))
    in_hand = [one for one in chunks_of(again, issue) if one.state is ChunkState.CLAIMED]
    with again.database.read() as session:
        theirs = sum(len(sends.reader_ids(session, one)) for one in in_hand)
    sender.drain(again)
    assert theirs == 200
    assert second.asked.total() == 0
    assert states(again, issue).keys() <= {"accepted", "waiting"}
    again.database.close()
