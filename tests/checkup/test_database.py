"""The database that is away, of another version, damaged, a copy, careless, or of another time: named with the remedy."""

from __future__ import annotations

import datetime as dt
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url
from sqlalchemy.pool import NullPool

from digest import identity, secret_key
from digest.bootstrap import House
from digest.checkup import database
from digest.domains.records import Finding
from digest.store import heartbeats, migrate, servers
from digest.store.engine import Database
from digest.store.servers import Server
from tests.houses import MONDAY, make_house


def house_of(url: str, folder: Path) -> House:
    return make_house(Database(url), folder)


def bad(found: list[Finding]) -> Finding:
    (one,) = [one for one in found if one.weight != "ok"]
    assert one.where
    assert one.why
    return one


def test_a_database_that_is_right_has_nothing_to_mend(sqlite: Database, tmp_path: Path) -> None:
    house = make_house(sqlite, tmp_path)
    found = [database.reached(house), *database.examine(house, thorough=True)]
    assert [one.weight for one in found] == ["ok"] * len(found)


# ---------------------------------------------------------------- SQLite


def test_one_that_nobody_has_made_yet(tmp_path: Path) -> None:
    one = bad([database.reached(house_of(f"sqlite:///{tmp_path / 'new.db'}", tmp_path))])
    assert (one.text, "`digest migrate`" in one.remedy) == ("not made yet", True)


def test_one_that_is_gone_from_a_house_in_use_is_not_to_be_made_anew(
    sqlite: Database, tmp_path: Path
) -> None:
    house = make_house(sqlite, tmp_path)
    identity.ensure(sqlite, house.data, now=MONDAY)
    sqlite.close()
    (tmp_path / "digest.db").unlink()
    one = bad([database.reached(house)])
    assert one.text.startswith("its tables are gone")
    assert "`digest restore`" in one.remedy


def test_an_older_one_wants_a_backup_and_an_update(sqlite: Database, tmp_path: Path) -> None:
    migrate.downgrade(sqlite, "0026")
    one = bad([database.reached(make_house(sqlite, tmp_path))])
    assert "of version 0026" in one.text
    assert one.remedy == "`digest backup`, then `digest migrate`"


def test_a_newer_one_wants_a_newer_program(sqlite: Database, tmp_path: Path) -> None:
    with sqlite.write() as session:
        session.connection().execute(text("UPDATE alembic_version SET version_num = '9999'"))
    one = bad([database.reached(make_house(sqlite, tmp_path))])
    assert "of a newer program (version 9999)" in one.text
    assert "update this program" in one.remedy


def test_a_file_that_is_no_database_wants_the_newest_backup(tmp_path: Path) -> None:
    (tmp_path / "digest.db").write_bytes(b"no database, but a letter to the editor " * 200)
    one = bad([database.reached(house_of(f"sqlite:///{tmp_path / 'digest.db'}", tmp_path))])
    assert "not a database" in one.text
    assert "`digest restore` the newest backup" in one.remedy


def test_a_damaged_page_is_found_where_all_of_it_is_read(sqlite_url: str, tmp_path: Path) -> None:
    path = Path(sqlite_url.removeprefix("sqlite:///"))
    with path.open("r+b") as file:
        file.seek(-6 * 4096, 2)
        file.write(b"\xff" * 5 * 4096)
    house = house_of(sqlite_url, tmp_path)
    with house.database.read() as session:
        assert servers.faults_of_sqlite(session)
    one = database._whole(house)
    house.database.close()
    assert (one.fine, "`digest restore` the newest backup" in one.remedy) == (False, True)


def test_a_copied_house_is_named_with_the_word_that_a_person_may_say(
    sqlite: Database, tmp_path: Path
) -> None:
    data = tmp_path / "data"
    data.mkdir()
    identity.ensure(sqlite, data, now=MONDAY)
    shutil.copytree(data, tmp_path / "clone")
    house = replace(make_house(sqlite, tmp_path), data=tmp_path / "clone")
    one = bad(list(database.examine(house)))
    assert "nothing is sent from here: it is a copy of" in one.text
    assert "digest identity --take" in one.remedy


def test_another_secret_key_is_named_with_where_the_right_one_is(
    sqlite: Database, tmp_path: Path
) -> None:
    secret_key.ensure(sqlite, b"another key of the house........", now=MONDAY)
    one = bad(list(database.examine(make_house(sqlite, tmp_path))))
    assert one.text.startswith("is not the key of this database")
    assert one.remedy.startswith("copy secret.key from the data folder")


def test_a_clock_behind_what_was_written_down_is_named(sqlite: Database, tmp_path: Path) -> None:
    with sqlite.write() as session:
        heartbeats.beat(session, "reconcile", now=MONDAY + dt.timedelta(hours=3))
    one = bad(list(database.examine(make_house(sqlite, tmp_path))))
    assert one.subject == "clock"
    assert (
        "23 Nov 2026 06:00 UTC, and what was written last is of 23 Nov 2026 09:00 UTC" in one.text
    )
    assert "timedatectl set-ntp true" in one.remedy


# ---------------------------------------------------------------- PostgreSQL


