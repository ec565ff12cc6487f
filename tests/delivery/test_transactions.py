"""A tick's way to the disk: whole or not at all, also where nobody waits for it any more."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable

import pytest
from sqlalchemy import text

from digest.delivery import transactions
from digest.delivery.ticks import Tick
from digest.delivery.transactions import Acts
from digest.errors import NoRoom
from digest.store.engine import Database, Session

TIMEOUT_S = 30


@pytest.fixture
def marks(sqlite: Database) -> Database:
    with sqlite.write() as session:
        session.connection().exec_driver_sql("CREATE TABLE mark (id INTEGER)")
    return sqlite


def write(session: Session, found: Tick) -> None:
    session.connection().exec_driver_sql("INSERT INTO mark VALUES (1)")


def written(database: Database) -> int:
    with database.read() as session:
        return int(session.execute(text("SELECT count(*) FROM mark")).scalar_one())


class Watched:
    """What followed a tick, with what was on record by then."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.told: list[tuple[str, int]] = []

    def acts(self, work: Callable[[Session, Tick], None] = write) -> Acts:
        return Acts(work, lambda _: self._note("kept"), lambda _: self._note("undone"))

    def _note(self, what: str) -> None:
        self.told.append((what, written(self.database)))


async def ticked(database: Database, acts: Acts) -> None:
    await transactions.beside_the_wire(database, acts, asyncio.get_running_loop().time)


def test_what_is_cancelled_while_it_is_committed_is_committed_first(
    marks: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, may_end, commit = threading.Event(), threading.Event(), marks.commit_now
    watched = Watched(marks)

    def slow(session: Session) -> None:
        begun.set()
        assert may_end.wait(TIMEOUT_S)
        commit(session)

    async def cancelled() -> None:
        task = asyncio.create_task(ticked(marks, watched.acts()))
        assert await asyncio.to_thread(begun.wait, TIMEOUT_S)
        for _ in range(2):
            task.cancel()
            await asyncio.wait([task], timeout=0.1)
        assert not task.done(), "the thread is at work on the session"
        may_end.set()
        with pytest.raises(asyncio.CancelledError):
            await task

    monkeypatch.setattr(marks, "commit_now", slow)
    asyncio.run(cancelled())
    assert watched.told == [("kept", 1), ("undone", 1)]


def test_where_it_cannot_be_committed_nothing_is_written_and_nothing_kept(
    marks: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(session: Session) -> None:
        raise NoRoom("the disk of the database is full")

    watched = Watched(marks)
    monkeypatch.setattr(marks, "commit_now", full)
    with pytest.raises(NoRoom):
        asyncio.run(ticked(marks, watched.acts()))
    assert watched.told == [("undone", 0)]
    with marks.write(wait=False):
        assert written(marks) == 0, "nobody holds its lock any more"
