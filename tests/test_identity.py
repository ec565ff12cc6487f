"""Two houses that think they are one: told apart, and the second sends nothing until a person says which is real."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from sqlalchemy import text
from structlog.testing import capture_logs

from digest import cli, identity, worker
from digest.errors import ConfigError
from digest.store import events, identities, migrate, snapshots
from digest.store.engine import Database
from digest.store.identities import Identity
from tests.delivery.sundays import Post, a_house, names, put_frozen
from tests.houses import MONDAY, SCHEDULE

ROOT = Path(__file__).parents[1]


def settled(database: Database, data: Path) -> Path:
    """A data folder that works on the database."""
    data.mkdir(parents=True, exist_ok=True)
    identity.ensure(database, data, now=MONDAY)
    return data


def refusal(database: Database, data: Path) -> str:
    with pytest.raises(ConfigError) as caught:
        identity.ensure(database, data, now=MONDAY)
    return str(caught.value)


def test_a_house_knows_itself_again(database: Database, tmp_path: Path) -> None:
    data = settled(database, tmp_path / "data")
    settled(database, data)
    assert identity.doubt(database, data) == ""
    assert (data / "house.json").stat().st_mode & 0o077 == 0


def test_a_first_start_on_a_full_disk_is_begun_again_when_there_is_room(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*args: object, **more: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(identity, "write", full)
        with pytest.raises(OSError, match="No space"):
            identity.ensure(database, tmp_path, now=MONDAY)
    assert identity.doubt(database, tmp_path) == ""
    settled(database, tmp_path)
    assert identity.doubt(database, tmp_path) == ""


def test_who_is_killed_right_after_the_folder_was_told_goes_on_as_the_same_house(
    sqlite: Database, tmp_path: Path
) -> None:
    identity.write(tmp_path, Identity("0123456789abcdef", 1), own=True)
    settled(sqlite, tmp_path)
    with sqlite.read() as session:
        assert identities.known(session) == Identity("0123456789abcdef", 1)


def test_of_two_who_begin_one_house_at_the_same_moment_neither_is_refused(
    sqlite: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The other one makes tables, identity and file between our two looks."""
    new = Database(f"sqlite:///{tmp_path / 'data' / 'digest.db'}")
    looked = identity.traces

    def the_other_is_quicker(data: Path) -> list[str]:
        migrate.upgrade(new)
        settled(new, data)
        return looked(data)

    monkeypatch.setattr(identity, "traces", the_other_is_quicker)
    assert not identity.is_new(new, tmp_path / "data")
    new.close()


def test_a_folder_that_was_moved_is_the_same_and_a_copied_one_is_not(
    sqlite: Database, tmp_path: Path
) -> None:
    data = settled(sqlite, tmp_path / "data")
    moved = data.rename(tmp_path / "moved")
    settled(sqlite, moved)
    shutil.copytree(moved, tmp_path / "clone")
    told = refusal(sqlite, tmp_path / "clone")
    assert "nothing is sent from here: it is a copy of" in told
    assert "digest identity --take" in told
    settled(sqlite, moved)


def test_another_folder_on_a_sqlite_database_is_a_second_house(
    sqlite: Database, tmp_path: Path
) -> None:
    settled(sqlite, tmp_path / "data")
    (tmp_path / "other").mkdir()
    assert "whose data folder is another one" in refusal(sqlite, tmp_path / "other")


def test_a_second_machine_joins_the_house_of_a_shared_postgresql_by_itself(
    postgres: Database, tmp_path: Path
) -> None:
    settled(postgres, tmp_path / "one")
    settled(postgres, tmp_path / "two")
    assert identity.doubt(postgres, tmp_path / "one") == ""
    assert identity.doubt(postgres, tmp_path / "two") == ""


def test_a_copy_of_a_postgresql_database_is_told_by_its_place(
    postgres: Database, tmp_path: Path
) -> None:
    data = settled(postgres, tmp_path / "data")
    with postgres.write() as session:
        there = identities.known(session)
        assert there is not None
        assert there.place
        moved = Identity(there.id, there.generation, "0123456789abcdef")
        identities.replace(session, moved, now=MONDAY)
    assert "the database is a copy of another one" in refusal(postgres, data)
    identity.take(postgres, data, by="erin", now=MONDAY)
    settled(postgres, data)


