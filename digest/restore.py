"""`digest restore`: a house out of a backup, in an empty place. Nothing leaves it before a person says that it is the real one."""

from __future__ import annotations

import datetime as dt
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from digest import backup, backup_files, identity, logs
from digest.audience import tokens
from digest.backup import Kept
from digest.backup_files import Manifest
from digest.delivery import restored
from digest.delivery.restored import Backup, Settled
from digest.errors import BadInput, Conflict, NoRoom
from digest.protocols import Progress, silent
from digest.store import identities, migrate, snapshots
from digest.store.engine import Database, Session
from digest.store.identities import Identity, Restored

log = logs.get(__name__)

#: A SQLite file that is not whole yet.
_STAGED = ".restoring"


@dataclass(frozen=True, slots=True)
class Done:
    """What was restored, what is held back, and what a person should know besides."""

    manifest: Manifest
    settled: Settled
    told: tuple[str, ...]


def restore(
    house: Kept,
    folder: Path,
    *,
    key: bytes | None,
    now: dt.datetime,
    last_word: bool = False,
    progress: Progress = silent,
) -> Done:
    """Put a backup into an empty house. key: the secret key that the settings give, if they give one.

    last_word: a person knows that the old house sent nothing after the backup.

    Raises NotFound and BadInput for what is no whole backup, Conflict where the house is not empty, or the
    backup is of a newer program or another kind of database.
    """
    folder = backup_files.chosen(folder)
    manifest = backup_files.read(folder)
    _fits(house, manifest)
    faults = list(backup_files.faults(folder, manifest, progress))
    if faults:
        raise BadInput(str(folder), "this backup is broken: " + "; ".join(faults[:5]))
    _is_empty(house, folder, manifest.house)
    _room(house, manifest)
    told = [*_key(folder, manifest, key), *_files(house, folder)]
    maps = folder / backup.DATA / "flight"
    known = Backup(maps, manifest.made_at, last_word)
    settled = _database(house, folder, manifest, known, now=now, progress=progress)
    log.info("restored", made_at=str(manifest.made_at), held=len(settled.sends))
    return Done(manifest, settled, tuple(told))


# ---------------------------------------------------------------- may it be done


def _fits(house: Kept, manifest: Manifest) -> None:
    here = house.database.engine.dialect.name
    if manifest.dialect != here and house.database.is_sqlite:
        remedy = "set DIGEST_DATABASE_URL to one of its kind; from SQLite to PostgreSQL there is a way, not back"
        raise Conflict(
            f"the backup is of {manifest.dialect}, and the database here is {here}: {remedy}"
        )
    if not migrate.is_known(manifest.schema):
        told = f"the backup is of a newer program ({manifest.program}, tables {manifest.schema})"
        raise Conflict(f"{told}: update the program")


def _is_empty(house: Kept, folder: Path, whose: str) -> None:
    """Raises Conflict with everything that is in the way; what is the backup's own already is not.

    Nor is a folder of the backup's own house, `whose`, that has lost its database.
    """
    found = list(_in_the_way(house, folder, whose))
    if found:
        told = ", ".join(found)
        raise Conflict(
            f"this house is not empty ({told}): a backup is put into an empty data folder and an empty"
            " database only; move what is there away, or set DIGEST_DATA and DIGEST_DATABASE_URL to new ones"
        )


def _in_the_way(house: Kept, folder: Path, whose: str) -> Iterator[str]:
    database = house.database
    if database.is_sqlite:
        path = snapshots.file_of(database)
        log_of_it = Path(f"{path}-wal")
        if log_of_it.exists() and log_of_it.stat().st_size:
            yield str(log_of_it)
        if path.exists() and not snapshots.is_blank(path):
            yield str(path)
    elif migrate.current(database) is not None:
        yield "the database has tables of ours"
    there = identity.read(house.data)
    if there and there.id != whose:
        yield f"{house.data / identity.FILE} is of another house than the backup"
    key = house.data / "secret.key"
    kept = folder / backup.DATA / "secret.key"
    if key.exists() and not (kept.exists() and kept.read_bytes() == key.read_bytes()):
        yield f"{key} is another key"
    yield from (str(one) for one in sorted((house.data / "flight").glob("*.map"))[:1])


def _room(house: Kept, manifest: Manifest) -> None:
    house.data.mkdir(parents=True, exist_ok=True, mode=0o700)
    free = shutil.disk_usage(house.data).free
    if manifest.dialect == "sqlite" and free < manifest.size:  # also where it goes on from here
        told = f"{manifest.size // 2**20} MB are needed and {free // 2**20} MB are free"
        raise NoRoom(f"no room to restore in {house.data}: {told}")


