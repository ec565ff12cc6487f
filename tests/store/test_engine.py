"""The database by one URL: sessions that commit, sessions that do not, and times without a zone."""

from __future__ import annotations

import datetime as dt
import shutil
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest
from sqlalchemy import insert, make_url, select, text
from sqlalchemy.exc import IntegrityError, OperationalError, StatementError

from digest.errors import Busy
from digest.store import engine, snapshots
from digest.store import postgres as limits
from digest.store.engine import Database
from digest.store.tables import HeartbeatRow
from tests import compiled
from tests.delivery.silent_line import SilentLine
from tests.people import NOW


def names(database: Database) -> list[str]:
    with database.read() as session:
        return list(session.scalars(select(HeartbeatRow.name)))


def test_a_write_that_ends_well_is_kept(database: Database) -> None:
    with database.write() as session:
        session.add(HeartbeatRow(name="worker", at=NOW))
    assert names(database) == ["worker"]


def test_a_write_that_fails_leaves_nothing(database: Database) -> None:
    with pytest.raises(IntegrityError), database.write() as session:
        session.execute(insert(HeartbeatRow), [{"name": "worker", "at": NOW, "detail": ""}] * 2)
    assert names(database) == []


def test_a_read_keeps_nothing(database: Database) -> None:
    with database.read() as session:
        session.add(HeartbeatRow(name="worker", at=NOW))
        session.flush()
    assert names(database) == []


def test_only_who_says_so_does_not_wait_for_the_disk(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, told in compiled.DURABLE.items():
        monkeypatch.setattr(engine, name, told)
    asked, full, normal = "PRAGMA synchronous", 2, 1
    if not database.is_sqlite:
        url = make_url(database.url).update_query_dict({"options": "-csynchronous_commit=on"})
        database = Database(url.render_as_string(hide_password=False))
        asked, full, normal = "SHOW synchronous_commit", "on", "off"  # type: ignore[assignment]
    found = []
    for durable in (True, False, True):
        with database.write(durable=durable) as session:
            found.append(session.connection().exec_driver_sql(asked).scalar_one())
    database.close()
    assert found == [full, normal, full]


def test_a_time_comes_back_aware_and_in_utc(database: Database) -> None:
    berlin = dt.timezone(dt.timedelta(hours=1))
    with database.write() as session:
        session.add(HeartbeatRow(name="worker", at=NOW.astimezone(berlin)))
    with database.read() as session:
        at = session.scalars(select(HeartbeatRow.at)).one()
    assert at == NOW
    assert at.tzinfo is dt.UTC


def test_a_time_without_a_zone_is_refused(database: Database) -> None:
    with pytest.raises(StatementError, match="without a zone"), database.write() as session:
        session.add(HeartbeatRow(name="worker", at=NOW.replace(tzinfo=None)))


def test_who_waits_too_long_for_another_writer_is_told_that_it_is_busy(sqlite: Database) -> None:
    impatient = Database(sqlite.url, busy_ms=1)
    with sqlite.write() as holder:
        holder.add(HeartbeatRow(name="worker", at=NOW))
        with pytest.raises(Busy), impatient.write():
            pytest.fail("the lock is held")
        assert names(impatient) == [], "looking needs no lock"
    impatient.close()


def test_a_patient_writer_waits_until_the_other_one_is_done(sqlite: Database) -> None:
    def write() -> None:
        with sqlite.write() as session:
            order.append("second")
            session.add(HeartbeatRow(name="second", at=NOW))

    order: list[str] = []
    with ThreadPoolExecutor() as threads:
        with sqlite.write() as holder:
            waiting = threads.submit(write)
            holder.add(HeartbeatRow(name="first", at=NOW))
            with pytest.raises(TimeoutError):
                waiting.result(0.1)
            order.append("first")
        waiting.result()
    assert order == ["first", "second"]
    assert sorted(names(sqlite)) == ["first", "second"]


def test_a_lock_that_postgresql_does_not_give_is_busy(postgres: Database) -> None:
    with postgres.write() as holder:
        holder.execute(text("LOCK TABLE heartbeat"))
        with pytest.raises(Busy), postgres.write() as session:
            session.execute(text("LOCK TABLE heartbeat NOWAIT"))


def test_a_lock_that_somebody_keeps_is_waited_for_no_longer_than_said(postgres: Database) -> None:
    impatient = Database(postgres.url, busy_ms=100)
    with postgres.write() as holder:
        holder.execute(text("LOCK TABLE heartbeat"))
        with pytest.raises(Busy):
            names(impatient)
    assert names(impatient) == []
    impatient.close()


def test_what_the_url_says_of_a_connection_goes_before_our_limits(postgres: Database) -> None:
    given = postgres.engine.url.update_query_dict({"keepalives_idle": "77"})
    told = Database(given.render_as_string(hide_password=False))
    with told.read() as session:
        driver = session.connection().connection.driver_connection
        assert driver is not None
        line = {one.keyword: one.val for one in driver.pgconn.info if one.val is not None}
    assert line[b"keepalives_idle"] == b"77"
    assert line[b"tcp_user_timeout"] == b"15000"
    assert line[b"connect_timeout"] == b"10"
    told.close()


def test_a_statement_that_takes_long_is_waited_for_where_the_server_answers_others(
    postgres: Database,
) -> None:
    impatient = Database(postgres.url, busy_ms=100)
    with impatient.read() as session:
        assert session.execute(text("SELECT 7 FROM pg_sleep(0.5)")).scalar_one() == 7
    impatient.close()


def test_a_statement_has_an_end(postgres: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "STATEMENT_MS", 100)
    hurried = Database(postgres.url)
    with pytest.raises(Busy), hurried.read() as session:
        session.execute(text("SELECT pg_sleep(60)"))
    hurried.close()


def test_a_server_that_says_nothing_any_more_is_busy_and_the_next_one_is_asked_anew(
    postgres: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "PROBE_S", 60)
    with SilentLine.to(postgres) as line:
        behind = Database(line.url, busy_ms=100)
        names(behind)
        with behind.engine.connect() as connection:
            line.fall_silent()
            monkeypatch.setattr(limits, "PROBE_S", 2)
            with pytest.raises(OperationalError, match="says nothing any more"):
                connection.execute(text("SELECT 1"))
        monkeypatch.setattr(limits, "PROBE_S", 60)
        line.speak()
        assert names(behind) == []
        behind.close()


def test_a_database_that_is_away_is_busy() -> None:
    away = Database("postgresql+psycopg://nobody@127.0.0.1:1/none")
    with pytest.raises(Busy):
        names(away)
    away.close()


def test_a_mistake_of_ours_is_not_called_busy(sqlite: Database) -> None:
    with pytest.raises(OperationalError), sqlite.read() as session:
        session.execute(text("SELECT 1 FROM nowhere"))


def test_a_new_sqlite_file_is_for_its_owner_alone_with_what_stands_beside(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'digest.db'}")
    with database.write() as session:
        session.execute(text("CREATE TABLE readers (address TEXT)"))
        session.execute(text("INSERT INTO readers VALUES ('alice@reader.example')"))
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()}
    database.close()
    assert modes == dict.fromkeys(("digest.db", "digest.db-wal", "digest.db-shm"), 0o600)


