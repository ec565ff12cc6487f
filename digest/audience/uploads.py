"""Files of readers that came by the desk: each in a folder of its own until it is taken over or dropped.

They lie below the data folder, where an erasure looks for what it may have missed, and never in the database.
"""

from __future__ import annotations

import datetime as dt
import errno
import re
import shutil
from pathlib import Path
from typing import IO

from digest import logs
from digest.errors import NoRoom
from digest.store import errands
from digest.store.engine import Database

log = logs.get(__name__)

#: The largest file that is taken up by a page, in bytes: some three million rows. Larger ones go by the command.
LIMIT = 500_000_000
#: What nobody has touched for so long goes.
KEPT = dt.timedelta(days=7)
#: A list that came by the API is read within this time.
READ = dt.timedelta(days=1)
_BLOCK = 1 << 20


def folder(data: Path, number: int) -> Path:
    """Where an errand's files lie on this machine."""
    return data / "imports" / str(number)


def keep(data: Path, number: int, name: str, stream: IO[bytes]) -> Path:
    """Copy a file to its place, block by block. name: as its owner calls it. Raises NoRoom."""
    place = folder(data, number)
    try:
        place.mkdir(parents=True, exist_ok=True, mode=0o700)
        path = place / safe_name(name)
        with path.open("wb") as copy:
            shutil.copyfileobj(stream, copy, _BLOCK)
    except OSError as error:
        drop(data, number)
        if error.errno == errno.ENOSPC:
            raise NoRoom("the disk of the data folder is full") from error
        raise
    return path


def safe_name(name: str) -> str:
    """The file's last name, without anything that is more than a name: some exports say in it who is inside."""
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    plain = re.sub(r"[^\w.-]+", "-", last).lstrip(".-")
    return f"file-{plain[-100:]}" if plain == ERRORS else plain[-100:] or "file"


#: The rows that were not taken, beside the file that they are of.
ERRORS = "errors.csv"


def drop(data: Path, number: int) -> None:
    """Nothing of it stays."""
    shutil.rmtree(folder(data, number), ignore_errors=True)


def drop_file(data: Path, number: int, name: str) -> None:
    """The file itself goes; the rows that were not taken stay to be fetched."""
    (folder(data, number) / safe_name(name)).unlink(missing_ok=True)


def tidy(database: Database, data: Path, *, now: dt.datetime) -> int:
    """Drop errands that nobody has touched for a week, with their files; how many.

    With them what a call of the API left behind that broke off with the whole process.
    """
    with database.write() as session:
        old = errands.forget(session, before=now - KEPT)
    for path in (data / "imports").glob("*.csv"):  # an errand's files lie in folders
        if path.stat().st_mtime < (now - READ).timestamp():
            path.unlink(missing_ok=True)
    for number in old:
        drop(data, number)
    if old:
        log.info("old errands of the desk are gone", count=len(old))
    return len(old)
