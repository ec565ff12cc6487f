"""What commands print tells no secret, whatever goes wrong; each secret is a canary."""

from __future__ import annotations

import traceback
from pathlib import Path

import pytest
from typer.testing import CliRunner

from digest.cli import app
from tests.houses import SCHEDULE
from tests.web.test_house_secrets import CANARY, GHOST_KEY, NAMED, SECRET, SOURCES

COMMANDS = (
    ["check"],
    ["migrate"],
    ["status"],
    ["status", "--json"],
    ["collect"],
    ["doctor"],
    ["doctor", "--json", "--integrity"],
    ["numbers", "--json"],
    ["ab", "show"],
    ["audit"],
    ["identity"],
    ["backup", "kept"],
    ["subscribers", "export"],
    ["audit", "verify"],
    ["build"],
)


@pytest.mark.parametrize(
    "database", ["", f"postgresql://sunday:{CANARY}-of-the-database@127.0.0.1:1/sunday"]
)
def test_no_command_prints_a_secret(
    place: Path, monkeypatch: pytest.MonkeyPatch, database: str
) -> None:
    (place / "schedules" / "sunday.toml").write_text(SCHEDULE + SOURCES, encoding="utf-8")
    for key, value in {**NAMED, **SECRET, "database_url": database, "log_level": "DEBUG"}.items():
        monkeypatch.setenv(f"DIGEST_{key.upper()}", value)
    printed = [_said(words) for words in (COMMANDS if not database else COMMANDS[:3])]
    told = "\n".join([*printed, _said(["doctor"])])
    assert "provider postmark" in told
    assert CANARY not in told.lower()
    assert GHOST_KEY not in told


def test_settings_that_are_refused_are_told_without_what_they_say(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DIGEST_DKIM_KEY", f"{CANARY} is no key")
    monkeypatch.setenv("DIGEST_DATABASE_URL", f"mysql://u:{CANARY}@127.0.0.1/d")
    monkeypatch.setenv("DIGEST_PING_URL", f"ftp://u:{CANARY}@127.0.0.1/")
    told = _said(["check"])
    assert "DIGEST_DATABASE_URL" in told
    assert CANARY not in told


def _said(words: list[str]) -> str:
    """All that a command prints, and what it would say as it fell."""
    done = CliRunner().invoke(app, words)
    fallen = traceback.format_exception(done.exception) if done.exception else []
    return done.output + done.stderr + "".join(fallen) + str(done.exception)
