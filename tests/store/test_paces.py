"""The memory of the pace: rows that are made when first asked for, and go when they say nothing."""

from __future__ import annotations

import datetime as dt
from concurrent.futures import ThreadPoolExecutor

from sqlalchemy import select, text
from sqlmodel import col

from digest.store import paces
from digest.store.engine import Database
from digest.store.paces import Kept
from digest.store.tables import PaceRow
from tests.people import NOW

HOUR = dt.timedelta(hours=1)


def put(database: Database, **states: str) -> None:
    with database.write() as session:
        paces.locked(session, "smtp", list(states))
        paces.put(session, "smtp", {name: Kept(state, NOW) for name, state in states.items()})


def names(database: Database) -> set[str]:
    with database.read() as session:
        return set(session.scalars(select(col(PaceRow.name))))


def test_what_nobody_put_is_empty_and_what_was_put_is_found_again(database: Database) -> None:
    with database.write() as session:
        assert paces.locked(session, "smtp", ["", "b.example"]) == {"": "", "b.example": ""}
    put(database, **{"b.example": "two"})
    with database.write() as session:
        assert paces.locked(session, "smtp", ["b.example", ""]) == {"": "", "b.example": "two"}
        assert paces.locked(session, "postmark", ["b.example"]) == {"b.example": ""}


def test_a_write_that_fails_has_granted_nothing(database: Database) -> None:
    put(database, a="kept")
    try:
        with database.write() as session:
            paces.put(session, "smtp", {"a": Kept("lost", None)})
            raise RuntimeError
    except RuntimeError:
        pass
    with database.write() as session:
        assert paces.locked(session, "smtp", ["a"]) == {"a": "kept"}


def test_stale_rows_are_forgotten_and_the_others_stay(database: Database) -> None:
    put(database, old="1", young="1", lasting="1")
    with database.write() as session:
        paces.put(session, "smtp", {"young": Kept("1", NOW + HOUR), "lasting": Kept("1", None)})
    with database.write() as session:
        assert paces.forget(session, now=NOW + HOUR) == 1
    assert names(database) == {"young", "lasting"}


def test_what_another_process_holds_is_not_forgotten(postgres: Database) -> None:
    put(postgres, old="1", held="1")
    with postgres.write() as holder:
        paces.locked(holder, "smtp", ["held"])
        with postgres.write() as session:
            assert paces.forget(session, now=NOW + HOUR) == 1
    assert names(postgres) == {"held"}


def test_many_at_once_see_each_other_s_state(database: Database) -> None:
    """Each adds a letter: none is lost, though all begin without a row."""

    def add(letter: str) -> None:
        other = Database(database.url)
        for _ in range(5):
            with other.write() as session:
                found = paces.locked(session, "smtp", ["b", "a", ""])
                kept = {name: Kept(state + letter, None) for name, state in found.items()}
                paces.put(session, "smtp", kept)
        other.close()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(add, "wxyz"))
    with database.write() as session:
        found = paces.locked(session, "smtp", ["", "a", "b"])
    assert {"".join(sorted(state)) for state in found.values()} == {"wwwwwxxxxxyyyyyzzzzz"}


def test_a_row_is_held_until_its_reader_commits(postgres: Database) -> None:
    put(postgres, a="1")
    with postgres.write() as holder:
        paces.locked(holder, "smtp", ["a"])
        with postgres.read() as session:
            nowait = text("SELECT 1 FROM pace WHERE name = 'a' FOR UPDATE SKIP LOCKED")
            assert session.execute(nowait).first() is None
