"""`digest editor unlock`: a mailed link opens again for who lost their device."""

from __future__ import annotations

import re
from pathlib import Path

from typer.testing import CliRunner

from digest import granting
from digest.cli import app
from digest.errors import NotFound
from digest.model import Scope
from digest.store import browsers, editors, events, factors
from digest.store.engine import Database
from tests.cli.test_commands import digest
from tests.people import ERIN, NOW


def an_admin(place: Path) -> tuple[Database, editors.Editor]:
    """Erin's seat, and the database that it is in."""
    digest("editor", "add", ERIN, "--role", "admin")
    database = Database(f"sqlite:///{place / 'data' / 'digest.db'}")
    with database.read() as session:
        erin = editors.by_email(session, ERIN)
    assert erin is not None
    return database, erin


def test_passkeys_and_codes_are_taken_away_and_sessions_end(place: Path) -> None:
    database, erin = an_admin(place)
    with database.write() as session:
        kept = {"public_key": "x", "counter": 0, "name": "A key", "now": NOW}
        factors.add_passkey(session, erin.id, "abc", **kept)
        factors.replace_codes(session, erin.id, ["a" * 64, "b" * 64], now=NOW)
        editors.open_session(session, erin.id, now=NOW)
    assert (
        digest("editor", "unlock", ERIN) == f"3 taken away; {ERIN} logs in by a mailed link again\n"
    )
    with database.read() as session:
        assert factors.held(session, erin.id) == factors.Held()
        assert browsers.of(session, erin.id, now=NOW) == []
        assert (
            events.find(session, events.Wanted(), limit=1)[0].action == "took second factors away"
        )
    database.close()
    wrong = CliRunner().invoke(app, ["editor", "unlock", "nobody@gazette.example"])
    assert isinstance(wrong.exception, NotFound)


def test_a_login_link_is_printed_for_a_seat_and_for_nobody_else(place: Path) -> None:
    digest("editor", "add", ERIN)
    assert re.fullmatch(r"http://\S+/desk/login/\S+\n", digest("editor", "link", ERIN))
    wrong = CliRunner().invoke(app, ["editor", "link", "nobody@gazette.example"])
    assert isinstance(wrong.exception, NotFound)


def test_the_tokens_of_a_seat_that_is_taken_away_are_told(place: Path) -> None:
    database, erin = an_admin(place)
    for name in ("The site", "The till"):
        more = {"by": f"editor:{erin.id}", "now": erin.created_at}
        granting.give(database, name, {Scope.ISSUES_READ}, **more)
    database.close()
    told = digest("editor", "add", ERIN, "--role", "editor", "--keep-tokens")
    assert told.endswith("token 1 (The site) goes on\ntoken 2 (The till) goes on\n")
    digest("editor", "add", ERIN, "--role", "admin")
    assert digest("token", "list").count("\toperator\n") == 2
    assert "token" not in digest("editor", "remove", ERIN)


def test_a_token_ends_with_the_seat_that_is_removed(place: Path) -> None:
    digest("editor", "add", ERIN, "--role", "admin")
    database = Database(f"sqlite:///{place / 'data' / 'digest.db'}")
    with database.read() as session:
        (erin,) = editors.all(session)
    more = {"by": f"editor:{erin.id}", "now": erin.created_at}
    granting.give(database, "The site", {Scope.ISSUES_READ}, **more)
    database.close()
    assert "token 1 (The site) opens nothing any more" in digest("editor", "remove", ERIN)
    assert digest("token", "list") == ""
