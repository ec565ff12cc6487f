"""Bringing a database to the version of this program, by Alembic, without a file of settings.

The scripts lie beside this module, so an installed wheel has them. There is one way, up; each
script can also go back, for tests and for a person who must.
"""

from __future__ import annotations

import datetime as dt
import functools
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, select, text
from sqlmodel import col

from digest import logs
from digest.errors import Conflict
from digest.store import jobs
from digest.store.engine import Database
from digest.store.tables import HeartbeatRow

log = logs.get(__name__)

SCRIPTS = Path(__file__).parent / "migrations"

#: One upgrade at a time on PostgreSQL; SQLite has one writer anyway. Any number that nobody else uses.
_LOCK = 0x5D_1_6E_57

#: An upgrade of the tables is waited for, however long it takes: not the limits of `postgres.py`.
_PATIENT = "SET LOCAL lock_timeout = 0; SET LOCAL statement_timeout = 0"


#: Who gave a sign of life within this time may be in the middle of a send.
SIGN_OF_LIFE = dt.timedelta(minutes=2)


def upgrade(database: Database, *, now: dt.datetime | None = None) -> None:
    """Bring the schema to the newest version. Harmless where it is; two at once do it once.

    now: raise Conflict where a send is on its way then and some program is at it.
    """
    with database.write() as session:
        connection = session.connection()
        _lock(connection)
        before = _version(connection)
        if before == newest():
            jobs.bring_up(connection)  # it may have been installed, or renewed, since
            return
        if before is not None and now is not None:
            _refuse_during_a_send(connection, now)
        command.upgrade(_config(connection), "head")
    log.info("schema brought up to date", before=before, after=newest())


def bring_to(connection: Connection, revision: str) -> None:
    """The schema of an earlier version in an empty database: what a backup of that version is put into."""
    command.upgrade(_config(connection), revision)


def bring_up(connection: Connection) -> None:
    """From there to the newest version, in the same transaction."""
    command.upgrade(_config(connection), "head")


def _refuse_during_a_send(connection: Connection, now: dt.datetime) -> None:
    """Raises Conflict while a program may be at a send: its next statement would meet other tables.

    One that nobody is at, stopped or crashed, goes on after the update. Asks for nothing that an earlier
    version did not have.
    """
    on_its_way = text("SELECT count(*) FROM send WHERE status = 'open'")
    if not connection.execute(on_its_way).scalar_one():
        return
    beat = select(col(HeartbeatRow.at)).where(col(HeartbeatRow.name) == "reconcile")
    last = connection.execute(beat).scalar_one_or_none()
    if last is not None and now - last < SIGN_OF_LIFE:
        raise Conflict(
            f"a send is on its way, and a worker gave a sign of life at {last:%H:%M:%S} UTC: let the send end,"
            " or stop every `digest up` and `digest worker` and try again two minutes later"
        )


def downgrade(database: Database, revision: str = "base") -> None:
    """Take the schema back to `revision`; `base` is an empty database. What newer tables held is lost."""
    with database.write() as session:
        connection = session.connection()
        _lock(connection)
        command.downgrade(_config(connection), revision)


def ensure(database: Database, *, old_too: bool = False, now: dt.datetime | None = None) -> None:
    """Bring an empty database up, and with `old_too` an older one. Raises Conflict for another version."""
    found = current(database)
    if found is None or (old_too and is_known(found)):
        upgrade(database, now=now)
    elif not is_known(found):
        raise Conflict(f"the database is of a newer program (version {found}): update the program")
    elif found != newest():
        raise Conflict(f"the database is of version {found}, not {newest()}: run `digest migrate`")


def current(database: Database) -> str | None:
    """The version of the schema; None where there is none yet."""
    with database.read() as session:
        return _version(session.connection())


@functools.cache
def newest() -> str:
    """The version that this program was written for. Every script is read once in a process."""
    head = ScriptDirectory(str(SCRIPTS)).get_current_head()
    assert head is not None
    return head


def is_known(revision: str) -> bool:
    """Whether a version of the schema is of this program or an earlier one."""
    return revision in {one.revision for one in ScriptDirectory(str(SCRIPTS)).walk_revisions()}


def _version(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()


def _config(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(SCRIPTS).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


def _lock(connection: Connection) -> None:
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(_PATIENT)
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
