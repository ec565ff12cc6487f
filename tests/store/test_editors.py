"""Editors: one seat an address, sessions that end."""

from __future__ import annotations

import datetime as dt

import pytest
from sqlalchemy import func, select

from digest.errors import BadInput
from digest.model import EditorId
from digest.store import editors, tokens
from digest.store.editors import Editor, EditorSession
from digest.store.engine import Database
from digest.store.tables import SessionRow
from tests.people import ERIN, NOW

HOUR = dt.timedelta(hours=1)


def add(database: Database, email: str = ERIN, role: str = "admin") -> EditorId:
    with database.write() as session:
        return editors.add(session, email, name="Erin", role=role, now=NOW)


def log_in(database: Database, editor_id: EditorId, *, now: dt.datetime = NOW) -> tuple[str, str]:
    with database.write() as session:
        return editors.open_session(session, editor_id, now=now)


def session_of(database: Database, secret: str, *, now: dt.datetime) -> EditorSession | None:
    """A request with this cookie, noted if it opens something."""
    with database.write() as session:
        found = editors.session_of(session, secret, now=now)
        if found is not None:
            editors.note_seen(session, secret, now=now)
    return found


def test_an_editor_is_found_by_address_in_any_letters_and_by_id(database: Database) -> None:
    editor_id = add(database, "Erin@Gazette.example")
    expected = Editor(editor_id, ERIN, "Erin", "admin", NOW)
    with database.read() as session:
        assert editors.by_email(session, " ERIN@gazette.example ") == expected
        assert editors.by_id(session, editor_id) == expected
        assert editors.all(session) == [expected]
        assert editors.count(session) == 1
        assert editors.by_email(session, "nobody@gazette.example") is None
        assert editors.by_id(session, 99) is None


def test_one_address_has_one_seat(database: Database) -> None:
    add(database)
    with pytest.raises(BadInput, match="already"):
        add(database, ERIN.upper())
    with database.read() as session:
        assert editors.count(session) == 1


def test_the_first_seat_is_given_once(database: Database) -> None:
    with database.write() as session:
        assert editors.none_yet(session)
        erin = editors.add_first(session, ERIN, name="Erin", now=NOW)
        assert editors.add_first(session, "mallory@gazette.example", name="M", now=NOW) is None
        assert not editors.none_yet(session)
    with database.read() as session:
        assert [(one.id, one.role) for one in editors.all(session)] == [(erin, "admin")]


def test_there_are_four_roles(sqlite: Database) -> None:
    with pytest.raises(BadInput, match="no such role"):
        add(sqlite, role="king")
    for role in editors.ROLES:
        add(sqlite, f"{role}@gazette.example", role)


def test_a_session_opens_the_desk_and_carries_its_word(database: Database) -> None:
    editor_id = add(database)
    secret, csrf = log_in(database, editor_id)
    found = session_of(database, secret, now=NOW)
    assert found is not None
    assert (found.editor.id, found.csrf) == (editor_id, csrf)
    assert csrf != secret
    assert session_of(database, csrf, now=NOW) is None


def test_a_session_ends_after_twelve_hours_without_a_request(database: Database) -> None:
    secret, _ = log_in(database, add(database))
    at = NOW
    for _ in range(3):
        at += 11 * HOUR
        assert session_of(database, secret, now=at) is not None
    assert session_of(database, secret, now=at + 12 * HOUR) is None


def test_a_request_is_noted_and_never_backwards(database: Database) -> None:
    secret, _ = log_in(database, add(database))
    session_of(database, secret, now=NOW + HOUR)
    session_of(database, secret, now=NOW)
    found = session_of(database, secret, now=NOW + 2 * HOUR)
    assert found is not None
    assert found.seen_at == NOW + HOUR


def test_a_session_ends_after_seven_days_however_busy(database: Database) -> None:
    secret, _ = log_in(database, add(database))
    for hour in range(0, 7 * 24, 6):
        assert session_of(database, secret, now=NOW + hour * HOUR) is not None
    assert session_of(database, secret, now=NOW + 7 * 24 * HOUR) is None


def test_a_session_that_was_closed_opens_nothing(database: Database) -> None:
    editor_id = add(database)
    secret, _ = log_in(database, editor_id)
    other, _ = log_in(database, editor_id)
    with database.write() as session:
        editors.close_session(session, secret)
    assert session_of(database, secret, now=NOW) is None
    assert session_of(database, other, now=NOW) is not None


def test_sessions_that_ended_are_cleared_away(sqlite: Database) -> None:
    editor_id = add(sqlite)
    log_in(sqlite, editor_id)
    log_in(sqlite, editor_id, now=NOW + dt.timedelta(days=8))
    with sqlite.read() as session:
        assert session.scalar(select(func.count()).select_from(SessionRow)) == 1


def test_another_role_holds_for_browsers_that_are_open(database: Database) -> None:
    editor_id = add(database, role="editor")
    secret, _ = log_in(database, editor_id)
    with database.write() as session:
        editors.change_role(session, editor_id, "publisher")
        with pytest.raises(BadInput, match="no such role"):
            editors.change_role(session, editor_id, "king")
    found = session_of(database, secret, now=NOW)
    assert found is not None
    assert found.editor.role == "publisher"


def test_who_has_no_seat_any_more_is_logged_out_and_no_link_lets_a_successor_in(
    database: Database,
) -> None:
    """SQLite may give the next editor the same number."""
    editor_id = add(database)
    secret, _ = log_in(database, editor_id)
    with database.write() as session:
        link = tokens.issue(
            session, purpose="login", subject=editor_id, now=NOW, lifetime=dt.timedelta(hours=1)
        )
        editors.remove(session, editor_id, now=NOW)
        assert editors.all(session) == []
    add(database, "frank@gazette.example")
    assert session_of(database, secret, now=NOW) is None
    with database.write() as session:
        assert tokens.use(session, link, "login", now=NOW) is None
