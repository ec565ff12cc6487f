"""What a program learns of the house: its newsletters, its token, its sources."""

from __future__ import annotations

from digest.bootstrap import House
from digest.model import Scope
from tests.web.test_public import add
from tests.web.v1.calling import Program


def test_any_token_learns_what_the_newsletters_are_and_when_they_go(sqlite_house: House) -> None:
    add(sqlite_house, "alice@gmail.com", confirmed=True)
    add(sqlite_house, "bob@gmail.com", confirmed=False)
    program = Program(sqlite_house, [Scope.SOURCES_READ])
    (told,) = program.get("/newsletters").json()["items"]
    assert told == program.get("/newsletters/sunday").json()
    assert told["readers"] == {"pending": 1, "confirmed": 1, "unsubscribed": 0}
    assert [(one["at"], one["period"]) for one in told["next"]] == [
        ("2026-11-28T18:00:00Z", "2026-11-29"),
        ("2026-11-29T06:00:00Z", "2026-11-29"),
        ("2026-11-29T07:30:00Z", "2026-11-29"),
        ("2026-11-29T08:00:00Z", "2026-11-29"),
    ]
    assert program.get("/newsletters/monday").status_code == 404
    token = program.get("/token").json()
    assert (token["name"], token["scopes"]) == ("The site", ["sources:read"])


def test_sources_are_told_with_their_health(sqlite_house: House) -> None:
    program = Program(sqlite_house)
    (told,) = program.get("/sources").json()["items"]
    assert (told["source"], told["health"], told["newsletters"]) == (
        "desk",
        "waits for the api",
        ["sunday"],
    )
    assert program.get("/sources/desk").json() == told
    assert program.get("/sources/x").status_code == 404
