"""Where commands are typed: a folder of its own."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.houses import SCHEDULE


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder with one schedule; settings come from nowhere else."""
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.startswith("DIGEST_")]:
        monkeypatch.delenv(name)
    (tmp_path / "schedules").mkdir()
    (tmp_path / "schedules" / "sunday.toml").write_text(SCHEDULE, encoding="utf-8")
    return tmp_path
