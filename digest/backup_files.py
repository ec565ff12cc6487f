"""A backup's folder: what is in it, and the list that says so, by which a broken or foreign one is known."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path

from digest.errors import BadInput, NotFound
from digest.protocols import Progress, silent

MANIFEST = "manifest.json"
FORMAT = 1
_PIECE = 2**20


@dataclass(frozen=True, slots=True)
class Entry:
    """One file of a backup. path: below its folder, with slashes. size: in bytes."""

    path: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What a backup is of.

    program, schema: the versions. dialect: sqlite or postgresql. house, generation: whose it is. key: the
    fingerprint of the secret key, empty where no program has worked on the database. tables: of PostgreSQL,
    the columns of each file. counts: how much there is of what, for people.
    """

    made_at: dt.datetime
    program: str
    schema: str
    dialect: str
    house: str
    generation: int
    key: str
    tables: dict[str, list[str]] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)
    files: tuple[Entry, ...] = ()

    @property
    def size(self) -> int:
        """Of all files, in bytes."""
        return sum(one.size for one in self.files)


def listed(folder: Path, progress: Progress = silent) -> tuple[Entry, ...]:
    """Every file below a folder with its size and checksum, by name."""
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    found = []
    for done, path in enumerate(paths, 1):
        name = path.relative_to(folder).as_posix()
        if name != MANIFEST:
            found.append(Entry(name, path.stat().st_size, _sha256(path)))
        progress("checksums", done, len(paths))
    return tuple(found)


def _sha256(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while piece := file.read(_PIECE):
            digest.update(piece)
    return digest.hexdigest()


def text_of(manifest: Manifest) -> str:
    """The list as it is written, with a checksum of itself."""
    told = asdict(manifest) | {"made_at": manifest.made_at.isoformat(), "format": FORMAT}
    return json.dumps(told | {"checksum": _checksum(told)}, indent=1, sort_keys=True) + "\n"


def _checksum(told: dict[str, object]) -> str:
    plain = json.dumps(told, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(plain.encode()).hexdigest()


def read(folder: Path) -> Manifest:
    """The list of a backup. Raises NotFound where there is none, BadInput where it is no whole one of ours."""
    path = folder / MANIFEST
    if not path.is_file():
        raise NotFound(f"{folder} holds no backup: there is no {MANIFEST} in it")
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
        checksum, number = told.pop("checksum"), told["format"]
        if checksum != _checksum(told):
            raise BadInput(str(path), "was changed since it was written, or is cut off")
        if number != FORMAT:
            raise BadInput(str(path), f"is of format {number}; this program reads {FORMAT}")
        del told["format"]
        files = tuple(Entry(**one) for one in told.pop("files"))
        made_at = dt.datetime.fromisoformat(told.pop("made_at"))
        return Manifest(files=files, made_at=made_at, **told)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise BadInput(str(path), f"cannot be read: {error}") from error


def chosen(folder: Path) -> Path:
    """The backup itself, or the newest one in a folder of them. Raises NotFound where there is none."""
    if (folder / MANIFEST).is_file():
        return folder
    found = whole(folder)
    if not found:
        raise NotFound(
            f"{folder} holds no backup: there is no {MANIFEST} in it, nor in a folder of it"
        )
    return found[-1]


def whole(folder: Path) -> list[Path]:
    """The backups in a folder of them, oldest first. One that was never finished is none."""
    found = (path.parent for path in folder.glob(f"*/{MANIFEST}"))
    return sorted(path for path in found if not path.name.endswith(".partial"))


def faults(folder: Path, manifest: Manifest, progress: Progress = silent) -> Iterator[str]:
    """Every file that is missing, of another size or content, and what is there besides."""
    for done, entry in enumerate(manifest.files, 1):
        path = folder / entry.path
        if not _is_below(path, folder) or not path.is_file():
            yield f"{entry.path} is missing"
        elif path.stat().st_size != entry.size:
            yield f"{entry.path} has {path.stat().st_size} bytes and should have {entry.size}"
        elif _sha256(path) != entry.sha256:
            yield f"{entry.path} is not what was written: its checksum is another"
        progress("verified", done, len(manifest.files))
    known = {entry.path for entry in manifest.files} | {MANIFEST}
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.is_file() and name not in known:
            yield f"{name} is no part of this backup"


def _is_below(path: Path, folder: Path) -> bool:
    return path.resolve().is_relative_to(folder.resolve())
