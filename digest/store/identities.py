"""Which house a database is of, and which of several copies of it is the real one; that it was restored, and when."""

from __future__ import annotations

import datetime as dt
import hashlib
from dataclasses import dataclass

from sqlalchemy import select, text, update
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import Session, col

from digest.store import statements
from digest.store.tables import FingerprintRow

#: Names of the fingerprints: the house, and the backup that this database was made of.
_HOUSE, _RESTORED = "house", "restored"


@dataclass(frozen=True, slots=True)
class Identity:
    """A house: its id, which of its copies is the real one (the highest generation), and the database's place."""

    id: str
    generation: int
    place: str = ""


@dataclass(frozen=True, slots=True)
class Restored:
    """When the backup was made, and when it was restored."""

    made_at: dt.datetime
    at: dt.datetime


def known(session: Session) -> Identity | None:
    """Whose database this is; None where no program has said so yet."""
    asked = select(col(FingerprintRow.value)).where(col(FingerprintRow.name) == _HOUSE)
    found = session.scalar(asked)
    if found is None:
        return None
    name, generation, place = found.split(":")
    return Identity(name, int(generation), place)


def leave(session: Session, identity: Identity, *, now: dt.datetime) -> Identity:
    """Say whose it is where nobody has; whichever stands there now."""
    statements.inserted(session, FingerprintRow, name=_HOUSE, value=_value(identity), at=now)
    found = known(session)
    assert found is not None
    return found


def replace(session: Session, identity: Identity, *, now: dt.datetime) -> None:
    """Write another generation, or another place."""
    change = update(FingerprintRow).where(col(FingerprintRow.name) == _HOUSE)
    session.execute(change.values(value=_value(identity), at=now))


def _value(identity: Identity) -> str:
    return f"{identity.id}:{identity.generation}:{identity.place}"


def place(session: Session) -> str:
    """What tells a PostgreSQL database from a copy of it in another cluster, or under another name.

    Empty on SQLite, whose file lies in the house's folder, and where the server does not tell.
    """
    if session.get_bind().dialect.name == "sqlite":
        return ""
    asked = text("SELECT system_identifier || '/' || current_database() FROM pg_control_system()")
    try:
        with session.begin_nested():
            found = session.execute(asked).scalar_one()
    except SQLAlchemyError:
        return ""
    return hashlib.sha256(str(found).encode()).hexdigest()[:16]


def restore(session: Session, restored: Restored) -> None:
    """Note that this database was made of a backup."""
    values = {"value": restored.made_at.isoformat(), "at": restored.at}
    statement = statements.insert(session, FingerprintRow).values(name=_RESTORED, **values)
    session.execute(statement.on_conflict_do_update(index_elements=["name"], set_=values))


def restored(session: Session) -> Restored | None:
    """The backup that this database was made of; None where it never was."""
    columns = col(FingerprintRow.value), col(FingerprintRow.at)
    found = session.execute(select(*columns).where(col(FingerprintRow.name) == _RESTORED)).first()
    return None if found is None else Restored(dt.datetime.fromisoformat(found[0]), found[1])
