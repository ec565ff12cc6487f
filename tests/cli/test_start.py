"""How commands begin: in a folder where a house has worked none makes a new database, or a new key, without a word."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from digest import identity
from digest.cli import app
from digest.errors import ConfigError
from digest.store import migrate
from digest.store.engine import Database

FIRST = "migrate"


def typed(*words: str) -> str:
    """What a command refuses with; empty where it went well."""
    done = CliRunner().invoke(app, list(words))
    if done.exit_code == 0:
        return ""
    assert isinstance(done.exception, ConfigError), done.output
    return str(done.exception)


def lost(place: Path) -> Path:
    """The database of a house that has worked is gone."""
    assert typed(FIRST) == ""
    for path in place.glob("data/digest.db*"):
        path.unlink()
    return place / "data" / "digest.db"


@pytest.mark.parametrize(
    "words",
    [["up"], ["worker"], ["status"], ["migrate"], ["subscribers", "export"], ["backup", "b"]],
    ids=" ".join,
)
def test_a_folder_whose_database_is_gone_begins_no_new_one(place: Path, words: list[str]) -> None:
    database = lost(place)
    told = typed(*words)
    assert "a house has worked here (house.json), and the database is empty or gone" in told
    assert "`digest restore` the newest backup" in told
    assert "`digest migrate --anew`" in told
    assert not database.exists(), "a file that is put back finds its place free"


def test_doctor_names_it_too(place: Path) -> None:
    lost(place)
    found = json.loads(CliRunner().invoke(app, ["doctor", "--json"]).stdout)
    (one,) = [one for one in found if one["subject"] == "database"]
    assert one["weight"] == "bad"
    assert "a house has worked here (house.json)" in one["text"]
    assert "--anew" in one["remedy"]


def test_one_that_was_emptied_is_one_that_is_gone(place: Path) -> None:
    lost(place).touch(mode=0o600)
    assert "is empty or gone" in typed("status")


def test_a_person_may_begin_with_no_readers(place: Path) -> None:
    database = lost(place)
    assert typed("migrate", "--anew") == ""
    assert database.exists()
    assert typed("status") == ""
    found = identity.read(place / "data")
    assert found is not None
    assert found.generation == 2, "whoever still works with the old one is told"


def test_who_makes_the_tables_of_a_new_house_beside_another_is_not_another_copy_of_it(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else the workers of one house, each with a folder of its own, would all stand aside."""
    upgrade = migrate.upgrade

    def beside_another(database: Database, *, now: dt.datetime) -> None:
        upgrade(database, now=now)
        identity.ensure(database, place / "data", now=now)

    monkeypatch.setattr(migrate, "upgrade", beside_another)
    assert typed("migrate") == ""
    found = identity.read(place / "data")
    assert found is not None
    assert found.generation == 1


def test_what_left_by_the_outbox_shows_a_house_as_well(place: Path) -> None:
    mails = place / "data" / "outbox" / "2026"
    mails.mkdir(parents=True)
    (mails / "1.eml").touch()
    (mails / "2.eml").touch()
    assert "2 mails in outbox/" in typed("status")


def test_a_backup_in_the_folder_shows_it_too(place: Path) -> None:
    backup = place / "data" / "backups" / "20261122T031000Z"
    backup.mkdir(parents=True)
    for name in ("manifest.json", "database.sqlite"):
        (backup / name).touch()
    assert "backups" in typed("status")


def test_what_other_programs_leave_in_the_folder_shows_no_house(place: Path) -> None:
    (place / "data" / "site" / "app").mkdir(parents=True)
    (place / "data" / "site" / "app" / "manifest.json").touch()
    (place / "data" / "outbox").mkdir()
    assert typed("status") == ""


def test_a_first_start_that_was_broken_off_after_the_key_was_made_is_no_house(place: Path) -> None:
    (place / "data").mkdir(mode=0o700)
    (place / "data" / "secret.key").write_text("6b" * 32, encoding="ascii")
    assert typed("status") == ""


def test_a_key_that_is_gone_is_not_made_anew(place: Path) -> None:
    assert typed(FIRST) == ""
    key = place / "data" / "secret.key"
    kept = key.rename(place / "kept")
    for words in ("status", "doctor"):
        done = CliRunner().invoke(app, [words])
        assert done.exit_code
        told = f"{done.output}{done.exception}"
        assert "is gone, and DIGEST_SECRET_KEY is not set" in " ".join(told.split())
        assert "put it back from a backup" in " ".join(told.split())
        assert not key.exists()
    kept.rename(key)
    assert typed("status") == ""


def test_a_database_that_two_machines_share_is_nobodys_new_one(
    postgres: Database, tmp_path: Path
) -> None:
    (tmp_path / "outbox").mkdir()
    (tmp_path / "outbox" / "1.eml").touch()
    assert not identity.is_new(postgres, tmp_path)
    assert identity.traces(tmp_path) == ["1 mail in outbox/"]
