"""The fingerprint of the secret key that a database's hashes are of, and what another key changes in it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator

from sqlalchemy import Table, bindparam, exists, func, select, update
from sqlmodel import Session, col

from digest.store import statements
from digest.store.tables import FingerprintRow, SubscriberRow, SuppressionRow

#: The name of the one fingerprint that there is.
_KEY = "secret key"

#: Readers whose hashes are written at once.
_BATCH = 1000

_SUBSCRIBERS: Table = SubscriberRow.__table__  # type: ignore[attr-defined]
_SUPPRESSIONS: Table = SuppressionRow.__table__  # type: ignore[attr-defined]


def known(session: Session) -> str | None:
    """The fingerprint of the key; None where no program has left one yet."""
    asked = select(col(FingerprintRow.value)).where(col(FingerprintRow.name) == _KEY)
    return session.scalar(asked)


def leave(session: Session, value: str, *, now: dt.datetime) -> str:
    """Leave the fingerprint where there is none; whichever stands there now, also one of another program."""
    statements.inserted(session, FingerprintRow, name=_KEY, value=value, at=now)
    found = known(session)
    assert found is not None
    return found


def replace(session: Session, value: str, *, now: dt.datetime) -> None:
    """Write the fingerprint of another key."""
    change = update(FingerprintRow).where(col(FingerprintRow.name) == _KEY)
    statements.moved(session, change.values(value=value, at=now))


def first_reader(session: Session) -> tuple[str, str] | None:
    """(folded address, its hash) of the reader who came first; None where there is nobody."""
    columns = col(SubscriberRow.address_key), col(SubscriberRow.address_hash)
    found = session.execute(select(*columns).order_by(col(SubscriberRow.id)).limit(1)).first()
    return None if found is None else (found[0], found[1])


def hash_anew(session: Session, hashed: Callable[[str], str]) -> tuple[int, int]:
    """Hash every reader's address anew, and the suppressions of it.

    Returns how many readers there are, and how many suppressions are of addresses that are on file no
    more: nothing can hash those, so they hold nobody off.
    """
    readers = 0
    for rows in _batches(session):
        new = [{"reader": one, "old": old, "new": hashed(key)} for one, key, old in rows]
        connection = session.connection()
        suppressed = update(_SUPPRESSIONS).where(_SUPPRESSIONS.c.address_hash == bindparam("old"))
        connection.execute(suppressed.values(address_hash=bindparam("new")), new)
        mine = update(_SUBSCRIBERS).where(_SUBSCRIBERS.c.id == bindparam("reader"))
        connection.execute(mine.values(address_hash=bindparam("new")), new)
        readers += len(new)
    same = col(SubscriberRow.address_hash) == col(SuppressionRow.address_hash)
    lost = select(func.count()).select_from(SuppressionRow).where(~exists().where(same))
    return readers, session.scalar(lost) or 0


def _batches(session: Session) -> Iterator[list[tuple[int, str, str]]]:
    """(id, folded address, hash) of all readers by id, some at a time."""
    last = 0
    columns = col(SubscriberRow.id), col(SubscriberRow.address_key), col(SubscriberRow.address_hash)
    while True:
        asked = select(*columns).where(col(SubscriberRow.id) > last).order_by(col(SubscriberRow.id))
        rows = [(one or 0, key, old) for one, key, old in session.execute(asked.limit(_BATCH))]
        if not rows:
            return
        yield rows
        last = rows[-1][0]
