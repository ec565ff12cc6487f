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
    at = NOW + dt.timedelta(minutes=2)
    assert newest == Event(at, "editor:1", "third", "", {"n": 2}, "", 3, newest.hash)


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


def test_lines_are_found_by_who_what_on_which_thing_and_when(database: Database) -> None:
    hour = dt.timedelta(hours=1)
    acts = (("editor:1", "approved", "sunday/1"), ("editor:2", "held", "sunday/2"))
    acts += (("editor:1", "held", "sundays/1"), ("editor:1", "erased", "subscriber:7"))
    with database.write() as session:
        for n, (actor, action, subject) in enumerate(acts):
            events.record(session, at=NOW + n * hour, actor=actor, action=action, subject=subject)

    def found(**wanted: object) -> list[int]:
        with database.read() as session:
            lines = events.find(session, events.Wanted(**wanted), limit=9)  # type: ignore[arg-type]
            assert [one.number for one in lines] == sorted(
                (one.number for one in lines), reverse=True
            )
            each = [one.number for one in events.each(session, events.Wanted(**wanted))]  # type: ignore[arg-type]
        assert each == [one.number for one in reversed(lines)]
        return each

    assert found() == [1, 2, 3, 4]
    assert found(actor="editor:1", action="held") == [3]
    assert found(subject="sunday") == [1, 2], "the newsletter, and none whose name begins alike"
    assert found(subject="sunday/2") == [2]
    assert found(subject="subscriber") == [4]
    assert found(subject="sun%") == []
    assert found(since=NOW + hour, until=NOW + 3 * hour) == [2, 3]
    assert found(below=3) == [1, 2]
    with database.read() as session:
        assert events.actions(session) == ["approved", "erased", "held"]
        assert events.actors(session) == ["editor:1", "editor:2"]
        assert events.last_by(session, ("held",)) == {
            "editor:1": NOW + 2 * hour,
            "editor:2": NOW + hour,
        }
