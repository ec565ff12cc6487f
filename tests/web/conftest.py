"""A house with one newsletter, on each database."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from anyio.from_thread import start_blocking_portal

from digest import logs
from digest.bootstrap import House
from digest.store.engine import Database
from tests.houses import make_house
from tests.web import people


@pytest.fixture(autouse=True)
def _one_loop() -> Iterator[None]:
    """Every visitor's requests run in one loop, as those of a server do. Of each test its own: coverage starts with it."""
    with start_blocking_portal() as people.LOOP:
        yield
    people.LOOP = None


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
