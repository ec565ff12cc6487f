"""This very program, known by its files: what another one made is made anew, also where both are of one version."""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

from digest import places

_PACKAGE = Path(__file__).resolve().parent
#: Packages that have a say in what a mail looks like, beside our own.
_OTHERS = ("mjml-python", "jinja2", "css-inline", "babel", "numpy")


@functools.cache
def mark() -> str:
    """A hash of the code, its numbers and the templates of mails; read once a process, in some hundredths of a second."""
    return mark_of((_PACKAGE, places.folder("templates") / "email"))


def mark_of(folders: tuple[Path, ...]) -> str:
    """The same of these folders: names and contents, and no times, so that two machines agree."""
    hashed = hashlib.blake2b(digest_size=16)
    for folder in folders:
        for path in _files(folder):
            hashed.update(f"{path.relative_to(folder)}\0{path.stat().st_size}\0".encode())
            hashed.update(path.read_bytes())
    hashed.update(repr([_version(name) for name in _OTHERS]).encode())
    return hashed.hexdigest()


def _files(folder: Path) -> Iterator[Path]:
    found = (one for one in folder.rglob("*") if one.is_file() and one.suffix != ".pyc")
    return iter(sorted(found))


def _version(package: str) -> str:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return ""
