"""Tokens end with the seat that answers for them, or somebody keeps them; never is one left that nobody saw."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from digest import granting
from digest.errors import Conflict
from digest.model import EditorId, Scope
from digest.store import api_tokens, editors, events
from digest.store.api_tokens import ApiToken
from digest.store.engine import Database
from tests.houses import MONDAY

READS = {Scope.ISSUES_READ}


def admin(database: Database, name: str) -> EditorId:
    with database.write() as session:
        return editors.add(session, f"{name}@example.net", role="admin", now=MONDAY)


def give(database: Database, seat: int, name: str = "The site") -> ApiToken:
    token, _ = granting.give(database, name, READS, by=f"editor:{seat}", now=MONDAY)
    return token


def stands(database: Database, token: ApiToken) -> ApiToken:
    with database.read() as session:
        return api_tokens.by_id(session, token.id)


def acts(database: Database, token: ApiToken) -> list[tuple[str, str, object]]:
    with database.read() as session:
        lines = events.each(session, events.Wanted(subject=token.actor))
        return [(one.actor, one.action, one.data.get("was")) for one in lines]


@pytest.mark.parametrize("by", ["editor:7", "editor:anna", "editor:"])
def test_who_is_no_admin_makes_none_whatever_is_typed(sqlite: Database, by: str) -> None:
    with pytest.raises(Conflict, match="may make no tokens"):
        granting.give(sqlite, "The site", READS, by=by, now=MONDAY)


@pytest.mark.parametrize("how", ["removed", "made editor"])
def test_a_token_ends_when_its_maker_is_no_admin_any_more(database: Database, how: str) -> None:
    erin, frank = admin(database, "erin"), admin(database, "frank")
    hers, his = give(database, erin), give(database, frank)
    typed, _ = granting.give(database, "The till", READS, by="operator", now=MONDAY)
    with database.write() as session:
        told = {"by": f"editor:{frank}", "now": MONDAY}
        if how == "removed":
            ended = granting.take_seat(session, erin, **told)
        else:
            ended = granting.change_role(session, erin, "editor", **told)
    assert [one.id for one in ended] == [hers.id]
    assert not stands(database, hers).works(MONDAY)
    assert stands(database, his).works(MONDAY)
    assert stands(database, typed).works(MONDAY), "the command line has no seat"
    assert acts(database, hers)[1:] == [
        (f"editor:{frank}", "revoked a token", f"editor:{erin}"),
    ]


def test_a_token_that_is_kept_goes_on_until_its_keeper_goes(database: Database) -> None:
    erin, frank = admin(database, "erin"), admin(database, "frank")
    token = give(database, erin)
    with database.write() as session:
        granting.take_seat(session, erin, keep=True, by=f"editor:{frank}", now=MONDAY)
    kept = stands(database, token)
    assert (kept.works(MONDAY), kept.made_by, kept.owner) == (
        True,
        f"editor:{erin}",
        f"editor:{frank}",
    )
    with database.write() as session:
        granting.take_seat(session, frank, by="operator", now=MONDAY)
    assert not stands(database, token).works(MONDAY)
    assert [action for _, action, _ in acts(database, token)] == [
        "made a token",
        "kept a token",
        "revoked a token",
    ]


def test_nobody_who_leaves_keeps_their_own(database: Database) -> None:
    erin = admin(database, "erin")
    token = give(database, erin)
    with database.write() as session:
        granting.take_seat(session, erin, keep=True, by=f"editor:{erin}", now=MONDAY)
    assert not stands(database, token).works(MONDAY)
    assert acts(database, token)[-1][1] == "revoked a token"


def test_an_admin_who_stays_one_keeps_what_they_made(database: Database) -> None:
    erin = admin(database, "erin")
    token = give(database, erin)
    with database.write() as session:
        assert granting.change_role(session, erin, "admin", by="operator", now=MONDAY) == []
    assert stands(database, token).works(MONDAY)


def test_who_is_no_admin_any_more_makes_none(database: Database) -> None:
    erin = admin(database, "erin")
    with database.write() as session:
        granting.change_role(session, erin, "editor", by="operator", now=MONDAY)
    for seat in (erin, EditorId(99)):
        with pytest.raises(Conflict):
            give(database, seat)


def test_a_token_that_is_made_while_the_seat_is_taken_away_ends_as_well(
    postgres: Database, tmp_path: Path
) -> None:
    """One waits for the other: either the token is seen and ended, or it is refused."""
    erin = admin(postgres, "erin")
    made = threading.Event()
    outcome: list[object] = []

    def take() -> None:
        made.wait()
        with postgres.write() as session:
            outcome.append(granting.take_seat(session, erin, by="operator", now=MONDAY))

    other = threading.Thread(target=take, daemon=True)
    other.start()
    with postgres.write() as session:
        assert editors.is_admin(session, erin)
        made.set()
        other.join(0.3)  # it cannot get on: the seat is held
        waits = other.is_alive()
        token, _ = api_tokens.make(session, "Late", READS, by=f"editor:{erin}", now=MONDAY)
    other.join()
    assert waits
    assert [[one.id for one in found] for found in outcome] == [[token.id]]  # type: ignore[attr-defined]
    assert not stands(postgres, token).works(MONDAY)