@pytest.fixture
def strangers(postgres: Database) -> Iterator[Database]:
    """A role with a password that owns nothing, beside our tables."""
    with postgres.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as server:
        server.execute(text("DROP ROLE IF EXISTS stranger"))
        server.execute(text("CREATE ROLE stranger LOGIN PASSWORD 'right'"))
        server.execute(text("GRANT SELECT ON ALL TABLES IN SCHEMA public TO stranger"))
        yield postgres
        server.execute(text("DROP OWNED BY stranger"))
        server.execute(text("DROP ROLE stranger"))


def changed(server: Database, **changes: object) -> str:
    """The address of the test's server with one mistake in it."""
    url = make_url(server.url).set(**changes)  # type: ignore[arg-type]
    return url.render_as_string(hide_password=False)


def of(url: str, folder: Path) -> Finding:
    house = house_of(url, folder)
    try:
        return database.reached(house)
    finally:
        house.database.close()


def test_a_database_or_a_user_that_is_not_there_is_named_with_what_makes_it(
    postgres: Database, tmp_path: Path
) -> None:
    one = bad([of(changed(postgres, database="no_such"), tmp_path)])
    assert 'database "no_such" does not exist' in one.text
    assert "`createdb`" in one.remedy
    one = bad([of(changed(postgres, username="nobody_here"), tmp_path)])
    assert 'role "nobody_here" does not exist' in one.text
    assert "`createuser`" in one.remedy


def test_a_server_that_is_not_running_is_named(tmp_path: Path) -> None:
    one = bad([of("postgresql+psycopg://digest@127.0.0.1:1/digest", tmp_path)])
    assert "refused" in one.text
    assert one.remedy == "start PostgreSQL, or mend host and port in DIGEST_DATABASE_URL"


def test_a_wrong_password_is_named_and_not_told(strangers: Database, tmp_path: Path) -> None:
    """The tests' own server lets everybody in, so its rule is changed for this user."""
    with asked_for_passwords(strangers):
        one = bad([of(changed(strangers, username="stranger", password="wrong-one"), tmp_path)])
        assert of(changed(strangers, username="stranger", password="right"), tmp_path).fine
    assert "password authentication failed" in one.text
    assert "wrong-one" not in repr(one)
    assert "the user's name and password in DIGEST_DATABASE_URL" in one.remedy


@contextmanager
def asked_for_passwords(server: Database) -> Iterator[None]:
    with server.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as admin:
        file = Path(str(admin.execute(text("SHOW hba_file")).scalar()))
        before = file.read_text(encoding="utf-8")
        rules = "".join(
            f"{kind} scram-sha-256\n" for kind in ("local all stranger", "host all stranger all")
        )
        try:
            reload(server, file, rules + before)
            yield
        finally:
            reload(server, file, before)


def reload(server: Database, file: Path, rules: str) -> None:
    """New rules, and wait until the server has read them: it does so beside its answer."""
    admin = create_engine(server.url, poolclass=NullPool)
    file.write_text(rules, encoding="utf-8")
    with admin.connect() as connection:
        asked = connection.execute(text("SELECT clock_timestamp(), pg_reload_conf()")).one()[0]
    until = time.monotonic() + 60
    while time.monotonic() < until:
        with admin.connect() as connection:
            if connection.execute(text("SELECT pg_conf_load_time()")).scalar_one() >= asked:
                return
        time.sleep(0.02)
    raise AssertionError("the server did not read its rules")


def test_a_user_who_may_not_make_tables_and_a_careless_server_are_named(
    strangers: Database, tmp_path: Path
) -> None:
    with strangers.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as server:
        server.execute(text("REVOKE CREATE ON SCHEMA public FROM PUBLIC"))
    house = house_of(changed(strangers, username="stranger", password="right"), tmp_path)
    with house.database.read() as session:
        server_told = servers.postgres(session)
    house.database.close()
    assert abs(server_told.now - dt.datetime.now(dt.UTC)) < database.APART
    assert not server_told.makes_tables
    assert not server_told.careful, "the tests' server may forget when the power fails"
    found = list(database.of_server(server_told, server_told.now))
    assert ["GRANT CREATE" in one.remedy for one in found] == [True, False]
    assert "fsync or full_page_writes is off" in found[1].text


FINE = Server(version=150_004, now=MONDAY, encoding="UTF8", makes_tables=True, careful=True)


@pytest.mark.parametrize(
    ("server", "text_of", "remedy"),
    [
        (replace(FINE, now=MONDAY + dt.timedelta(minutes=3)), "are 180 s apart", "timedatectl"),
        (replace(FINE, version=120_010), "PostgreSQL 12 is not mended", "update it to 15"),
        (replace(FINE, encoding="SQL_ASCII"), "keeps text as SQL_ASCII", "createdb -E UTF8"),
    ],
)
def test_what_a_server_says_of_itself_is_judged(server: Server, text_of: str, remedy: str) -> None:
    one = bad(list(database.of_server(server, MONDAY)))
    assert text_of in one.text
    assert remedy in one.remedy


def test_a_server_that_is_right_has_nothing_to_mend() -> None:
    assert list(database.of_server(FINE, MONDAY)) == []


def test_without_a_queue_it_is_a_warning(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("digest.store.jobs.installed", lambda: False)
    one = bad(list(database.of_server(FINE, MONDAY)))
    assert (one.weight, "sunday-catchup[queue]" in one.remedy) == ("warn", True)
