"""Many rows at once: one prepared statement on SQLite, COPY on PostgreSQL; no row objects.

facts: rows through the ORM cost thirty times as much (delivery_speed §4), and COPY a fifth of inserts.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import Table, inspect
from sqlmodel import Session, SQLModel

from digest.store.direct import as_text

#: The memory that SQLite may keep pages in, and how long its log may grow before it is worked off:
#: indexes of random keys change a page a row, and with less than that each is written many times.
_CACHE_KIB, _LOG_PAGES = 16 * 1024, 20_000


def make_room(session: Session) -> None:
    """Let this connection hold more pages in memory; for the few that write a great deal."""
    connection = session.connection()
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql(f"PRAGMA cache_size = -{_CACHE_KIB}")
        connection.exec_driver_sql(f"PRAGMA wal_autocheckpoint = {_LOG_PAGES}")


def put(
    session: Session, row: type[SQLModel], columns: Sequence[str], rows: Sequence[tuple[Any, ...]]
) -> int:
    """Insert rows but for those that others exclude; how many went in. Times as `stored` gives them."""
    if not rows:
        return 0
    table: Table = inspect(row).local_table
    if session.get_bind().dialect.name == "sqlite":
        return _by_statement(session, table, columns, rows)
    return _by_copy(session, table, columns, rows)


def stored(session: Session) -> Callable[[dt.datetime], Any]:
    """How this database holds an aware time: what `UtcDateTime` makes of it, many times as fast."""
    if session.get_bind().dialect.name == "sqlite":
        return as_text
    return _as_plain


def _as_plain(moment: dt.datetime) -> dt.datetime:
    return moment.astimezone(dt.UTC).replace(tzinfo=None)


def _by_statement(
    session: Session, table: Table, columns: Sequence[str], rows: Sequence[tuple[Any, ...]]
) -> int:
    names = ", ".join(f'"{name}"' for name in columns)
    marks = ", ".join("?" * len(columns))
    insert = f'INSERT INTO "{table.name}" ({names}) VALUES ({marks}) ON CONFLICT DO NOTHING'  # nosec B608  # noqa: S608  names of our own tables
    return session.connection().exec_driver_sql(insert, list(rows)).rowcount


def _by_copy(
    session: Session, table: Table, columns: Sequence[str], rows: Sequence[tuple[Any, ...]]
) -> int:
    """By way of a table of this session's own: COPY itself cannot pass over a row that is there."""
    names = ", ".join(f'"{name}"' for name in columns)
    beside = f'"incoming_{table.name}"'
    connection = session.connection()
    connection.exec_driver_sql(
        f'CREATE TEMPORARY TABLE {beside} ON COMMIT DROP AS SELECT {names} FROM "{table.name}" WITH NO DATA'  # nosec B608  # noqa: S608  as above
    )
    driver: Any = connection.connection.driver_connection
    with driver.cursor() as cursor, cursor.copy(f"COPY {beside} ({names}) FROM STDIN") as copy:
        for one in rows:
            copy.write_row(one)
    insert = (
        f'INSERT INTO "{table.name}" ({names}) SELECT {names} FROM {beside} ON CONFLICT DO NOTHING'  # nosec B608  # noqa: S608  as above
    )
    done = connection.exec_driver_sql(insert).rowcount
    connection.exec_driver_sql(f"DROP TABLE {beside}")
    return done
