"""Files of readers that came by the desk: where they lie, and that none outlives its week."""

from __future__ import annotations

import datetime as dt
import errno
import io
import os
from pathlib import Path

import pytest

from digest.audience import uploads
from digest.errors import NoRoom
from digest.store import errands
from digest.store.engine import Database
from digest.store.errands import Kind, State
from tests.people import NOW


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("list.csv", "list.csv"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\x\\my list.csv", "my-list.csv"),
        ("errors.csv", "file-errors.csv"),
        ("...", "file"),
    ],
)
def test_a_files_name_is_no_path(given: str, kept: str) -> None:
    assert uploads.safe_name(given) == kept
    assert uploads.safe_name(kept) == kept


def test_a_file_lies_in_a_folder_of_its_own_that_nobody_else_reads(tmp_path: Path) -> None:
    path = uploads.keep(tmp_path, 7, "list.csv", io.BytesIO(b"email\n"))
    assert path.read_bytes() == b"email\n"
    assert path.parent.stat().st_mode & 0o077 == 0
    uploads.drop_file(tmp_path, 7, "list.csv")
    assert list(path.parent.iterdir()) == []


def test_where_the_disk_is_full_nothing_of_the_file_stays(tmp_path: Path) -> None:
    class Full(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            raise OSError(errno.ENOSPC, "No space left on device")

    with pytest.raises(NoRoom):
        uploads.keep(tmp_path, 7, "list.csv", Full())
    assert not uploads.folder(tmp_path, 7).exists()


def test_a_disk_that_fails_otherwise_says_how(tmp_path: Path) -> None:
    (tmp_path / "imports").write_text("a file where a folder should be")
    with pytest.raises(OSError, match="imports"):
        uploads.keep(tmp_path, 7, "list.csv", io.BytesIO(b""))


def test_what_nobody_has_touched_for_a_week_goes_with_its_files(
    sqlite: Database, tmp_path: Path
) -> None:
    with sqlite.write() as session:
        errand = errands.begin(session, Kind.IMPORT, actor="editor:1", state=State.LOOKED, now=NOW)
    path = uploads.keep(tmp_path, errand.id, "list.csv", io.BytesIO(b"email\n"))
    assert uploads.tidy(sqlite, tmp_path, now=NOW + uploads.KEPT) == 0
    assert path.exists()
    later = NOW + uploads.KEPT * 1.01
    assert uploads.tidy(sqlite, tmp_path, now=later) == 1
    assert not path.parent.exists()


def test_a_list_of_the_api_whose_call_broke_off_goes_after_a_day(
    sqlite: Database, tmp_path: Path
) -> None:
    (tmp_path / "imports").mkdir()
    old, young = (tmp_path / "imports" / f"api-{name}.csv" for name in ("old", "young"))
    for path, hours in ((old, 25), (young, 1)):
        path.write_text("email")
        at = (NOW - dt.timedelta(hours=hours)).timestamp()
        os.utime(path, (at, at))
    uploads.tidy(sqlite, tmp_path, now=NOW)
    assert list((tmp_path / "imports").iterdir()) == [young]
