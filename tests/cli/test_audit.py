"""`digest audit`: the log as it is shown, and a look at the whole of it."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

import pytest
from typer.testing import CliRunner

from digest.errors import BadInput
from tests.cli.test_commands import app, digest


@pytest.fixture
def seats(place: Path) -> Path:
    """Two seats given, one changed, one taken away: four acts."""
    digest("editor", "add", "erin@gazette.example", "--role", "admin")
    digest("editor", "add", "frank@gazette.example")
    digest(
        "editor", "add", "frank@gazette.example", "--role", "viewer", "--by", "Erin@gazette.example"
    )
    digest("editor", "remove", "frank@gazette.example")
    return place


def lines(*words: str) -> list[dict[str, object]]:
    return [json.loads(line) for line in digest("audit", "--jsonl", *words).splitlines()]


def test_every_act_of_a_command_is_a_line_with_who_typed_it(seats: Path) -> None:
    found = lines()
    assert [(one["number"], one["action"], one["subject"]) for one in found] == [
        (1, "made admin", "editor:1"),
        (2, "made editor", "editor:2"),
        (3, "made viewer", "editor:2"),
        (4, "took the seat away", "editor:2"),
    ]
    assert [one["actor"] for one in found] == ["operator", "operator", "editor:1", "operator"]
    assert all(str(one["origin"]).startswith("cli:") for one in found)
    assert "@" not in digest("audit")


def test_the_newest_line_comes_first_and_filters_hold(seats: Path) -> None:
    assert digest("audit", "--limit", "1").split("\t")[0] == "4"
    assert [one["number"] for one in lines("--on", "editor:2")] == [2, 3, 4]
    assert [one["number"] for one in lines("--who", "operator", "--what", "made editor")] == [2]
    assert lines("--until", "2020-01-01") == []
    assert len(lines("--since", "2020-01-01")) == 4
    wrong = CliRunner().invoke(app, ["audit", "--since", "yesterday"])
    assert isinstance(wrong.exception, BadInput)


def test_a_whole_log_gives_an_anchor_that_holds_later(seats: Path) -> None:
    said = digest("audit", "verify")
    assert said.startswith("whole: 4 rows\nanchor 4:")
    anchor = said.splitlines()[1]
    digest("editor", "add", "gina@gazette.example")
    assert "whole: 5 rows, 1 anchor(s) hold" in digest("audit", "verify", "--anchor", anchor)
    wrong = CliRunner().invoke(app, ["audit", "verify", "--anchor", "4:abc"])
    assert isinstance(wrong.exception, BadInput)


def test_the_first_broken_row_is_named_and_the_exit_status_says_so(seats: Path) -> None:
    anchor = digest("audit", "verify").splitlines()[1]
    with sqlite3.connect(seats / "data" / "digest.db") as file:
        file.execute("DROP TRIGGER event_keeps_update")
        file.execute("DROP TRIGGER event_keeps_delete")
        file.execute("DELETE FROM event WHERE id = 4")
    file.close()
    digest("audit", "verify")
    told = CliRunner().invoke(app, ["audit", "verify", "--anchor", anchor])
    assert told.exit_code == 1
    assert "broken at row 4: it was noted earlier, and the log ends at row 3" in told.output
    with sqlite3.connect(seats / "data" / "digest.db") as file:
        file.execute("UPDATE event SET actor = 'mallory' WHERE id = 2")
    file.close()
    told = CliRunner().invoke(app, ["audit", "verify"])
    assert told.exit_code == 1
    assert "broken at row 2: it was changed after it was written" in told.output
