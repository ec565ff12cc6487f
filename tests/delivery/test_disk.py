"""A disk that fills: the send stops at once, nobody is forgotten or mailed twice, and it goes on by itself."""

from __future__ import annotations

import shutil
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import event

from digest.delivery import finish, sender
from digest.delivery.watch import Watch
from digest.errors import NoRoom
from digest.store.engine import Database
from tests.delivery.sundays import Post, a_house, names, put_frozen, send_of, states


class Disk:
    """SQLite's own limit on the file's size stands for a disk's: it answers SQLITE_FULL all the same."""

    def __init__(self, database: Database) -> None:
        self.database, self.pages = database, 2**30
        event.listen(database.engine, "checkout", self._limit)

    def _limit(self, connection: Any, record: Any, proxy: Any) -> None:
        connection.execute(f"PRAGMA max_page_count={self.pages}")

    def fill(self) -> None:
        with self.database.engine.connect() as connection:
            self.pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()

    def free(self) -> None:
        self.pages = 2**30


@pytest.fixture
def disk(sqlite: Database) -> Disk:
    return Disk(sqlite)


def test_f7_a_disk_that_fills_stops_the_send_and_it_goes_on_when_there_is_room(
    sqlite: Database, tmp_path: Path, disk: Disk
) -> None:
    def fill_it(recipient: str) -> None:
        if post.accepted.total() == 40:
            disk.fill()

    post = Post(at=fill_it, pause_s=0.005)
    house = a_house(sqlite, tmp_path, post)
    issue = put_frozen(house, names(2500))
    with pytest.raises(NoRoom):
        sender.drain(house)
    sent = post.accepted.total()
    assert 40 <= sent < 2500
    assert send_of(house, issue).reason == ""  # nobody needs to resume it
    disk.free()
    post.at, post.pause_s = (lambda recipient: None), 0.0
    sender.drain(house)
    assert states(house, issue) == {"accepted": 2500}
    assert set(post.accepted.values()) == {1}
    assert finish.finish(house, now=house.clock()) == [issue.id]
    with sqlite.engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA integrity_check").scalar_one() == "ok"


def test_f7_a_send_that_stays_until_all_is_done_waits_for_room(
    sqlite: Database, tmp_path: Path, disk: Disk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sender, "LOOK_AGAIN_S", 0.05)
    told: list[str] = []

    def fill_it(recipient: str) -> None:
        if post.accepted.total() == 20:
            post.at = lambda _: None
            disk.fill()

    def free_it(watch: Watch, why: str) -> None:
        told.append(why)
        if len(told) == 2:
            disk.free()

    monkeypatch.setattr(Watch, "no_room", free_it)
    post = Post(at=fill_it, pause_s=0.001)
    house = a_house(sqlite, tmp_path, post)
    issue = put_frozen(house, names(2500))
    sender.drain(house, until_empty=True)
    assert told == ["the disk of the database is full"] * 2
    assert states(house, issue) == {"accepted": 2500}
    assert set(post.accepted.values()) == {1}


def test_f7_no_send_begins_with_hardly_any_room(
    sqlite: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    post = Post()
    house = a_house(sqlite, tmp_path, post)
    issue = put_frozen(house, names(3))
    with monkeypatch.context() as patched:
        patched.setattr(shutil, "disk_usage", lambda path: SimpleNamespace(free=99 * 2**20))
        with pytest.raises(NoRoom, match="99 MB are free"):
            sender.drain(house)
    assert post.asked.total() == 0
    sender.drain(house)
    assert states(house, issue) == {"accepted": 3}
