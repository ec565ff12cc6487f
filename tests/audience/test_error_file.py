"""The rows that were not taken, as a file."""

from __future__ import annotations

from pathlib import Path

from digest.audience import error_file
from digest.audience.layouts import RowError


def test_rows_are_written_so_that_no_spreadsheet_runs_them_and_read_as_they_were(
    tmp_path: Path,
) -> None:
    path = tmp_path / "errors.csv"
    with error_file.written(path) as tell:
        tell(RowError(2, "=cmd|'x'!A0", "no usable address", "has no @", file="a.csv"))
        tell(RowError(3, "two\nlines", "no usable address", "has no @"))
    assert "\"'=cmd" in path.read_text() or ",'=cmd" in path.read_text()
    first, second = error_file.first(path, 5)
    assert first == {"file": "a.csv", "line": "2", "address": "=cmd|'x'!A0", "reason": "has no @"}
    assert second["address"] == "two\nlines"
    assert len(error_file.first(path, 1)) == 1


def test_where_all_could_be_used_there_is_no_file(tmp_path: Path) -> None:
    path = tmp_path / "errors.csv"
    with error_file.written(path):
        pass
    assert not path.exists()
    assert error_file.first(path, 5) == []
