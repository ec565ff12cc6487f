"""Files of a folder, in a fixed order; a link never leads out of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

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
    for path in files(folder, endings):
        name = path.relative_to(folder).as_posix()
        try:
            article = read_file(path, name)
        except BadInput as error:
            errors.append(BadInput(name, error.reason))
            continue
        if article is not None:
            articles.append(article)
    return Collected(boilerplate.cleaned(articles), tuple(errors))


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
