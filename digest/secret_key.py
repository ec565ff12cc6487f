"""One database, one secret key: with another one links break and nobody's bounce is known any more.

The database keeps a fingerprint of the key that first worked on it; every later program is held to it.
"""

from __future__ import annotations

import datetime as dt
from typing import NamedTuple

from digest.audience import tokens
from digest.errors import ConfigError, Conflict, Fault
from digest.store import events, fingerprints, sends
from digest.store.engine import Database, Session


class Rekeyed(NamedTuple):
    """Readers whose address was hashed anew; suppressions of erased addresses that hold nobody off now."""

    readers: int
    lost: int


def ensure(database: Database, key: bytes, *, now: dt.datetime) -> None:
    """Leave the key's fingerprint in a database that has none. Raises ConfigError where it has another."""
    if check(database, key):
        return
    with database.write() as session:
        _same(fingerprints.leave(session, tokens.fingerprint(key), now=now), key)


def check(database: Database, key: bytes) -> bool:
    """True where the database has this key's fingerprint, False where it has none. Raises ConfigError else.

    A database of an earlier version has none, but its readers' hashes tell.
    """
    with database.read() as session:
        there = fingerprints.known(session)
        if there is None and not _is_of(session, key):
            raise _other("its readers' addresses are hashed with another")
    if there is not None:
        _same(there, key)
    return there is not None


def rekey(database: Database, key: bytes, *, by: str, now: dt.datetime) -> Rekeyed:
    """Make the database one of this key. Raises Conflict where it is already, or a send is on its way.

    Links in mails that have left, and bounces of them, are of the old key and are known no more.
    """
    mine = tokens.fingerprint(key)
    with database.write() as session:
        if fingerprints.leave(session, mine, now=now) == mine and _is_of(session, key):
            raise Conflict("the database is of this key already")
        if sends.unfinished(session):
            raise Conflict("a send is not over: end it first, its copies are of the old key")
        readers, lost = fingerprints.hash_anew(session, lambda one: tokens.address_hash(key, one))
        fingerprints.replace(session, mine, now=now)
        data = {"readers": readers, "lost": lost}
        events.record(session, at=now, actor=by, action="changed the secret key", data=data)
    return Rekeyed(readers, lost)


def _same(there: str, key: bytes) -> None:
    mine = tokens.fingerprint(key)
    if there != mine:
        raise _other(f"fingerprint {there[:8]}, here {mine[:8]}")


def _is_of(session: Session, key: bytes) -> bool:
    first = fingerprints.first_reader(session)
    return first is None or tokens.address_hash(key, first[0]) == first[1]


def _other(how: str) -> ConfigError:
    remedy = (
        f"is not the key of this database ({how}): copy secret.key from the data folder of the program that"
        " used it first, or set the same DIGEST_SECRET_KEY everywhere; `digest rekey` changes it on purpose"
    )
    return ConfigError([Fault("settings", None, "DIGEST_SECRET_KEY", remedy)])
