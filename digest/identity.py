"""Whether this house is the real one: its folder and its database know each other, and neither is a copy.

The folder has a file with the house's id and generation, and with the number that the disk gave to that very
file: a copy of the folder has another number. The database has the same id and generation, and on
PostgreSQL the cluster's own name. Who finds that they do not fit sends nothing until a person says which one is real.
"""

from __future__ import annotations

import datetime as dt
import itertools
import json
import os
import platform
import secrets
from dataclasses import dataclass
from pathlib import Path

from digest.errors import ConfigError, Fault
from digest.store import events, identities, migrate
from digest.store.engine import Database, Session
from digest.store.identities import Identity

FILE = "house.json"

#: What a person can say, and how.
REMEDY = (
    "stop the other one, then say `digest identity --take` here if this is the real one from now on;"
    " `digest identity --join` if it is one more worker of the same house (PostgreSQL)"
)


@dataclass(frozen=True, slots=True)
class Folder:
    """What a data folder says of itself. own: False where its file was copied here, or restored."""

    id: str
    generation: int
    own: bool
    told: str


def ensure(database: Database, data: Path, *, now: dt.datetime) -> None:
    """Before anything is sent: make the two known to each other where they are new. Raises ConfigError for a copy."""
    why = doubt(database, data)
    if why:
        raise ConfigError(
            [Fault(str(data), None, "", f"nothing is sent from here: {why}; {REMEDY}")]
        )
    with database.read() as session:
        there = identities.known(session)
    if there is not None:
        _say(data, there)
        return
    folder = read(data)
    name = folder.id if folder else secrets.token_hex(8)
    with database.write() as session:
        mine = Identity(name, 1, identities.place(session))
        # the folder's first: whoever finds a SQLite database's identity without it takes that for another house's
        _say(data, identities.leave(session, mine, now=now))


def _say(data: Path, there: Identity) -> None:
    """The folder's file says the same as the database, if it does not yet."""
    folder = read(data)
    if folder is None or (folder.id, folder.generation) != (there.id, there.generation):
        write(data, there, own=True)


def doubt(database: Database, data: Path) -> str:
    """Why this may be a copy; empty where it is none, or where the two do not know each other yet."""
    with database.read() as session:
        there, place = identities.known(session), identities.place(session)
    folder = read(data)  # in this order: who makes a new house's writes it before the database's
    if folder is not None and not folder.own:
        return folder.told
    if there is None:
        return ""
    if there.place and place and there.place != place:
        return "the database is a copy of another one, or was moved"
    if folder is None:
        told = "the database is of a house whose data folder is another one"
        return told if database.is_sqlite else ""
    return _unlike(folder, there)


def _unlike(folder: Folder, there: Identity) -> str:
    if folder.id != there.id:
        return "the data folder is of another house than the database"
    if folder.generation < there.generation:
        return "somebody said that another copy of this house is the real one"
    if folder.generation > there.generation:
        return "the database is an older copy than the data folder"
    return ""


# ---------------------------------------------------------------- a house whose database is gone


LOST = "the database is empty or gone"
#: What to do about it.
GONE = (
    "put the file back, mend DIGEST_DATABASE_URL, or `digest restore` the newest backup; only to begin with"
    " no readers: `digest migrate --anew`"
)


def is_new(database: Database, data: Path) -> bool:
    """Whether its first table is still to be made. Raises ConfigError where a house has worked in this folder before.

    Else a start would make a new database without a word, and Sunday's mail would go to nobody.
    """
    if not is_blank(database):
        return False
    found = traces(data)
    if not found:
        return True
    if not is_blank(database):  # by now: another process began this very house at the same moment
        return False
    told = f"a house has worked here ({', '.join(found)}), and {LOST}: {GONE}"
    raise ConfigError([Fault(str(data), None, "", told)])


def is_blank(database: Database) -> bool:
    """Whether it has no table of ours. SQLite's file is not made by the question."""
    return not database.is_there or migrate.current(database) is None


def traces(data: Path) -> list[str]:
    """What shows that a house has worked in a folder, in words. A key alone shows nothing: it is made before the first table."""
    found = [FILE] if (data / FILE).exists() else []
    mails = sum(1 for _ in itertools.islice((data / "outbox").rglob("*.eml"), _MANY))
    if mails:
        found.append(f"{'many' if mails == _MANY else mails} mail{'s' * (mails > 1)} in outbox/")
    if next((data / "flight").glob("*.map"), None):
        found.append("state maps of a send in flight/")
    if any(_is_backup(one.parent) for one in data.glob("*/*/manifest.json")):
        found.append("backups")
    return found


def _is_backup(folder: Path) -> bool:
    """Many programs write a manifest.json; ours stands beside a database, or its tables."""
    return (folder / "database.sqlite").exists() or (folder / "tables").exists()


#: So many are enough to be shown.
_MANY = 100


def take(database: Database, data: Path, *, by: str, now: dt.datetime) -> Identity:
    """A person says that this is the real one: its generation is higher than any other's."""
    folder = read(data)
    with database.write() as session:
        there = identities.known(session)
        name = there.id if there else folder.id if folder else secrets.token_hex(8)
        last = max(there.generation if there else 0, folder.generation if folder else 0)
        mine = Identity(name, last + 1, identities.place(session))
        identities.leave(session, mine, now=now)
        identities.replace(session, mine, now=now)
        _record(session, "said that this house is the real one", mine, by=by, now=now)
        write(data, mine, own=True)
    return mine


def join(database: Database, data: Path, *, by: str, now: dt.datetime) -> Identity:
    """A person says that this folder is one more worker of the database's house. Raises ConfigError where it cannot be."""
    with database.write() as session:
        there, place = identities.known(session), identities.place(session)
        if database.is_sqlite or there is None or (there.place and there.place != place):
            told = "there is no house here to join: that is for workers that share one PostgreSQL"
            raise ConfigError([Fault(str(data), None, "", told)])
        _record(session, "joined the house", there, by=by, now=now)
        write(data, there, own=True)
    return there


def _record(session: Session, action: str, mine: Identity, *, by: str, now: dt.datetime) -> None:
    data = {"house": mine.id, "generation": mine.generation, "host": platform.node()}
    events.record(session, at=now, actor=by, action=action, data=data)


def read(data: Path) -> Folder | None:
    """What the folder's file says; None where there is none. Raises ConfigError for one that cannot be read."""
    path = data / FILE
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
        own = told["inode"] == path.stat().st_ino
        was = f"it is a copy of {told['folder']} on {told['host']}"
        why = told["why"] or was
        return Folder(str(told["house"]), int(told["generation"]), own, why)
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError) as error:
        fault = Fault(str(path), None, "", f"cannot be read as a house's identity: {error!r}")
        raise ConfigError([fault]) from error


def write(data: Path, identity: Identity, *, own: bool, why: str = "") -> None:
    """Write the folder's file, whole or not at all. own: False, with a reason, where a person must say so first."""
    path = data / FILE
    beside = path.with_name(f"{FILE}.{os.getpid()}.{secrets.token_hex(4)}")
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    told = {
        "house": identity.id,
        "generation": identity.generation,
        "inode": os.fstat(descriptor).st_ino if own else 0,
        "folder": str(data.resolve()),
        "host": platform.node(),
        "why": why,
    }
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump(told, file)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)
