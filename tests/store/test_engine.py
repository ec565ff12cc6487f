"""The database by one URL: sessions that commit, sessions that do not, and times without a zone."""

from __future__ import annotations

import datetime as dt

import pytest
from sqlalchemy import insert, select, text
from sqlalchemy.exc import IntegrityError, OperationalError, StatementError

from digest.errors import Busy
from digest.store.engine import Database
from digest.store.tables import HeartbeatRow
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


def test_a_lock_that_postgresql_does_not_give_is_busy(postgres: Database) -> None:
    with postgres.write() as holder:
        holder.execute(text("LOCK TABLE heartbeat"))
        with pytest.raises(Busy), postgres.write() as session:
            session.execute(text("LOCK TABLE heartbeat NOWAIT"))


def test_a_database_that_is_away_is_busy() -> None:
    away = Database("postgresql+psycopg://nobody@127.0.0.1:1/none")
    with pytest.raises(Busy):
        names(away)
    away.close()


def test_a_mistake_of_ours_is_not_called_busy(sqlite: Database) -> None:
    with pytest.raises(OperationalError), sqlite.read() as session:
        session.execute(text("SELECT 1 FROM nowhere"))
