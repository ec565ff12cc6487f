"""A database as it was at one moment, in files, while others write; and back from them.

SQLite by its own backup of one read transaction. PostgreSQL by COPY of our own tables in one snapshot: our
migrations make the tables, so no program of another version is needed, and the files fit every server.
https://www.sqlite.org/backup.html https://www.postgresql.org/docs/current/sql-copy.html
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, LiteralString, cast

from psycopg import Connection as Psycopg
from psycopg import sql
from sqlalchemy import Connection, inspect, select, text
from sqlalchemy import column as untyped_column
from sqlalchemy import table as untyped_table

from digest.errors import BadInput
from digest.protocols import Progress
from digest.store.engine import Database, Session
from digest.store.tables.base import Row, ShortDateTime, moment_of

#: Pages that are copied at a time; SQLite's have four kB.
_PAGES = 2048
_PIECE = 2**20
_ROWS = 2000
#: Waits of a snapshot: as long as it takes, not the limits of `postgres.py`.
_PATIENT = "SET LOCAL lock_timeout = 0; SET LOCAL statement_timeout = 0"
_OTHERS = ("procrastinate_", "alembic_version")


def file_of(database: Database) -> Path:
    """Where a SQLite database lies."""
    return Path(database.url.removeprefix("sqlite:///"))


def private(path: Path) -> Path:
    """An empty file that nobody else can read. Raises FileExistsError where one is there."""
    os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    return path


# ---------------------------------------------------------------- SQLite


def is_blank(path: Path) -> bool:
    """Whether a file holds nothing yet; one that is no database holds something."""
    if path.stat().st_size == 0:
        return True
    try:
        with closing(sqlite3.connect(path)) as found:
            (tables,) = found.execute("SELECT count(*) FROM sqlite_master").fetchone()
    except sqlite3.DatabaseError:
        return False
    return bool(tables == 0)


def copy_sqlite(database: Database, to: Path, progress: Progress) -> None:
    """The database at this moment as one file. Its writers go on meanwhile.

    The read transaction stands before the first page is copied: so no writer makes SQLite begin again.
    """

    def told(status: int, remaining: int, total: int) -> None:
        progress("database", total - remaining, total)

    private(to)
    with (
        closing(sqlite3.connect(file_of(database), isolation_level=None)) as source,
        closing(sqlite3.connect(to)) as copy,
    ):
        source.execute("BEGIN")
        source.execute("SELECT count(*) FROM sqlite_master").fetchone()
        source.backup(copy, pages=_PAGES, progress=told, sleep=0)
        copy.execute("PRAGMA journal_mode=DELETE")  # one file, whole in itself


def faults_of(path: Path) -> list[str]:
    """What SQLite finds wrong with a file; nothing where all is well."""
    with closing(sqlite3.connect(path)) as found:
        try:
            rows = found.execute("PRAGMA integrity_check").fetchmany(5)
            rows += found.execute("PRAGMA foreign_key_check").fetchmany(5)
        except sqlite3.DatabaseError as error:
            return [str(error)]
    return [" ".join(map(str, row)) for row in rows if row != ("ok",)]


# ---------------------------------------------------------------- PostgreSQL


def copy_postgres(database: Database, folder: Path, progress: Progress) -> dict[str, list[str]]:
    """Every table of ours as `<table>.copy`, all of one moment; each table's columns, as they stand in the file."""
    engine = database.engine.execution_options(isolation_level="REPEATABLE READ")
    with engine.connect() as connection:
        connection.exec_driver_sql("SET TRANSACTION READ ONLY")
        connection.exec_driver_sql(_PATIENT)
        tables = dict(_tables(connection))
        for done, (table, columns) in enumerate(tables.items(), 1):
            with private(folder / f"{table}.copy").open("wb") as file:
                for piece in _copied(connection, table, columns):
                    file.write(piece)
            progress("database", done, len(tables))
        connection.rollback()
    return tables


def _copied(connection: Connection, table: str, columns: list[str]) -> Iterator[bytes]:
    with (
        _driver(connection).cursor() as cursor,
        cursor.copy(_statement("COPY {} ({}) TO STDOUT", table, columns)) as copy,
    ):
        yield from map(bytes, copy)


def _tables(connection: Connection) -> Iterator[tuple[str, list[str]]]:
    """Our tables, those that others point to first, and their columns."""
    found = inspect(connection)
    for name, _ in found.get_sorted_table_and_fkc_names():
        if name and not name.startswith(_OTHERS):
            yield name, [one["name"] for one in found.get_columns(name)]


