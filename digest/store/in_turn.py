"""On PostgreSQL moves and imports go one after another: neither may meet rows that the other is about to change.

SQLite has one writer anyway. Asked for before anything else of a transaction, so that who waits holds no row.
"""

from __future__ import annotations

from sqlalchemy import text
from sqlmodel import Session

#: Any number that nobody else uses.
LOCK = 0x5EED


def wait(session: Session) -> None:
    """Wait until no other move and no batch of an import is under way; held until the transaction ends."""
    connection = session.connection()
    if connection.dialect.name != "sqlite":
        connection.execute(text("SELECT pg_advisory_xact_lock(:n)"), {"n": LOCK})
