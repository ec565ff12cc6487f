"""The health page is red when nobody looks at the clock."""

from __future__ import annotations

from digest.bootstrap import House
from digest.store import heartbeats
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