def put_postgres(
    session: Session, folder: Path, tables: dict[str, list[str]], progress: Progress
) -> None:
    """Fill the tables, which must be those of the backup's version, in the session's transaction.

    Raises BadInput for a table that is not there.
    """
    connection = session.connection()
    with _emptied(connection) as here:
        strangers = sorted(set(tables) - set(here))
        if strangers:
            raise BadInput(f"{strangers[0]}.copy", "is of no table of this version")
        order = [table for table in here if table in tables]
        for done, table in enumerate(order, 1):
            _fill(_driver(connection), folder / f"{table}.copy", table, tables[table])
            progress("database", done, len(order))


def put_sqlite(session: Session, source: Database, progress: Progress) -> None:
    """Fill PostgreSQL's tables with what a SQLite database of the same version holds, in the session's transaction.

    Values go over as they are kept: times, numbers and documents are spelled alike in both, but for times that
    are a number in SQLite.
    """
    connection = session.connection()
    with _emptied(connection) as here, source.engine.connect() as other:
        for done, (table, columns) in enumerate(here.items(), 1):
            _move(_driver(connection), other, table, columns)
            progress("database", done, len(here))


def _move(driver: Psycopg[Any], source: Connection, name: str, columns: list[str]) -> None:
    kinds = Row.metadata.tables[name].columns
    short = {n for n, one in enumerate(columns) if isinstance(kinds[one].type, ShortDateTime)}
    as_kept: Any = select(*map(untyped_column, columns)).select_from(untyped_table(name))
    rows = source.execute(as_kept, execution_options={"yield_per": _ROWS})
    with (
        driver.cursor() as cursor,
        cursor.copy(_statement("COPY {} ({}) FROM STDIN", name, columns)) as copy,
    ):
        for row in rows:
            copy.write_row([_spelled(one) if n in short else one for n, one in enumerate(row)])


def _spelled(milliseconds: int | None) -> str | None:
    at = moment_of(milliseconds)
    return None if at is None else at.replace(tzinfo=None).isoformat(" ")


@contextmanager
def _emptied(connection: Connection) -> Iterator[dict[str, list[str]]]:
    """Our tables and their columns, to be filled inside the block; then the numbers of new rows go on after theirs.

    Triggers do not fire: what they saw to is in the rows.
    """
    connection.exec_driver_sql(_PATIENT)
    here, driver = dict(_tables(connection)), _driver(connection)
    _triggers(driver, here, "DISABLE")  # also those that let nobody empty the audit log
    every = sql.SQL(", ").join(map(sql.Identifier, here))
    driver.execute(sql.SQL("TRUNCATE {} RESTART IDENTITY CASCADE").format(every))
    yield here
    for table in here:
        _count_on(connection, table)
    _triggers(driver, here, "ENABLE")


def _triggers(driver: Psycopg[Any], tables: Iterable[str], word: LiteralString) -> None:
    for table in tables:
        change = sql.SQL("ALTER TABLE {} " + word + " TRIGGER USER")
        driver.execute(change.format(sql.Identifier(table)))


def _fill(driver: Psycopg[Any], path: Path, table: str, columns: list[str]) -> None:
    with (
        driver.cursor() as cursor,
        cursor.copy(_statement("COPY {} ({}) FROM STDIN", table, columns)) as copy,
        path.open("rb") as file,
    ):
        while piece := file.read(_PIECE):
            copy.write(piece)


def _count_on(connection: Connection, table: str) -> None:
    """Numbers of new rows go on after those that came."""
    for column in inspect(connection).get_columns(table):
        asked = text("SELECT pg_get_serial_sequence(:table, :column)")
        given = {"table": f'"{table}"', "column": column["name"]}
        sequence = connection.execute(asked, given).scalar_one()
        if sequence:
            name = column["name"]
            newest = sql.SQL(
                "SELECT setval({}, max({})) FROM {} HAVING max({}) IS NOT NULL"
            ).format(
                sql.Literal(sequence),
                sql.Identifier(name),
                sql.Identifier(table),
                sql.Identifier(name),
            )
            _driver(connection).execute(newest)


def _statement(words: str, table: str, columns: list[str]) -> sql.Composed:
    names = sql.SQL(", ").join(map(sql.Identifier, columns))
    return sql.SQL(cast(Any, words)).format(sql.Identifier(table), names)


def _driver(connection: Connection) -> Psycopg[Any]:
    return cast("Psycopg[Any]", connection.connection.driver_connection)
