"""Statements that a sender makes many times a second: on SQLite they are given to the driver itself.

There the way through SQLAlchemy takes ten times as long as the statement, and the wire waits for it. On PostgreSQL
it does not, since its ticks run in a thread.
"""

from __future__ import annotations

import datetime as dt
import sqlite3
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import TextClause
from sqlmodel import Session

Values = Mapping[str, Any]


def rows(session: Session, statement: TextClause, values: Values) -> Sequence[Any]:
    """What a question brings. Times in it are as the database keeps them."""
    found = driver(session)
    if found is None:
        return session.connection().execute(statement, values).fetchall()
    return found.execute(statement.text, _bound(values)).fetchall()


def change(session: Session, statement: TextClause, values: Values) -> int:
    """How many rows a statement changed."""
    found = driver(session)
    if found is None:
        return session.connection().execute(statement, values).rowcount
    return found.execute(statement.text, _bound(values)).rowcount


def changes(session: Session, statement: TextClause, values: Sequence[Values]) -> int:
    """The same for several sets of values, all together."""
    found = driver(session)
    if found is None:
        return session.connection().execute(statement, values).rowcount
    return found.executemany(statement.text, [_bound(one) for one in values]).rowcount


def driver(session: Session) -> sqlite3.Connection | None:
    """SQLite's own connection, in this session's transaction; None on PostgreSQL."""
    found = session.connection().connection.driver_connection
    return found if isinstance(found, sqlite3.Connection) else None


def _bound(values: Values) -> Values:
    return {
        name: as_text(value) if isinstance(value, dt.datetime) else value
        for name, value in values.items()
    }


def as_text(moment: dt.datetime) -> str:
    """An aware time as `UtcDateTime` stores it on SQLite."""
    return moment.astimezone(dt.UTC).replace(tzinfo=None).isoformat(" ", "microseconds")
