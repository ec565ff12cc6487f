"""The program is known by what its files hold, on whichever machine, and by nothing else."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from digest import program
from digest.program import mark_of


def a_package(folder: Path, *, numbers: str = "0.25") -> Path:
    (folder / "facts").mkdir(parents=True)
    (folder / "rank.py").write_text("WEIGHT = 1\n")
    (folder / "facts" / "numbers.json").write_text(numbers)
    return folder


def test_two_machines_with_the_same_files_agree(tmp_path: Path) -> None:
    one, other = a_package(tmp_path / "a"), a_package(tmp_path / "b")
    os.utime(other / "rank.py", (0, 0))
    (other / "__pycache__").mkdir()
    (other / "__pycache__" / "rank.cpython-311.pyc").write_bytes(b"compiled")
    (other / "__pycache__" / "rank.cpython-311.pyc.139784").write_bytes(b"being written")
    assert mark_of((one,)) == mark_of((other,))


def test_a_number_that_changed_makes_another_program(tmp_path: Path) -> None:
    one, other = a_package(tmp_path / "a"), a_package(tmp_path / "b", numbers="0.35")
    assert mark_of((one,)) != mark_of((other,))


def test_a_file_under_another_name_makes_another_program(tmp_path: Path) -> None:
    one, other = a_package(tmp_path / "a"), a_package(tmp_path / "b")
    (other / "rank.py").rename(other / "ranks.py")
    assert mark_of((one,)) != mark_of((other,))


def test_a_library_that_makes_mails_belongs_to_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = a_package(tmp_path / "a")
    before = mark_of((one,))
    monkeypatch.setattr(program.metadata, "version", lambda name: f"{name} 99")
    assert mark_of((one,)) != before


def test_a_file_that_goes_while_we_look_is_no_reason_to_make_no_draft(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = a_package(tmp_path / "a")
    before = mark_of((one,))

    def gone(path: Path) -> bytes:
        raise FileNotFoundError(2, "No such file or directory", path)

    monkeypatch.setattr(Path, "read_bytes", gone)
    assert mark_of((one,)) != before


def test_our_own_is_read_once_a_process() -> None:
    assert len(program.mark()) == 32
    assert program.mark() is program.mark()
