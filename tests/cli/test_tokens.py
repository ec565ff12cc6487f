"""`digest token`: printed once, listed without its secret, revoked."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from digest.errors import BadInput, NotFound
from tests.cli.test_commands import app, digest


def test_a_token_is_made_listed_and_revoked(place: Path) -> None:
    run = CliRunner().invoke(
        app, ["token", "new", "The site", "--scope", "articles:write", "--scope", "issues:read"]
    )
    secret = run.stdout.strip()
    assert secret.startswith("sct_")
    assert "not shown again" in run.stderr
    number, opening, name, scopes, until, used, owner = digest("token", "list").split("\t")
    assert owner == "operator\n"
    assert (number, opening, name) == ("1", f"{secret[:8]}…", "The site")
    assert (scopes, used) == ("articles:write issues:read", "not used")
    assert until.startswith("until 20")
    assert "opens nothing any more" in digest("token", "revoke", "1")
    assert "was revoked before" in digest("token", "revoke", "1")
    assert digest("token", "list") == ""
    assert "revoked" in digest("token", "list", "--all")
    assert secret not in digest("audit", "--jsonl")


@pytest.mark.parametrize(
    "words",
    [
        ["new", "x"],
        ["new", "x", "--scope", "everything"],
        ["new", " ", "--scope", "issues:read"],
        ["new", "x", "--scope", "issues:read", "--days", "366"],
    ],
)
def test_a_token_that_cannot_be_is_refused_in_words(place: Path, words: list[str]) -> None:
    run = CliRunner().invoke(app, ["token", *words])
    assert isinstance(run.exception, BadInput)
    missing = CliRunner().invoke(app, ["token", "revoke", "7"])
    assert isinstance(missing.exception, NotFound)
