"""Errands of the desk: each step once, by whoever comes first."""

from __future__ import annotations

import datetime as dt

import pytest

from digest.errors import Conflict, NotFound
from digest.store import errands
from digest.store.engine import Database
from digest.store.errands import Errand, Kind, State
from tests.people import NOW

SECOND = dt.timedelta(seconds=1)


def begun(database: Database, state: State = State.LOOKING) -> Errand:
    with database.write() as session:
        return errands.begin(
            session, Kind.IMPORT, actor="editor:1", state=state, newsletter="sunday", now=NOW
        )


def moved(database: Database, errand: Errand, to: State, **values: object) -> Errand:
    with database.write() as session:
        return errands.move(session, errand, to, now=NOW + SECOND, **values)


def test_of_two_who_press_at_once_one_is_told_so(database: Database) -> None:
    errand = begun(database, State.LOOKED)
    running = moved(database, errand, State.RUNNING)
    assert running.state is State.RUNNING
    with pytest.raises(Conflict):
        moved(database, errand, State.RUNNING)


def test_what_is_over_moves_no_more(database: Database) -> None:
    errand = moved(database, begun(database, State.RUNNING), State.DONE, told={"total": 3})
    assert errand.told == {"total": 3}
    for state in State:
        with pytest.raises(Conflict):
            moved(database, errand, state)


def test_an_errand_says_how_far_it_is_until_somebody_drops_it(database: Database) -> None:
    errand = begun(database)
    with database.write() as session:
        assert errands.advance(session, errand.id, 5, 10, now=NOW + SECOND)
        found = errands.by_id(session, errand.id)
        assert (found.rows, found.total, found.changed_at) == (5, 10, NOW + SECOND)
        errands.move(session, found, State.DROPPED, now=NOW + 2 * SECOND)
        assert not errands.advance(session, errand.id, 6, 10, now=NOW + 3 * SECOND)
        assert errands.open_ones(session) == []


def test_one_that_is_silent_for_a_minute_has_stopped(database: Database) -> None:
    errand = begun(database)
    assert not errand.has_stopped(NOW + errands.STOPPED)
    assert errand.has_stopped(NOW + errands.STOPPED + SECOND)
    waiting = begun(database, State.LOOKED)
    assert not waiting.has_stopped(NOW + 100 * errands.STOPPED), "that one waits for a person"


def test_old_ones_are_forgotten(database: Database) -> None:
    errand = begun(database)
    with database.write() as session:
        assert errands.forget(session, before=NOW) == []
        assert errands.forget(session, before=NOW + SECOND) == [errand.id]
        with pytest.raises(NotFound):
            errands.by_id(session, errand.id)
