"""The database held by somebody, away, or on a disk with errors, in the middle of a send: it goes on, once each."""

from __future__ import annotations

import dataclasses
import functools
import os
import resource
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.exc import OperationalError

from digest.bootstrap import House
from digest.delivery import finish, sender
from digest.errors import Busy, Conflict, DigestError
from digest.model import Issue
from digest.store import postgres as limits
from digest.store import snapshots
from digest.store.engine import Database
from tests.delivery.silent_line import SilentLine
from tests.delivery.sundays import Post, a_house, names, put_frozen, send_of, states

READERS = 2000


class Holder:
    """Another program that takes the ledger for itself, from another connection."""

    def __init__(self, database: Database) -> None:
        patient = {"timeout": 240} if database.is_sqlite else {}
        self.engine = create_engine(
            database.url, isolation_level="AUTOCOMMIT", connect_args=patient
        )
        self.has_it = threading.Event()
        self.take = "LOCK TABLE delivery IN ACCESS EXCLUSIVE MODE"
        if database.is_sqlite:
            self.take = "BEGIN EXCLUSIVE"

    @contextmanager
    def holding(self) -> Iterator[None]:
        with self.engine.connect() as connection:
            if not self.take.startswith("BEGIN"):
                connection.execute(text("BEGIN"))
            connection.execute(text(self.take))
            self.has_it.set()
            yield
            connection.execute(text("ROLLBACK"))

    def hold(self, until: Callable[[], object]) -> threading.Thread:
        """In a thread, as soon as it is free, for as long as `until` takes."""

        def work() -> None:
            with self.holding():
                until()

        return threading.Thread(target=work, daemon=True)


@pytest.fixture
def holder(database: Database) -> Iterator[Holder]:
    found = Holder(database)
    yield found
    found.engine.dispose()


def at_mail(post: Post, number: int, act: Callable[[], None]) -> None:
    """Do it once, when so many were accepted."""

    def look(recipient: str) -> None:
        if post.accepted.total() == number:
            post.at = lambda _: None
            act()

    post.at = look


def everybody_once(house: House, issue: Issue, post: Post) -> None:
    assert states(house, issue) == {"accepted": READERS}
    assert set(post.accepted.values()) == {1}
    assert finish.finish(house, now=house.clock()) == [issue.id]


def test_f6_a_ledger_that_somebody_holds_is_waited_for(
    database: Database, tmp_path: Path, holder: Holder
) -> None:
    """Nobody is mailed beyond those who were given out before, and the send goes on by itself."""
    post = Post(pause_s=0.004)
    house = a_house(database, tmp_path, post)
    issue = put_frozen(house, names(READERS))
    seen: list[int] = []

    def for_a_while() -> None:
        time.sleep(1.0)
        seen.append(post.accepted.total())

    thread = holder.hold(for_a_while)
    at_mail(post, 40, thread.start)
    post.waits = lambda _: thread.is_alive() and not holder.has_it.is_set()
    sender.drain(house)
    thread.join()
    assert 40 <= seen[0] < READERS
    everybody_once(house, issue, post)


def test_a_file_that_goes_in_the_middle_of_a_send_stops_it_and_put_back_it_goes_on(
    sqlite: Database, tmp_path: Path
) -> None:
    """Else the rest of the week would be mailed and written down in a file without a name."""
    post = Post(pause_s=0.004)
    house = a_house(sqlite, tmp_path / "data", post)
    issue = put_frozen(house, names(READERS))
    path, elsewhere = snapshots.file_of(sqlite), tmp_path / "elsewhere.db"
    at_mail(post, 40, functools.partial(os.rename, path, elsewhere))
    with pytest.raises(Busy, match="the database's file is gone"):
        sender.drain(house)
    assert 40 <= post.accepted.total() < READERS
    elsewhere.rename(path)
    sender.drain(house)
    everybody_once(house, issue, post)


def test_f6_who_holds_it_for_too_long_stops_the_send_and_the_next_try_goes_on(
    database: Database, tmp_path: Path, holder: Holder
) -> None:
    """Longer than a writer waits: 30 s, here 0.2 s."""
    impatient = Database(database.url, busy_ms=200)
    post = Post(pause_s=0.004)
    house = a_house(database, tmp_path, post)
    issue = put_frozen(house, names(READERS))
    let_go = threading.Event()
    thread = holder.hold(let_go.wait)
    at_mail(post, 40, thread.start)
    post.waits = lambda _: thread.is_alive() and not holder.has_it.is_set()
    with pytest.raises(Busy):
        sender.drain(dataclasses.replace(house, database=impatient))
    let_go.set()
    thread.join()
    assert 40 <= post.accepted.total() < READERS
    assert send_of(house, issue).reason == ""
    sender.drain(house)
    everybody_once(house, issue, post)
    impatient.close()