def _key(folder: Path, manifest: Manifest, key: bytes | None) -> Iterator[str]:
    """What is to be said of the key. Raises Conflict where the settings give another than the database's."""
    kept = folder / backup.DATA / "secret.key"
    if key is not None:
        if manifest.key and tokens.fingerprint(key) != manifest.key:
            raise Conflict("DIGEST_SECRET_KEY is not the key of this backup: links would break")
    elif not kept.exists():
        yield "the backup holds no secret key, it was in the settings: set the same DIGEST_SECRET_KEY here"


# ---------------------------------------------------------------- doing it


def _files(house: Kept, folder: Path) -> Iterator[str]:
    """The key, the schedules, the templates; what is there already stays as it is."""
    kept = folder / backup.DATA / "secret.key"
    if kept.exists():
        _put(kept, house.data / "secret.key")
    for path in sorted((folder / backup.SCHEDULES).glob("*.toml")):
        yield from _put_unless_other(path, house.schedules / path.name)
        own = backup.templates_of(path)
        templates = folder / backup.TEMPLATES / path.stem
        for file in sorted(one for one in templates.rglob("*") if own and one.is_file()):
            assert own is not None
            yield from _put_unless_other(file, own / file.relative_to(templates))


def _put_unless_other(path: Path, to: Path) -> Iterator[str]:
    if to.exists():
        if to.read_bytes() != path.read_bytes():
            yield f"{to} was there already and is not the backup's: it was left as it is ({path})"
    else:
        _put(path, to)


def _put(path: Path, to: Path) -> None:
    if to.exists():
        return
    to.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    descriptor = os.open(to, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(path.read_bytes())


def _database(
    house: Kept,
    folder: Path,
    manifest: Manifest,
    known: Backup,
    *,
    now: dt.datetime,
    progress: Progress,
) -> Settled:
    """The database last, whole or not at all: before it there is nothing that could send."""
    if manifest.dialect != house.database.engine.dialect.name:
        return _moved_over(house, folder, manifest, known, now=now, progress=progress)
    if not house.database.is_sqlite:
        with house.database.write() as session:
            migrate.bring_to(session.connection(), manifest.schema)
            snapshots.put_postgres(session, folder / backup.TABLES, manifest.tables, progress)
            migrate.bring_up(session.connection())
            settled = _settle(session, known, now=now)
            _say_whose(session, house.data, manifest)
        return settled
    path = snapshots.file_of(house.database)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    staged = _whole(folder, path.with_name(path.name + _STAGED))
    settled = _staged(staged, house, manifest, known, now=now)
    house.database.close()
    for left in (path, Path(f"{path}-wal"), Path(f"{path}-shm")):
        left.unlink(missing_ok=True)  # of one that held nothing
    staged.rename(path)
    return settled


def _whole(folder: Path, staged: Path) -> Path:
    """The backup's SQLite file beside its place. Raises BadInput where it is broken."""
    staged.unlink(missing_ok=True)
    try:
        shutil.copyfile(folder / backup.SQLITE, snapshots.private(staged))
    except OSError:
        staged.unlink(missing_ok=True)
        raise
    faults = snapshots.faults_of(staged)
    if faults:
        staged.unlink()
        raise BadInput(str(folder / backup.SQLITE), f"the database is broken: {'; '.join(faults)}")
    return staged


def _moved_over(
    house: Kept,
    folder: Path,
    manifest: Manifest,
    known: Backup,
    *,
    now: dt.datetime,
    progress: Progress,
) -> Settled:
    """A house that grew: what SQLite held goes into PostgreSQL, brought up to this version on the way."""
    staged = _whole(folder, house.data / f"{backup.SQLITE}{_STAGED}")
    database = Database(f"sqlite:///{staged}")
    try:
        migrate.upgrade(database)
        with house.database.write() as session:
            migrate.bring_up(session.connection())
            snapshots.put_sqlite(session, database, progress)
            settled = _settle(session, known, now=now)
            _say_whose(session, house.data, manifest)
    finally:
        database.close()
        for left in ("", "-wal", "-shm"):
            Path(f"{staged}{left}").unlink(missing_ok=True)
    return settled


def _staged(
    staged: Path, house: Kept, manifest: Manifest, known: Backup, *, now: dt.datetime
) -> Settled:
    database = Database(f"sqlite:///{staged}")
    try:
        migrate.upgrade(database)
        with database.write() as session:
            settled = _settle(session, known, now=now)
            _say_whose(session, house.data, manifest)
    finally:
        database.close()
    return settled


def _settle(session: Session, known: Backup, *, now: dt.datetime) -> Settled:
    identities.restore(session, Restored(known.made_at, now))
    return restored.settle(session, known, now=now)


def _say_whose(session: Session, data: Path, manifest: Manifest) -> None:
    """The folder's file says that a person must say first that this is the real one."""
    known = identities.known(session) or Identity(manifest.house or "0" * 16, manifest.generation)
    why = (
        f"it was restored from a backup of {manifest.made_at:%d %b %Y %H:%M:%S} UTC, and nobody has said yet"
        " that the house that the backup is of is gone"
    )
    identity.write(data, known, own=False, why=why)
