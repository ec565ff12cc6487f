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
    """A hash of the code, its numbers and the templates of mails; read once a process, in some hundredths of a second.

    Who runs for long asks at its start: an update that lies there later is not the program that runs.
    """
    return mark_of((_PACKAGE, places.folder("templates") / "email"))


def mark_of(folders: tuple[Path, ...]) -> str:
    """The same of these folders: names and contents, and no times, so that two machines agree."""
    hashed = hashlib.blake2b(digest_size=16)
    for folder in folders:
        for path in _files(folder):
            told = _bytes(path)
            hashed.update(f"{path.relative_to(folder)}\0{len(told)}\0".encode())
            hashed.update(told)
    hashed.update(repr([_version(name) for name in _OTHERS]).encode())
    return hashed.hexdigest()


def _files(folder: Path) -> Iterator[Path]:
    """Nothing of Python's own, which comes and goes while programs start: `x.cpython-312.pyc.13780` for a moment."""
    found = (one for one in folder.rglob("*") if "__pycache__" not in one.parts and one.is_file())
    return iter(sorted(one for one in found if one.suffix != ".pyc"))


def _bytes(path: Path) -> bytes:
    """Of one that cannot be read nothing: an editor's left-over is no reason to make no draft."""
    try:
        return path.read_bytes()
    except OSError:
        return b""


def _version(package: str) -> str:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return ""
