"""Readers' own mornings: who is mailed when, and that the numbers add up before and after."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from digest.audience import addresses, imports
from digest.bootstrap import House
from digest.delivery import finish, freeze, sender, waves
from digest.store import audiences, subscribers
from digest.store.engine import Database
from tests.delivery.hands import chunks_of
from tests.delivery.sundays import Post, a_house, later, names, put_approved, put_readers, states
from tests.houses import MONDAY

#: At 08:00 in London it is earlier there, and later, and nowhere.
BERLIN, LONDON, NEW_YORK, HONOLULU = (
    "Europe/Berlin",
    "Europe/London",
    "America/New_York",
    "Pacific/Honolulu",
)
SEND_AT = dt.datetime(2026, 11, 29, 8, tzinfo=dt.UTC)


def by_readers_clocks(house: House) -> House:
    schedule = house.schedule("sunday")
    deliver = schedule.deliver.model_copy(update={"deliver_at": "reader"})
    changed = schedule.model_copy(update={"deliver": deliver})
    return dataclasses.replace(house, schedules={"sunday": changed})


def hours(found: list[waves.Wave]) -> list[tuple[int, int]]:
    return [(round((wave.at - SEND_AT).total_seconds() / 3600), wave.readers) for wave in found]


def test_each_zone_has_its_morning_and_nobody_is_mailed_before_the_newsletters(
    sqlite: Database, tmp_path: Path
) -> None:
    schedule = by_readers_clocks(a_house(sqlite, tmp_path, Post())).schedule("sunday")
    readers = {"": 5, BERLIN: 2, LONDON: 3, NEW_YORK: 4, HONOLULU: 1, "Atlantis/Sunk": 6}
    found = waves.waves(readers, schedule, SEND_AT)
    assert hours(found) == [(0, 16), (5, 4), (10, 1)]
    assert found[0].zones == ("", "Atlantis/Sunk", BERLIN, LONDON)


def test_by_the_newsletters_clock_there_is_one_wave(sqlite: Database, tmp_path: Path) -> None:
    schedule = a_house(sqlite, tmp_path, Post()).schedule("sunday")
    assert hours(waves.waves({NEW_YORK: 4, BERLIN: 2}, schedule, SEND_AT)) == [(0, 6)]


@pytest.mark.parametrize(
    ("zone", "day", "offset"),
    [("America/New_York", dt.date(2026, 11, 1), 13), ("America/New_York", dt.date(2026, 3, 8), 12)],
)
def test_a_change_of_clocks_on_the_day_is_the_readers_own(
    sqlite: Database, tmp_path: Path, zone: str, day: dt.date, offset: int
) -> None:
    schedule = by_readers_clocks(a_house(sqlite, tmp_path, Post())).schedule("sunday")
    send_at = schedule.calendar.moments(day).send_at
    (wave,) = waves.waves({zone: 1}, schedule, send_at)
    midnight = dt.datetime.combine(day, dt.time(), tzinfo=dt.UTC)
    assert (wave.at - midnight) == dt.timedelta(hours=offset)


def test_a_send_goes_out_in_the_waves_that_were_planned(database: Database, tmp_path: Path) -> None:
    post = Post()
    house = by_readers_clocks(a_house(database, tmp_path, post))
    everybody = names(30)
    put_readers(house, everybody)
    with database.write() as session:
        keys = [addresses.parse(one).key for one in everybody]
        zones = dict.fromkeys(keys[:10], NEW_YORK) | dict.fromkeys(keys[10:15], HONOLULU)
        subscribers.live_in(session, zones)
    issue = put_approved(house)
    with database.read() as session:
        planned = waves.planned(session, house.schedule("sunday"), SEND_AT, moment=house.clock())
    assert hours(planned) == [(0, 15), (5, 10), (10, 5)]
    freeze.freeze(house, issue, now=house.clock())
    for sent in (15, 25, 30):
        sender.drain(house)
        assert post.accepted.total() == sent
        assert finish.finish(house, now=house.clock()) == ([issue.id] if sent == 30 else [])
        later(house, hours=5)
    assert states(house, issue) == {"accepted": 30}
    assert set(post.accepted.values()) == {1}


def test_a_file_of_readers_may_tell_their_zones(sqlite: Database, tmp_path: Path) -> None:
    house = by_readers_clocks(a_house(sqlite, tmp_path, Post()))
    file = tmp_path / "people.csv"
    file.write_text(
        "Email,Time Zone\nalice@example.net,America/New_York\ndave@example.net,Nowhere\n"
    )
    imports.take_over(sqlite, imports.Plan("sunday", file), key=house.key, clock=lambda: MONDAY)
    with sqlite.read() as session:
        planned = waves.planned(session, house.schedule("sunday"), SEND_AT, moment=house.clock())
    assert hours(planned) == [(0, 1), (5, 1)]


def test_a_zone_that_is_told_in_the_middle_of_the_freeze_neither_loses_nor_doubles_anybody(
    postgres: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    house = by_readers_clocks(a_house(postgres, tmp_path, post := Post()))
    who = names(6)
    put_readers(house, who)
    with postgres.write() as session:
        subscribers.live_in(session, {who[0]: NEW_YORK})
    issue = put_approved(house)
    real = audiences.at_home

    def told_meanwhile(*asked: Any, **how: Any) -> Iterator[tuple[int, str]]:
        for number, found in enumerate(real(*asked, **how)):
            if number == 1:
                with postgres.write() as session:
                    subscribers.live_in(session, {who[2]: NEW_YORK})
            yield found

    monkeypatch.setattr(audiences, "at_home", told_meanwhile)
    freeze.freeze(house, issue, now=house.clock())
    for _ in range(3):
        sender.drain(house)
        later(house, hours=6)
    assert states(house, issue) == {"accepted": 6}
    assert set(post.accepted.values()) == {1}
    assert finish.finish(house, now=house.clock()) == [issue.id]


def test_readers_who_are_due_together_stand_in_chunks_together(
    sqlite: Database, tmp_path: Path
) -> None:
    house = by_readers_clocks(a_house(sqlite, tmp_path, Post()))
    who = names(1300)
    put_readers(house, who)
    with sqlite.write() as session:
        subscribers.live_in(session, dict.fromkeys(who[::2], HONOLULU))
    issue = put_approved(house)
    freeze.freeze(house, issue, now=house.clock())
    found = chunks_of(house, issue)
    assert sorted((one.size, one.due_at is None) for one in found) == [
        (150, False),
        (150, True),
        (500, False),
        (500, True),
    ]
