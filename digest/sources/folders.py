"""Files of a folder, in a fixed order; a link never leads out of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from digest import child
from digest.errors import BadInput, FetchError
from digest.model import IncomingArticle
from digest.protocols import Collected
from digest.sources import boilerplate

#: A folder may hold so many files of a kind; the rest is left, in their order.
MOST_FILES = 20_000


#: Makes an article of a file and its name in the folder; None where it is not out. Raises BadInput.
ReadFile = Callable[[Path, str], IncomingArticle | None]


def collected(folder: Path, endings: frozenset[str], read_file: ReadFile) -> Collected:
    """Every file's article, without what recurs in them; a file that cannot be used is told.

    Raises FetchError where there is no such folder.
    """
    articles: list[IncomingArticle] = []
    errors: list[BadInput] = []
    for found in _read_all(folder, endings, read_file):
        if isinstance(found, BadInput):
            errors.append(found)
        elif found is not None:
            articles.append(found)
    return Collected(boilerplate.cleaned(articles), tuple(errors))


def _read_all(
    folder: Path, endings: frozenset[str], read_file: ReadFile
) -> Iterator[IncomingArticle | BadInput | None]:
    """What became of each file, in their order; as many are read at once as there are children."""

    def read_one(path: Path) -> IncomingArticle | BadInput | None:
        name = path.relative_to(folder).as_posix()
        try:
            return read_file(path, name)
        except BadInput as error:
            return BadInput(name, error.reason)

    with ThreadPoolExecutor(child.AT_ONCE, thread_name_prefix="read") as pool:
        yield from pool.map(read_one, files(folder, endings))


def files(folder: Path, endings: frozenset[str]) -> Iterator[Path]:
    """Files with one of these endings, sorted by their path; hidden ones are left.

    Raises FetchError where the folder cannot be read.
    """
    if not folder.is_dir():
        raise FetchError(str(folder), "there is no such folder")
    root = folder.resolve()
    for number, path in enumerate(sorted(folder.rglob("*"))):
        if number >= MOST_FILES:
            return
        inside = path.relative_to(folder)
        hidden = any(part.startswith(".") for part in inside.parts)
        if hidden or path.suffix.lower() not in endings or not path.is_file():
            continue
        if path.resolve().is_relative_to(root):
            yield path


def read(path: Path, most: int) -> bytes:
    """A file's bytes. Raises BadInput where there are more than `most`, or it cannot be read."""
    try:
        with path.open("rb") as file:
            data = file.read(most + 1)
    except OSError as error:
        raise BadInput(path.name, f"cannot be read: {error.strerror}") from error
    if len(data) > most:
        raise BadInput(path.name, f"larger than {most / 1e6:g} MB")
    return data
