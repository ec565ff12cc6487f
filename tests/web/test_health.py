"""The health page is red when nobody looks at the clock."""

from __future__ import annotations

from digest.bootstrap import House
from digest.store import heartbeats, sends
from digest.store.sends import Pause
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
