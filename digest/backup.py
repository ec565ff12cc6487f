"""`digest backup`: the house as it is at one moment, in a folder, while it goes on working.

First the database, then the state maps, which are a little newer then: what they say of a reader can only be
more than the database knew. Nothing is stopped and nobody waits.
"""

from __future__ import annotations

import datetime as dt
import os
import shutil
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from digest import __version__, backup_files, identity, logs
from digest.backup_files import Manifest
from digest.errors import Conflict, NoRoom
from digest.protocols import Progress, silent
from digest.store import amounts, events, fingerprints, heartbeats, identities, migrate, snapshots
from digest.store.engine import Database

log = logs.get(__name__)

#: The database's file in a backup of SQLite, and the folders beside it.
SQLITE, TABLES = "database.sqlite", "tables"
DATA, SCHEDULES, TEMPLATES = "data", "schedules", "templates"
#: What of the data folder is worth keeping: the key of all links, and who is on the wire.
_KEPT = ("secret.key", "flight/*.map")
_PARTIAL = ".partial"


@dataclass(frozen=True, slots=True)
class Kept:
    """What a house keeps where. has_key: its secret key is in the settings, which no backup holds."""

    database: Database
    data: Path
    schedules: Path
    has_key: bool = True


@dataclass(frozen=True, slots=True)
class Made:
    """A finished backup, and older ones that went for it. without: what could not be copied, in words."""

    folder: Path
    manifest: Manifest
    dropped: tuple[Path, ...] = ()
    without: tuple[str, ...] = ()


def make(
    house: Kept,
    folder: Path,
    *,
    now: dt.datetime,
    keep: int = 0,
    by: str = "operator",
    progress: Progress = silent,
) -> Made:
    """A backup in a new folder of `folder`, named by its time; whole or not there.

    keep: so many of the newest stay there, older ones are removed; 0: all, as where this one lacks a lost key. by: who says so, for the log. Raises NoRoom, and Conflict where
    there is no database yet, ConfigError where there was one.
    """
    is_new = identity.is_new(house.database, house.data)
    schema = None if is_new else migrate.current(house.database)
    if schema is None:
        raise Conflict("there is nothing to back up: the database has no tables yet")
    _private(folder)
    to = _free(folder / f"{now:%Y%m%dT%H%M%SZ}")
    partial = to.with_name(to.name + _PARTIAL)
    try:
        partial.mkdir(mode=0o700)
        manifest, without = _written(house, partial, _about(house, schema, now), progress)
        _sealed(partial)
        partial.rename(to)
        _sync(folder)
    except BaseException:
        shutil.rmtree(partial, ignore_errors=True)
        raise
    with house.database.write() as session:
        heartbeats.beat(session, "backup", now=now, detail=str(manifest.size))
        if schema == migrate.newest():  # the log of an older version is written by its own program
            told = {"bytes": manifest.size, "files": len(manifest.files), **manifest.counts}
            events.record(session, at=now, actor=by, action="made a backup", data=told)
    if _has_lost_its_key(house):
        keep, without = 0, (*without, _KEYLESS)
    dropped = tuple(_drop(folder, keep)) if keep else ()
    log.info("backed up", bytes=manifest.size, files=len(manifest.files), dropped=len(dropped))
    return Made(to, manifest, dropped, without)


#: What a backup lacks, and what is done about it.
_KEYLESS = "the secret key: secret.key is gone from the data folder; older backups are kept, for they may hold it"


def _has_lost_its_key(house: Kept) -> bool:
    return not house.has_key and not (house.data / "secret.key").exists()


def _about(house: Kept, schema: str, now: dt.datetime) -> Manifest:
    with house.database.read() as session:
        whose = identities.known(session)
        key = fingerprints.known(session)
    return Manifest(
        made_at=now,
        program=__version__,
        schema=schema,
        dialect=house.database.engine.dialect.name,
        house=whose.id if whose else "",
        generation=whose.generation if whose else 0,
        key=key or "",
    )


def _written(
    house: Kept, to: Path, manifest: Manifest, progress: Progress
) -> tuple[Manifest, tuple[str, ...]]:
    """All files, and the list of them last."""
    _look_for_room(house, to)
    if house.database.is_sqlite:
        snapshots.copy_sqlite(house.database, to / SQLITE, progress)
        tables: dict[str, list[str]] = {}
    else:
        (to / TABLES).mkdir(mode=0o700)
        tables = snapshots.copy_postgres(house.database, to / TABLES, progress)
    for path in (found for pattern in _KEPT for found in sorted(house.data.glob(pattern))):
        _copy(path, to / DATA / path.relative_to(house.data))
    without = tuple(_schedules(house.schedules, to))
    with house.database.read() as session:
        counts = amounts.of_everything(session)
    files = backup_files.listed(to, progress)
    manifest = replace(manifest, tables=tables, counts=counts, files=files)
    _write(to / backup_files.MANIFEST, backup_files.text_of(manifest).encode())
    return manifest, without


def _look_for_room(house: Kept, to: Path) -> None:
    if house.database.is_sqlite:
        needed = snapshots.file_of(house.database).stat().st_size
        free = shutil.disk_usage(to).free
        if free < needed:
            told = f"{needed // 2**20} MB are needed and {free // 2**20} MB are free in {to.parent}"
            raise NoRoom(f"no room for a backup: {told}")


def _schedules(folder: Path, to: Path) -> Iterator[str]:
    """The schedule files as they are, also one with faults, and the own templates that they name."""
    (to / SCHEDULES).mkdir(mode=0o700)
    for path in sorted(folder.glob("*.toml")):
        _copy(path, to / SCHEDULES / path.name)
        own = templates_of(path)
        if own is None:
            continue
        if not own.is_dir():
            yield f"the templates of {path.name}: {own} is no folder"
        for file in sorted(one for one in own.rglob("*") if one.is_file()):
            _copy(file, to / TEMPLATES / path.stem / file.relative_to(own))


def templates_of(path: Path) -> Path | None:
    """The folder of own templates that a schedule file names; None where it names none, or cannot be read."""
    try:
        told = tomllib.loads(path.read_text(encoding="utf-8-sig"))
        named = told.get("render", {}).get("templates")
    except (OSError, ValueError, AttributeError):
        return None
    return Path(named) if isinstance(named, str) else None


def _copy(path: Path, to: Path) -> None:
    """A file that may go while we look: a state map that is no longer needed is no loss."""
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return
    to.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    _write(to, data)


def _write(path: Path, data: bytes) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)


def _sealed(folder: Path) -> None:
    """On the disk, not only on its way there."""
    for path in folder.rglob("*"):
        _sync(path)
    _sync(folder)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _private(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)


def _free(path: Path) -> Path:
    """The first name that nobody has, where two are made in one second."""
    names = [path, *(path.with_name(f"{path.name}-{number}") for number in range(2, 100))]
    return next(one for one in names if not one.exists())


def _drop(folder: Path, keep: int) -> Iterator[Path]:
    for path in backup_files.whole(folder)[:-keep]:
        shutil.rmtree(path)
        yield path
