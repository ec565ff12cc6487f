"""Statements given to the driver itself say the same as SQLAlchemy's, on both databases."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import bindparam, text

from digest.errors import Busy
from digest.store import direct
from digest.store.engine import Database
from digest.store.tables import UtcDateTime

PUT = text("INSERT INTO moments (id, at) VALUES (:id, :at)").bindparams(
    bindparam("at", type_=UtcDateTime())
)
LATER = text("SELECT id FROM moments WHERE at >= :at ORDER BY id").bindparams(
    bindparam("at", type_=UtcDateTime())
)
NOON = dt.datetime(2026, 3, 29, 12, tzinfo=ZoneInfo("Europe/Berlin"))


def test_changes_are_counted_and_times_compared_as_they_are_stored(database: Database) -> None:
    stored = "TEXT" if database.is_sqlite else "TIMESTAMP"
    hours = [{"id": n, "at": NOON + dt.timedelta(hours=n)} for n in (2, 3)]
    asked = {"at": NOON + dt.timedelta(hours=2)}
    with database.write() as session:
        connection = session.connection()
        connection.exec_driver_sql(f"CREATE TEMPORARY TABLE moments (id INTEGER, at {stored})")
        assert direct.change(session, PUT, {"id": 1, "at": NOON}) == 1
        assert direct.changes(session, PUT, hours) == 2
        connection.execute(PUT, {"id": 4, "at": NOON + dt.timedelta(hours=4)})
        found = direct.rows(session, LATER, asked)
        assert [tuple(row) for row in found] == [(2,), (3,), (4,)]
        assert [tuple(row) for row in connection.execute(LATER, asked)] == [(2,), (3,), (4,)]


def test_a_writer_that_would_have_to_wait_can_be_told_at_once(sqlite: Database) -> None:
    with sqlite.write(), pytest.raises(Busy), sqlite.write(wait=False):
        pass
    with sqlite.write(wait=False) as session:
        assert direct.rows(session, text("SELECT 1"), {}) == [(1,)]
