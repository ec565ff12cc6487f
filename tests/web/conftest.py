"""A house with one newsletter, on each database."""

from __future__ import annotations

from pathlib import Path

import pytest

from digest import logs
from digest.bootstrap import House
from digest.store.engine import Database
from tests.houses import make_house


@pytest.fixture(autouse=True)
def _plain_logs(_logs_as_they_were: None) -> None:
    """As in production: a trace without the values of variables."""
    logs.set_up("ERROR")


@pytest.fixture
def house(database: Database, tmp_path: Path) -> House:
    return make_house(database, tmp_path)


@pytest.fixture
def sqlite_house(sqlite: Database, tmp_path: Path) -> House:
    """For what does not depend on the dialect."""
    return make_house(sqlite, tmp_path)
