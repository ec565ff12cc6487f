"""Bringing a database to the version of this program, by Alembic, without a file of settings.

The scripts lie beside this module, so an installed wheel has them. There is one way, up; each
script can also go back, for tests and for a person who must.
"""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from digest import logs
from digest.errors import Conflict
from digest.store import jobs
from digest.store.engine import Database

log = logs.get(__name__)

SCRIPTS = Path(__file__).parent / "migrations"

#: One upgrade at a time on PostgreSQL; SQLite has one writer anyway. Any number that nobody else uses.
_LOCK = 0x5D_1_6E_57

#: An upgrade of the tables is waited for, however long it takes: not the limits of `postgres.py`.
_PATIENT = "SET LOCAL lock_timeout = 0; SET LOCAL statement_timeout = 0"


def upgrade(database: Database) -> None:
    """Bring the schema to the newest version. Harmless where it is; two at once do it once."""
    with database.write() as session:
        connection = session.connection()
        _lock(connection)
        before = _version(connection)
        if before == newest():
            jobs.bring_up(connection)  # it may have been installed, or renewed, since
            return
        command.upgrade(_config(connection), "head")
    log.info("schema brought up to date", before=before, after=newest())


def downgrade(database: Database, revision: str = "base") -> None:
    """Take the schema back to `revision`; `base` is an empty database. What newer tables held is lost."""
    with database.write() as session:
        connection = session.connection()
        _lock(connection)
        command.downgrade(_config(connection), revision)


def ensure(database: Database, *, old_too: bool = False) -> None:
    """Bring an empty database up, and with `old_too` an older one. Raises Conflict for another version."""
    found = current(database)
    if found is None or (old_too and found in _known()):
        upgrade(database)
    elif found not in _known():
        raise Conflict(f"the database is of a newer program (version {found}): update the program")
    elif found != newest():
        raise Conflict(f"the database is of version {found}, not {newest()}: run `digest migrate`")


def current(database: Database) -> str | None:
    """The version of the schema; None where there is none yet."""
    with database.read() as session:
        return _version(session.connection())


def newest() -> str:
    """The version that this program was written for."""
    head = ScriptDirectory(str(SCRIPTS)).get_current_head()
    assert head is not None
    return head


def _known() -> frozenset[str]:
    return frozenset(one.revision for one in ScriptDirectory(str(SCRIPTS)).walk_revisions())


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
