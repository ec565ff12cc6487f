"""The log: appended, read newest first, part of its transaction."""

from __future__ import annotations

import datetime as dt

import pytest

from digest.errors import NotFound
from digest.store import events
from digest.store.engine import Database, Session
from digest.store.events import Event
from tests.people import NOW


def record(session: Session, action: str, *, minute: int = 0) -> None:
    at = NOW + dt.timedelta(minutes=minute)
    events.record(session, at=at, actor="editor:1", action=action, data={"n": minute})


def recent(database: Database, limit: int = 10) -> list[Event]:
    with database.read() as session:
        return events.recent(session, limit=limit)


def test_the_newest_line_comes_first_and_no_more_than_asked(database: Database) -> None:
    with database.write() as session:
        record(session, "second", minute=2)
        record(session, "first", minute=1)
        record(session, "third", minute=2)
    assert [one.action for one in recent(database)] == ["third", "second", "first"]
    (newest,) = recent(database, limit=1)
    assert newest == Event(NOW + dt.timedelta(minutes=2), "editor:1", "third", "", {"n": 2})


def fail_after_recording(database: Database) -> None:
    with database.write() as session:
        record(session, "never")
        raise NotFound


def test_a_line_goes_with_the_transaction_that_did_not_end_well(database: Database) -> None:
    with pytest.raises(NotFound):
        fail_after_recording(database)
    assert recent(database) == []


def test_a_line_that_is_too_long_is_cut_not_refused(database: Database) -> None:
    with database.write() as session:
        events.record(session, at=NOW, actor="a" * 300, action="b" * 300, subject="c" * 300)
    (line,) = recent(database)
    assert (len(line.actor), len(line.action), len(line.subject)) == (60, 40, 100)
