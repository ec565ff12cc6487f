"""Readings that go wrong in a way of ours: the source is free again, and the desk goes on."""

from __future__ import annotations

from pathlib import Path

from digest.bootstrap import House
from digest.store import polls
from digest.store.engine import Database
from digest.web.readings import Readings
from tests.web.test_source_pages import with_feed


def test_a_source_that_could_not_even_be_asked_is_let_go(sqlite_house: House) -> None:
    readings = Readings(sqlite_house, patience_s=60.0)
    schedule = sqlite_house.schedule("sunday")
    assert readings.begin(schedule, "desk", by="editor:1")  # of kind api: nothing asks it
    assert readings.outcome("desk") is None
    with sqlite_house.database.read() as session:
        (found,) = polls.health(session, ["desk"])
    assert found.reading_until is None
    assert readings.begin(schedule, "desk", by="editor:1")


def test_an_outcome_is_of_the_last_reading(sqlite: Database, tmp_path: Path) -> None:
    house = with_feed(sqlite, tmp_path, "http://127.0.0.1:1/feed")
    readings = Readings(house, patience_s=60.0)
    assert readings.begin(house.schedule("sunday"), "site", by="editor:1")
    found = readings.outcome("site")
    assert found is not None
    assert found.error
