"""Files that belong together: a folder, a zip, a tar, or a file by itself. Nothing is ever unpacked to a disk."""

from __future__ import annotations

import lzma
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path, PurePosixPath

from digest.errors import BadInput, FetchError
from digest.sources import folders

#: The largest file that is read whole, and so many bytes in all of one package.
MOST_BYTES = 400_000_000
ENDINGS = frozenset(
    {".xml", ".json", ".csv", ".md", ".markdown", ".mdown", ".html", ".htm", ".txt", ".wxr"}
)
#: What a broken or hostile archive raises.
_BROKEN = (
    *(zipfile.BadZipFile, tarfile.TarError, zlib.error, lzma.LZMAError),
    *(EOFError, RuntimeError, NotImplementedError, OSError, ValueError),
)


@dataclass(frozen=True, slots=True)
class Package:
    """Files by their names, in a fixed order; each is read when it is asked for."""

    readers: Mapping[str, Callable[[int], bytes]]

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(self.readers)

    def read(self, name: str, most: int = MOST_BYTES) -> bytes:
        """A file's bytes. Raises BadInput where it cannot be read, or is larger than `most`."""
        try:
            data = self.readers[name](most + 1)
        except _BROKEN as error:
            raise BadInput(name, f"cannot be read: {error}") from error
        if len(data) > most:
            raise BadInput(name, f"larger than {most / 1e6:g} MB")
        return data

    def find(self, ending: str) -> str | None:
        """The file whose name is this, wherever it lies; None where there is none."""
        return next((name for name in self.names if f"/{name}".endswith(f"/{ending}")), None)


def opened(path: Path) -> Package:
    """What lies at a path. Raises FetchError where there is nothing, BadInput where it is broken."""
    if path.is_dir():
        return Package(dict(_of_folder(path)))
    if not path.is_file():
        raise FetchError(str(path), "there is no such file or folder")
    try:
        if zipfile.is_zipfile(path):
            return Package(dict(_of_zip(path)))
        if _is_packed(path) and tarfile.is_tarfile(path):
            return Package(dict(_of_tar(path)))
    except _BROKEN as error:
        raise BadInput(path.name, f"cannot be opened: {error}") from error
    if path.suffix.lower() == ".csv":
        return Package(dict(_beside(path)))
    return Package({path.name: partial(_from, path)})


def _is_packed(path: Path) -> bool:
    return any(ending in (".tar", ".tgz", ".tbz2", ".txz") for ending in path.suffixes)


def _from(path: Path, most: int) -> bytes:
    with path.open("rb") as file:
        return file.read(most)


def _of_folder(folder: Path) -> Iterator[tuple[str, Callable[[int], bytes]]]:
    for path in folders.files(folder, ENDINGS):
        yield path.relative_to(folder).as_posix(), partial(_from, path)


def _beside(table: Path) -> Iterator[tuple[str, Callable[[int], bytes]]]:
    """A table and the texts that its export keeps in folders beside it."""
    yield table.name, partial(_from, table)
    for name in ("posts", "emails"):
        folder = table.parent / name
        if folder.is_dir():
            for path in folders.files(folder, ENDINGS):
                yield f"{name}/{path.relative_to(folder).as_posix()}", partial(_from, path)


def _of_zip(path: Path) -> Iterator[tuple[str, Callable[[int], bytes]]]:
    archive = zipfile.ZipFile(path)
    wanted = sorted(
        (info for info in archive.infolist() if not info.is_dir() and _is_wanted(info.filename)),
        key=lambda info: info.filename,
    )
    for info in wanted[: folders.MOST_FILES]:
        yield info.filename, partial(_from_zip, archive, info)


def _from_zip(archive: zipfile.ZipFile, info: zipfile.ZipInfo, most: int) -> bytes:
    with archive.open(info) as file:
        return file.read(most)


def _of_tar(path: Path) -> Iterator[tuple[str, Callable[[int], bytes]]]:
    archive = tarfile.open(path)  # noqa: SIM115 — read from as long as the package lives
    members: dict[str, tarfile.TarInfo] = {}
    for member in archive:
        if member.isfile() and _is_wanted(member.name):
            members[member.name] = member
        if len(members) >= folders.MOST_FILES:
            break
    for name in sorted(members):
        yield name, partial(_from_tar, archive, members[name])


def _from_tar(archive: tarfile.TarFile, member: tarfile.TarInfo, most: int) -> bytes:
    file = archive.extractfile(member)
    return file.read(most) if file else b""


def _is_wanted(name: str) -> bool:
    """A file of a kind that is read, not hidden, and none of a Mac's own shadows."""
    place = PurePosixPath(name)
    hidden = any(part.startswith(".") or part == "__MACOSX" for part in place.parts)
    return place.suffix.lower() in ENDINGS and not hidden