def test_many_who_open_a_new_file_at_once_all_get_in(tmp_path: Path) -> None:
    def opened(url: str, begin: Barrier) -> str:
        database = Database(url)
        begin.wait()
        try:
            with database.read() as session:
                return str(session.execute(text("PRAGMA journal_mode")).scalar())
        except Busy as error:
            return str(error)
        finally:
            database.close()

    with ThreadPoolExecutor(6) as pool:
        for number in range(20):
            url, begin = f"sqlite:///{tmp_path}/new{number}.db", Barrier(6)
            found = list(pool.map(opened, [url] * 6, [begin] * 6))
            assert found == ["wal"] * 6


@pytest.mark.parametrize("after", ["nothing", "an empty file", "a copy"])
def test_nothing_is_read_or_written_in_a_file_that_has_no_name_any_more(
    sqlite: Database, tmp_path: Path, after: str
) -> None:
    path, copy = snapshots.file_of(sqlite), tmp_path / "copy.db"
    with sqlite.write() as session:
        session.add(HeartbeatRow(name="worker", at=NOW))
    shutil.copy(path, copy)
    kept = path.rename(tmp_path / "kept.db")
    if after != "nothing":
        path.write_bytes(b"" if after == "an empty file" else copy.read_bytes())
    assert not sqlite.is_there
    with pytest.raises(Busy, match="the database's file is gone"):
        names(sqlite)
    with pytest.raises(Busy), sqlite.write():
        pytest.fail("a reader who leaves would be told that they have, and be mailed again")
    assert path.exists() == (after != "nothing"), "nor is a new one made in its place"
    kept.rename(path)
    assert names(sqlite) == ["worker"], "the very file, put back, is gone on with"


def test_a_database_that_was_closed_opens_whatever_file_is_there(sqlite: Database) -> None:
    path = snapshots.file_of(sqlite)
    assert names(sqlite) == []
    sqlite.close()
    path.write_bytes(path.rename(path.with_name("was.db")).read_bytes())
    assert names(sqlite) == []
