"""A folder as an operator has it, right in every way, in which a test makes one mistake and asks what is said of it."""

from __future__ import annotations

import datetime as dt
import os
import shutil
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from click.testing import CliRunner
from typer.main import get_command

from digest.cli import app
from digest.errors import DigestError
from digest.store import editors, heartbeats
from digest.store.engine import Database
from tests.zones import Zone

SCHEDULE = """[newsletter]
name = "Harbour Sunday"
timezone = "Europe/London"
site_name = "The Harbour Times"
site_url = "https://harbour-times.net/"
from_address = "sunday@harbour-times.net"
postal_address = "The Harbour Times, 7 Mole Road, Aberwick"

[[sources]]
key = "desk"
kind = "api"
"""

#: Made once: a hundred mistakes are a hundred commands.
COMMAND = get_command(app)

#: What a careful operator sets, line by line.
SETTINGS = {
    "PROVIDER": "smtp",
    "SMTP_HOST": "127.0.0.1",
    "SMTP_PORT": "1",
    "SMTP_SECURITY": "none",
    "PUBLIC_URL": "https://sunday.harbour-times.net",
    "TRUSTED_PROXIES": "127.0.0.1",
    "RETURN_DOMAIN": "bounce.harbour-times.net",
    "OPERATOR": "ops@harbour-times.net",
    "BACKUP_EVERY_H": "26",
}

#: What such a one has published.
ZONE = """
sunday.harbour-times.net. A 9.9.9.8
bounce.harbour-times.net. TXT "v=spf1 ip4:9.9.9.7 ~all"
bounce.harbour-times.net. MX 10 mail.harbour-times.net.
mail.harbour-times.net. A 9.9.9.7
7.9.9.9.in-addr.arpa. PTR mail.harbour-times.net.
_dmarc.harbour-times.net. TXT "v=DMARC1; p=none; rua=mailto:dmarc@harbour-times.net"
"""


@dataclass
class Place:
    """What is written there. schedules: by file name. env: the lines of `.env`, by their names without DIGEST_."""

    folder: Path
    env: dict[str, str] = field(default_factory=lambda: dict(SETTINGS))
    schedules: dict[str, str] = field(default_factory=lambda: {"sunday.toml": SCHEDULE})
    more: str = ""

    @property
    def data(self) -> Path:
        return self.folder / "data"

    def set(self, **changes: str) -> None:
        self.env |= changes

    def unset(self, *names: str) -> None:
        for name in names:
            self.env.pop(name, None)

    def put(self, name: str, text: str, mode: int = 0o600) -> Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        path.chmod(mode)
        return path

    def change(self, old: str, new: str, name: str = "sunday.toml") -> None:
        """One slip in the schedule."""
        assert old in self.schedules[name]
        self.schedules[name] = self.schedules[name].replace(old, new)

    def add(self, text: str, name: str = "sunday.toml") -> None:
        self.schedules[name] += text

    def database(self) -> Database:
        return Database(f"sqlite:///{self.data / 'digest.db'}")

    def says(self, *words: str) -> tuple[int, str]:
        """Exit status and what a command prints; of what it says beside, its last word."""
        (self.folder / "schedules").mkdir(exist_ok=True)
        for name, text in self.schedules.items():
            (self.folder / "schedules" / name).write_text(text, encoding="utf-8")
        lines = "".join(f"DIGEST_{name}={value}\n" for name, value in self.env.items())
        path = self.folder / ".env"
        path.touch(mode=0o600)
        path.write_text(lines + self.more, encoding="utf-8")
        done = CliRunner().invoke(COMMAND, list(words))
        if isinstance(done.exception, DigestError):
            return 2, done.stdout + str(done.exception)
        if done.exception and not isinstance(done.exception, SystemExit):
            raise done.exception
        return done.exit_code, done.stdout


def made(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Place:
    """The folder alone: enough for what is written."""
    monkeypatch.chdir(folder)
    for name in [name for name in os.environ if name.startswith("DIGEST_")]:
        monkeypatch.delenv(name)
    return Place(folder)


def at_work(place: Place, template: Path) -> Place:
    """With a database that is up to date, somebody who may approve, a clock that ticks, and last night's backup."""
    place.data.mkdir(mode=0o700)
    shutil.copy(template, place.data / "digest.db")
    (place.data / "digest.db").chmod(0o600)
    now = dt.datetime.now(dt.UTC)
    database = place.database()
    with database.write() as session:
        editors.add(session, "erin@harbour-times.net", name="", role="publisher", now=now)
        heartbeats.beat(session, "reconcile", now=now)
        heartbeats.beat(session, "worker here 1", now=now)
        heartbeats.beat(session, "backup", now=now)
    database.close()
    return place


def zone() -> Zone:
    return Zone.of(ZONE)
