"""How often a token may be used."""

from __future__ import annotations

import dataclasses
import datetime as dt

from digest.bootstrap import House
from digest.web.v1.rate import Rates
from tests.houses import MONDAY
from tests.web.people import later
from tests.web.v1.calling import Program

SECOND = dt.timedelta(seconds=1)


def test_a_minute_has_its_number_of_calls_and_each_comes_back_evenly() -> None:
    rates = Rates(6)
    standings = [rates.take(1, now=MONDAY) for _ in range(8)]
    assert [one.left for one in standings] == [5, 4, 3, 2, 1, 0, 0, 0]
    assert [one.wait_s for one in standings] == [0] * 6 + [10, 10]
    assert standings[5].reset_s == 60
    assert rates.take(2, now=MONDAY).wait_s == 0, "another token"
    assert rates.take(1, now=MONDAY + 9 * SECOND).wait_s == 1
    assert rates.take(1, now=MONDAY + 10 * SECOND).wait_s == 0
    assert rates.take(1, now=MONDAY + 600 * SECOND).left == 5


def test_in_any_hour_no_more_calls_are_let_in_than_sixty_minutes_and_a_burst_have() -> None:
    rates = Rates(10)
    let_in = sum(not rates.take(1, now=MONDAY + n * SECOND).wait_s for n in range(3600))
    assert 600 <= let_in <= 610


def test_a_clock_that_was_set_back_locks_nobody_out_for_long() -> None:
    rates = Rates(6)
    for _ in range(6):
        rates.take(1, now=MONDAY)
    assert rates.take(1, now=MONDAY - 3600 * SECOND).wait_s > 0
    assert rates.take(1, now=MONDAY + 60 * SECOND).wait_s == 0


def test_who_asks_too_often_is_told_when_to_come_back(sqlite_house: House) -> None:
    house = dataclasses.replace(sqlite_house, api_per_minute=3)
    program = Program(house)
    answers = [program.get("/token") for _ in range(4)]
    assert [one.status_code for one in answers] == [200, 200, 200, 429]
    assert answers[0].headers["ratelimit-policy"] == '"token";q=3;w=60'
    assert [one.headers["ratelimit"] for one in answers] == [
        '"token";r=2;t=20',
        '"token";r=1;t=40',
        '"token";r=0;t=60',
        '"token";r=0;t=60',
    ]
    assert answers[3].headers["retry-after"] == "20"
    assert Program(house, beside=program.client).get("/token").status_code == 200
    later(house, seconds=20)
    assert program.get("/token").status_code == 200
