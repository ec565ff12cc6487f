"""The health page is red when nobody looks at the clock."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from digest import identity
from digest.bootstrap import House
from digest.store import heartbeats, migrate, sends, snapshots
from digest.store.engine import Database
from digest.store.sends import Pause
from digest.web import health
from tests.delivery.sundays import Post as Provider
from tests.delivery.sundays import a_house, put_frozen, send_of
from tests.web.people import later, visitor


def test_a_house_whose_clock_never_ran_is_red(sqlite_house: House) -> None:
    answer = visitor(sqlite_house).get("/healthz")
    assert answer.status_code == 503
    assert answer.json()["status"] == "never ran"


def test_a_fresh_beat_is_green_and_an_old_one_red(house: House) -> None:
    with house.database.write() as session:
        heartbeats.beat(session, "reconcile", now=house.clock())
    later(house, seconds=119)
    green = visitor(house).get("/healthz")
    assert green.status_code == 200
    assert green.json()["status"] == "ok"
    assert green.json()["age_seconds"] == 119
    later(house, seconds=1)
    assert visitor(house).get("/healthz").status_code == 503
    assert visitor(house).head("/healthz").status_code == 503


def test_sends_that_wait_for_a_person_are_counted(sqlite_house: House) -> None:
    house = a_house(sqlite_house.database, sqlite_house.data, Provider())
    issue = put_frozen(house, ["alice@example.net"])
    with house.database.write() as session:
        sends.pause(session, send_of(house, issue).id, Pause(reason="535 no"))
    assert visitor(house).get("/healthz").json()["paused"] == 1


# ---------------------------------------------------------------- ready


def checks(house: House) -> tuple[int, dict[str, str]]:
    answer = visitor(house).get("/readyz")
    assert answer.json()["status"] == ("ready" if answer.status_code == 200 else "not ready")
    told: dict[str, str] = answer.json()["checks"]
    return answer.status_code, told


def test_a_database_whose_file_is_gone_is_not_ready(sqlite_house: House) -> None:
    door = visitor(sqlite_house)
    assert door.get("/readyz").json()["checks"]["database"] == "ok"
    snapshots.file_of(sqlite_house.database).unlink()
    answer = door.get("/readyz")
    assert (answer.status_code, answer.json()["checks"]["database"]) == (503, "gone")
    assert door.get("/healthz").status_code == 503


def test_a_house_where_all_is_there_is_ready(house: House) -> None:
    with house.database.write() as session:
        heartbeats.beat(session, "reconcile", now=house.clock())
    names = ("disk", "database", "schema", "reconcile", "identity")
    assert checks(house) == (200, dict.fromkeys(names, "ok"))


def test_what_is_missing_is_named_and_nothing_of_where_it_lies(
    sqlite_house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    house = sqlite_house
    assert checks(house)[1]["reconcile"] == "never ran"
    with house.database.write() as session:
        heartbeats.beat(session, "reconcile", now=house.clock())
    later(house, seconds=120)
    assert checks(house) == (503, {**checks(house)[1], "reconcile": "late"})
    identity.ensure(house.database, house.data, now=house.clock())
    identity.take(house.database, house.data, by="erin", now=house.clock())
    copied = (house.data / "house.json").read_text(encoding="utf-8")
    (house.data / "house.json").rename(house.data / "was.json")
    (house.data / "house.json").write_text(copied, encoding="utf-8")
    assert checks(house)[1]["identity"] == "a copy"
    (house.data / "house.json").write_text("{}", encoding="utf-8")
    assert checks(house)[1]["identity"] == "cannot be read"
    monkeypatch.setattr(health, "LEAST_FREE", 2**62)
    assert checks(house)[1]["disk"].endswith("no send begins")
    migrate.downgrade(house.database, "0016")
    assert checks(house)[1]["schema"] == "of version 0016"


def test_a_database_that_is_away_or_empty_is_no_error_of_the_page(
    sqlite_house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "e.db").touch(mode=0o600)
    empty = dataclasses.replace(sqlite_house, database=Database(f"sqlite:///{tmp_path / 'e.db'}"))
    assert checks(empty)[1]["schema"] == "not made yet"
    empty.database.close()

    def away(database: object) -> str:
        raise OSError("no route")

    monkeypatch.setattr(health.migrate, "current", away)
    assert checks(sqlite_house) == (503, {"disk": "ok", "database": "away"})