def test_a_server_that_tells_nothing_of_itself_is_believed(
    postgres: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(identities, "text", lambda words: text("SELECT no_such_function()"))
    data = settled(postgres, tmp_path / "data")
    with postgres.read() as session:
        there = identities.known(session)
    assert there is not None
    assert there.place == ""
    assert identity.doubt(postgres, data) == ""


def test_who_is_taken_for_the_real_one_is_it_and_the_others_stop(
    postgres: Database, tmp_path: Path
) -> None:
    first, second = settled(postgres, tmp_path / "one"), settled(postgres, tmp_path / "two")
    identity.take(postgres, second, by="erin", now=MONDAY)
    assert identity.doubt(postgres, second) == ""
    assert "another copy of this house is the real one" in refusal(postgres, first)
    identity.join(postgres, first, by="erin", now=MONDAY)
    assert identity.doubt(postgres, first) == ""
    with postgres.read() as session:
        said = [(one.actor, one.action) for one in events.recent(session, limit=2)]
    assert said == [
        ("erin", "joined the house"),
        ("erin", "said that this house is the real one"),
    ]


def test_there_is_nothing_to_join_on_sqlite(sqlite: Database, tmp_path: Path) -> None:
    data = settled(sqlite, tmp_path / "data")
    with pytest.raises(ConfigError, match="no house here to join"):
        identity.join(sqlite, data, by="erin", now=MONDAY)


@pytest.mark.parametrize(
    ("id", "generation", "told"),
    [
        ("ffffffffffffffff", 1, "of another house than the database"),
        ("", 2, "the database is an older copy than the data folder"),
    ],
    ids=["another house", "an older database"],
)
def test_a_folder_and_a_database_that_do_not_belong_together_are_told(
    sqlite: Database, tmp_path: Path, id: str, generation: int, told: str
) -> None:
    data = settled(sqlite, tmp_path / "data")
    folder = identity.read(data)
    assert folder is not None
    identity.write(data, Identity(id or folder.id, generation), own=True)
    assert told in refusal(sqlite, data)


@pytest.mark.parametrize("words", ["", "{}", "[1]", '{"house": 1}'])
def test_an_identity_that_cannot_be_read_is_named(
    sqlite: Database, tmp_path: Path, words: str
) -> None:
    data = settled(sqlite, tmp_path / "data")
    (data / "house.json").write_text(words, encoding="utf-8")
    assert "house.json: cannot be read" in refusal(sqlite, data)


def test_a_worker_that_runs_stands_aside_when_another_is_taken_for_the_real_one(
    postgres: Database, tmp_path: Path
) -> None:
    post = Post()
    house = a_house(postgres, tmp_path / "one", post)
    settled(postgres, house.data)
    put_frozen(house, names(3))
    identity.take(postgres, settled(postgres, tmp_path / "two"), by="erin", now=MONDAY)
    with capture_logs() as logs:
        worker.Looking(house).drain(threading.Event())
        worker.run_reconcile(house)
    assert post.asked.total() == 0
    assert [one["event"] for one in logs] == ["nothing is sent from here"] * 2


@pytest.mark.parametrize("lost", ["the file is gone", "the tables are gone"])
def test_a_worker_stands_aside_when_its_database_is_gone_under_it(
    sqlite: Database, tmp_path: Path, lost: str
) -> None:
    post = Post()
    house = a_house(sqlite, tmp_path / "data", post)
    settled(sqlite, house.data)
    put_frozen(house, names(3))
    if lost == "the file is gone":
        snapshots.file_of(sqlite).unlink()
    else:
        with sqlite.write() as session:
            for table in ("fingerprint", "alembic_version"):
                session.connection().exec_driver_sql(f"DROP TABLE {table}")
    with capture_logs() as logs:
        worker.Looking(house).drain(threading.Event())
        worker.run_reconcile(house)
    assert post.asked.total() == 0
    assert {one["why"] for one in logs} == {"the database is empty or gone"}
    assert "`digest restore` the newest backup" in logs[0]["remedy"]


def test_a_clone_refuses_at_its_start_and_says_why(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As a person does it: `cp -a`, and the worker in the copy."""
    (tmp_path / "schedules").mkdir()
    (tmp_path / "schedules" / "sunday.toml").write_text(SCHEDULE, encoding="utf-8")
    (tmp_path / "data").mkdir()
    environ = {key: value for key, value in os.environ.items() if not key.startswith("DIGEST_")}
    for key in os.environ.keys() - environ.keys():
        monkeypatch.delenv(key)
    monkeypatch.chdir(tmp_path)

    def typed(*words: str, data: str) -> object:
        """The exit status of a command."""
        monkeypatch.setenv("DIGEST_DATA", data)
        monkeypatch.setattr(sys, "argv", ["digest", *words])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        return ended.value.code

    assert typed("identity", "--take", data="data") == 2, "there is no database yet"
    assert typed("migrate", data="data") == 0
    assert typed("identity", "--take", data="data") == 0
    shutil.copytree(tmp_path / "data", tmp_path / "clone")
    refused = subprocess.run(
        [sys.executable, "-m", "digest", "worker"],
        env={**environ, "DIGEST_DATA": "clone", "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )
    assert refused.returncode == 2
    assert "nothing is sent from here: it is a copy of" in refused.stderr
    assert typed("identity", data="clone") == 1
    assert typed("identity", "--take", data="clone") == 0
    assert typed("identity", data="clone") == 0
