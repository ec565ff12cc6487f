"""`digest ab`: the plan set and shown, refused where it teaches nothing, and a person's choice."""

from __future__ import annotations

import datetime as dt
import functools
from email import message_from_bytes
from email.policy import default
from pathlib import Path

import pytest
from typer.testing import CliRunner

from digest.bootstrap import House, open_house
from digest.cli import app
from digest.delivery import freeze
from digest.errors import DigestError
from digest.reconcile import reconcile
from digest.settings import Settings
from digest.store import issues, migrate
from tests.delivery.subjects_tried import few
from tests.delivery.sundays import PERIOD, names, put_readers
from tests.houses import MONDAY
from tests.test_reconcile import CUT_OFF, SEND, put

__all__ = ["few"]

B = "The other one"


@pytest.fixture
def place(place: Path, few: None, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a final draft and readers enough; the commands' clock is that of its cut-off."""
    house = opened()
    migrate.ensure(house.database)
    reconcile(house, now=MONDAY)
    put(house, 4)
    put_readers(house, names(60))
    reconcile(house, now=CUT_OFF)
    house.database.close()
    it_is(monkeypatch, CUT_OFF)
    return place


def opened() -> House:
    return open_house(Settings(data=Path("data"), schedules=Path("schedules")))


def it_is(monkeypatch: pytest.MonkeyPatch, moment: dt.datetime) -> None:
    """The clock of every command."""
    at = functools.partial(open_house, clock=lambda: moment)
    monkeypatch.setattr("digest.bootstrap.open_house", at)


def digest(*words: str) -> str:
    done = CliRunner().invoke(app, [*words])
    if isinstance(done.exception, DigestError):
        return f"refused: {done.exception}"
    assert done.exit_code == 0, done.output + repr(done.exception)
    return done.output


def test_a_plan_is_set_shown_previewed_and_taken_back(place: Path) -> None:
    assert "has one subject" in digest("ab", "show")
    told = digest(
        "ab", "set", "--subject", B, "--share", "80", "--wait", "90m", "--measure", "hand"
    )
    assert f"B: {B}" in told
    assert "the winner goes Sun 29 Nov 09:30 GMT" in told
    assert f"B: {B}" in digest("ab", "show", PERIOD)
    digest("preview", "--arm", "b", "--to", "looked")
    raw = (place / "looked" / f"{PERIOD}.eml").read_bytes()
    assert message_from_bytes(raw, policy=default)["subject"] == B
    assert f"/r/sunday/{PERIOD}/b/" in (place / "looked" / f"{PERIOD}.html").read_text()
    assert "has one subject" in digest("ab", "off")
    assert "refused: the issue 2026-11-29 has one subject only" in digest("preview", "--arm", "b")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--subject", B], "with a share of 20 % that is a list of 100 readers"),
        (["--subject", B, "--share", "80", "--wait", "7h"], "more than 6 h after"),
        (["--subject", B, "--wait", "soon"], "wait: expected minutes"),
        (["--subject", B, "--wait", "9" * 20 + "h"], "wait: expected minutes"),
        (["--subject", B, "--measure", "luck"], "expected one of"),
        (["--subject", "  "], "is empty, or the first one again"),
    ],
)
def test_what_makes_no_sense_is_refused(place: Path, words: list[str], said: str) -> None:
    assert said in digest("ab", "set", *words)
    assert "has one subject" in digest("ab", "show")


def test_a_person_chooses_from_the_command_line(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    digest("ab", "set", "--subject", B, "--share", "80")
    house = opened()
    with house.database.write() as session:
        issue = issues.get(session, "sunday", PERIOD)
        assert issue is not None
        assert issue.edition is not None
        issues.approve(session, issue.id, issue.edition.checksum, by="Erin", now=CUT_OFF)
        issue = issues.by_id(session, issue.id)
    freeze.freeze(house, issue, now=SEND)
    house.database.close()
    it_is(monkeypatch, SEND + dt.timedelta(minutes=10))
    assert "not decided: Sun 29 Nov 09:55 GMT" in digest("ab", "show")
    assert "refused: arm: expected a or b" in digest("ab", "choose", "c")
    assert "B goes to the rest now" in digest("ab", "choose", "B", "--by", "erin")
    assert "by erin. erin chose B." in digest("ab", "show")
    assert "refused: B goes to the rest already" in digest("ab", "choose", "b")
    assert "A goes in the other one's place" in digest("ab", "choose", "a")