def test_f6_a_postgresql_that_says_nothing_any_more_ends_the_send_and_a_stop_is_obeyed(
    postgres: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its system still takes what is sent: so only the silence tells. 10 s of it, here half a second."""
    with SilentLine.to(postgres) as line:
        behind = Database(line.url, busy_ms=500)
        post = Post(pause_s=0.004)
        house = a_house(behind, tmp_path, post)
        issue = put_frozen(house, names(READERS))

        def fall_silent() -> None:
            line.fall_silent()
            monkeypatch.setattr(limits, "PROBE_S", 2)

        monkeypatch.setattr(limits, "PROBE_S", 60)
        at_mail(post, 40, fall_silent)
        with pytest.raises(
            (Busy, Conflict)
        ):  # whichever line is asked first: the one with the locks, too
            sender.drain(house, stop=lambda: line.is_silent)
        assert 40 <= post.accepted.total() < READERS
        monkeypatch.setattr(limits, "PROBE_S", 60)
        line.speak()
        post.pause_s = 0.0
        assert states(house, issue).get("accepted", 0) <= post.accepted.total()
        sender.drain(house)
        everybody_once(house, issue, post)
        behind.close()


@contextmanager
def no_file_grows_past(size: int) -> Iterator[Callable[[], None]]:
    """A write beyond it fails (EFBIG), which SQLite takes for an error of the disk; setrlimit(2)."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)

    def mend() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))

    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield mend
    finally:
        mend()


def test_f8_a_disk_with_errors_stops_the_send_and_the_ledger_stays_true(
    sqlite: Database, tmp_path: Path
) -> None:
    post = Post()
    house = a_house(sqlite, tmp_path, post)
    issue = put_frozen(house, names(READERS))
    log = Path(sqlite.url.removeprefix("sqlite:///") + "-wal")
    with no_file_grows_past(log.stat().st_size + 2**16) as mend:
        with pytest.raises(OperationalError, match="disk I/O error"):
            sender.drain(house)
        mend()
    assert post.accepted.total() < READERS
    assert states(house, issue).get("accepted", 0) <= post.accepted.total()
    sender.drain(house)
    everybody_once(house, issue, post)
    with sqlite.engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA integrity_check").scalar_one() == "ok"


def test_f38_a_postgresql_that_throws_everybody_out_loses_nobody(
    postgres: Database, tmp_path: Path
) -> None:
    """What a restart does to those who are connected, five times in one send."""
    post = Post(pause_s=0.003)
    house = a_house(postgres, tmp_path, post)
    issue = put_frozen(house, names(READERS))
    server = create_engine(postgres.url, isolation_level="AUTOCOMMIT")
    thrown: list[int] = []

    def throw_out() -> None:
        everybody = "datname = current_database() AND pid <> pg_backend_pid()"
        kill = f"SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE {everybody}"
        with server.connect() as connection:
            thrown.append(connection.execute(text(kill)).scalar_one())

    beside = [threading.Thread(target=throw_out) for _ in range(5)]
    waiting = list(beside)

    def look(recipient: str) -> None:
        begun = len(beside) - len(waiting)
        if waiting and post.accepted.total() >= (begun + 1) * READERS // 8:
            waiting.pop(0).start()

    post.at, post.waits = look, lambda _: any(one.is_alive() for one in beside)
    stopped = _drained(house, issue)
    server.dispose()
    assert len(thrown) == 5
    assert stopped >= 1
    everybody_once(house, issue, post)


def _drained(house: House, issue: Issue) -> int:
    """Drain as the worker does, again after each error of ours; how often it was stopped by one."""
    stopped, end = 0, time.monotonic() + 240
    while time.monotonic() < end:
        try:
            sender.drain(house)
            if states(house, issue) == {"accepted": READERS}:
                return stopped
        except DigestError:
            stopped += 1
    raise TimeoutError(f"not done: {states(house, issue)}")
