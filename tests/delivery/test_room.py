"""A disk that cannot be written or is nearly full is called that, before anything is sent."""

from __future__ import annotations

import errno
import shutil
from pathlib import Path
from types import SimpleNamespace

import pytest

from digest.delivery import room
from digest.errors import NoRoom


def test_a_disk_without_any_room_for_a_folder_is_called_full(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*given: object, **how: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "mkdir", full)
    with pytest.raises(NoRoom, match="the disk is full"):
        room.look(tmp_path / "flight")


def test_hardly_any_room_is_told_with_what_is_needed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda path: SimpleNamespace(free=99 * 2**20))
    with pytest.raises(NoRoom, match="the disk is full: 99 MB are free"):
        room.look(tmp_path / "flight")
