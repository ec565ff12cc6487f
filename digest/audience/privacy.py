"""A reader's rights: everything that we know about one, as JSON; and the end of it, to the last byte."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from digest import logs
from digest.audience import addresses, tokens
from digest.errors import NotFound
from digest.model import HookKind
from digest.store import dossier, events, hooks, sends, suppressions, traces
from digest.store.dossier import Person
from digest.store.engine import Database, Session

log = logs.get(__name__)

#: Folders of the data folder whose files are mails that went out.
_MAILS = ("outbox",)


@dataclass(frozen=True, slots=True)
class Erased:
    """What an erasure did. rows: by table. mails: files of the outbox that are gone.

    left: files in which the address still stands, for a person to look at. rewritten: the database's file
    was written anew. waits: that has to wait for the end of a send.
    """

    rows: dict[str, int]
    mails: int = 0
    left: tuple[Path, ...] = ()
    rewritten: bool = False
    waits: bool = False


def everything(database: Database, raw: str, *, key: bytes) -> dict[str, Any]:
    """All that is kept about an address. Raises BadInput for no address, NotFound where nothing is."""
    with database.read() as session:
        told = dossier.tell(session, _person(session, raw, key))
    if not told:
        raise NotFound("nothing is kept about this address")
    return {"address": addresses.parse(raw).address, "kept": told}


def erase(
    database: Database,
    raw: str,
    *,
    key: bytes,
    data: Path,
    now: dt.datetime,
    by: str = "operator",
) -> Erased:
    """Forget a reader: rows, words, free pages, mails in the outbox. What stays is the keyed hash.

    data: the house's folder. by: who does it, for the log. Raises BadInput for no address, NotFound where nothing is kept about it.
    """
    with database.write() as session:
        person = _person(session, raw, key)
        if not dossier.tell(session, person).keys() - {"suppression"}:
            raise NotFound("nothing is kept about this address")
        rows = _erased(session, person, now=now)
        for hashed in person.hashes:
            suppressions.add(session, hashed, reason=suppressions.ERASED, now=now)
        for one in person.ids:
            events.record(session, at=now, actor=by, action="erased", subject=f"subscriber:{one}")
    log.info("a reader was erased", subscribers=list(person.ids))
    mails = _drop_mails(data, person)
    return _cleaned(database, data, person, rows, mails)


def forget(
    database: Database, found: Iterable[tuple[str, bool]], *, key: bytes, now: dt.datetime
) -> int:
    """Forget readers whose time is over: their rows, a transaction each; how many.

    found: folded addresses, and whether no import may bring them back. Words elsewhere go by their own age.
    """
    count = 0
    for address_key, were_readers in found:
        hashed = tokens.address_hash(key, address_key)
        with database.write() as session:
            person = dossier.find(session, address_key, hashed)
            _erased(session, person, now=now, words=False)
            for one in person.hashes if were_readers else ():
                suppressions.add(session, one, reason=suppressions.ERASED, now=now)
        count += 1
    return count


def _erased(
    session: Session, person: Person, *, now: dt.datetime, words: bool = True
) -> dict[str, int]:
    """Erase, and tell it to programs that were told of the reader: by the number that they know, which is nobody's now.

    Who holds data of somebody who is erased must hear of it (Article 19 of the GDPR).
    """
    belonged = dossier.belonged(session, person)
    rows = dossier.erase(session, person, words=words)
    for one in belonged:
        data = {"reader": one.reader}
        if one.still:
            left = {**data, "how": "erased"}
            hooks.tell(session, one.newsletter, HookKind.READER_LEFT, now=now, data=left)
        hooks.tell(session, one.newsletter, HookKind.READER_ERASED, now=now, data=data)
    return rows


def _person(session: Session, raw: str, key: bytes) -> Person:
    found = addresses.parse(raw)
    hashed = tokens.address_hash(key, found.key)
    return dossier.find(session, found.key, hashed)


def _cleaned(
    database: Database, data: Path, person: Person, rows: dict[str, int], mails: int
) -> Erased:
    """Look at the bytes on the disk, and write the database anew where something is left in it."""
    traces.settle(database)
    files = traces.files_of(database)
    remains = bool(traces.holding(files, "|".join(map(addresses.anywhere, person.keys))))
    waits = remains and _sending(database)
    if remains and not waits:
        traces.rewrite(database)
    ours = {path.resolve() for path in files}
    others = (path for path in data.rglob("*") if path.is_file() and path.resolve() not in ours)
    left = traces.holding(others, _spelled(person))
    return Erased(rows, mails, tuple(left), remains and not waits, waits)


def _sending(database: Database) -> bool:
    with database.read() as session:
        return bool(sends.unfinished(session))


def _drop_mails(data: Path, person: Person) -> int:
    mails = [path for name in _MAILS for path in (data / name).rglob("*.eml")]
    found = traces.holding(mails, _spelled(person))
    for path in found:
        path.unlink()
    return len(found)


def _spelled(person: Person) -> str:
    return "|".join(map(addresses.spellings, person.keys))
