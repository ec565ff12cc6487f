"""Where commands are typed: a folder of its own."""

from __future__ import annotations

import datetime as dt
import functools
import os
import time
from pathlib import Path

import pytest

from digest.bootstrap import open_house
from tests.delivery.sundays import going_on
from tests.houses import MONDAY, SCHEDULE


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder with one schedule; settings come from nowhere else."""
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.startswith("DIGEST_")]:
        monkeypatch.delenv(name)
    (tmp_path / "schedules").mkdir()
    (tmp_path / "schedules" / "sunday.toml").write_text(SCHEDULE, encoding="utf-8")
    return tmp_path


@pytest.fixture
def thursday(monkeypatch: pytest.MonkeyPatch) -> dt.datetime:
    """Noon of the Thursday of the tests' week, from which every command's clock goes on."""
    moment = MONDAY + dt.timedelta(days=3, hours=6)
    at = functools.partial(open_house, clock=going_on(moment, time.time()))
    monkeypatch.setattr("digest.bootstrap.open_house", at)
    return moment
