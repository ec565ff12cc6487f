"""What readers chose, and who wanted an issue at a moment: one answer for ever."""

from __future__ import annotations

import dataclasses
import datetime as dt

import pytest

from digest.model import Cadence, Preferences, SubscriberId
from digest.store import audiences, leaving, preferences, subscribers
from digest.store.engine import Database
from tests.people import BOB, CAROL, DAY, NEWSLETTER, NOW, confirmed, everybody

WEEK = 7 * DAY


def keep(database: Database, who: int, *, now: dt.datetime = NOW, **chosen: object) -> Preferences:
    with database.write() as session:
        before = preferences.of(session, who, NEWSLETTER, now=now)
        wanted = dataclasses.replace(before, **chosen)  # type: ignore[arg-type]
        preferences.keep(session, who, NEWSLETTER, wanted, now=now)
        return preferences.of(session, who, NEWSLETTER, now=now)


def mailed(database: Database, at: dt.datetime, *, big: bool = True) -> set[int]:
    with database.read() as session:
        flat = {i for ids in audiences.at(session, NEWSLETTER, at, size=9, big=big) for i in ids}
        homes = {i for i, _ in audiences.at_home(session, NEWSLETTER, at, size=9, big=big)}
        counted = sum(audiences.zones(session, NEWSLETTER, at, big=big).values())
    assert flat == homes
    assert counted == len(flat)
    return flat


def may(database: Database, ids: list[SubscriberId], now: dt.datetime) -> set[int]:
    with database.read() as session:
        return set(audiences.readers(session, NEWSLETTER, ids, now=now))


def test_who_chose_nothing_has_the_newsletters_ways(database: Database) -> None:
    people = everybody(database)
    with database.read() as session:
        assert preferences.of(session, people.alice, NEWSLETTER, now=NOW) == Preferences()


def test_what_was_chosen_is_kept_and_can_be_changed_back(database: Database) -> None:
    alice = everybody(database).alice
    chosen = {
        "name": "Alice",
        "language": "de",
        "theme": "plain",
        "unwanted": frozenset({"Sport", "Börse"}),
        "cadence": Cadence.BIG,
        "snoozed_until": NOW + 2 * WEEK,
        "timezone": "Asia/Tokyo",
    }
    assert keep(database, alice, **chosen) == Preferences(**chosen)  # type: ignore[arg-type]
    assert keep(database, alice, **dataclasses.asdict(Preferences())) == Preferences()


def test_who_snoozes_is_mailed_before_and_after_and_not_between(database: Database) -> None:
    alice = everybody(database).alice
    keep(database, alice, snoozed_until=NOW + 2 * WEEK)
    assert mailed(database, NOW - DAY) == {alice}
    assert mailed(database, NOW + DAY) == set()
    assert mailed(database, NOW + 2 * WEEK) == {alice}
    assert may(database, [alice], NOW + DAY) == set()
    assert may(database, [alice], NOW + 2 * WEEK) == {alice}


def test_who_wakes_early_is_mailed_again_and_the_past_stays_as_it_was(database: Database) -> None:
    alice = everybody(database).alice
    keep(database, alice, snoozed_until=NOW + 4 * WEEK)
    assert keep(database, alice, now=NOW + WEEK, snoozed_until=None) == Preferences()
    assert mailed(database, NOW + DAY) == set()
    assert mailed(database, NOW + WEEK) == {alice}


def test_a_snooze_can_be_made_longer(database: Database) -> None:
    alice = everybody(database).alice
    keep(database, alice, snoozed_until=NOW + WEEK)
    keep(database, alice, now=NOW + DAY, snoozed_until=NOW + 3 * WEEK)
    assert mailed(database, NOW + 2 * WEEK) == set()
    assert mailed(database, NOW + 3 * WEEK) == {alice}


def test_who_wants_only_big_news_is_mailed_in_a_big_week_alone(database: Database) -> None:
    alice = everybody(database).alice
    keep(database, alice, cadence=Cadence.BIG)
    assert mailed(database, NOW + DAY, big=False) == set()
    assert mailed(database, NOW + DAY, big=True) == {alice}
    assert mailed(database, NOW - DAY, big=False) == {alice}
    assert may(database, [alice], NOW + DAY) == {alice}, "in the audience already: it was big"
    keep(database, alice, now=NOW + WEEK, cadence=Cadence.WEEKLY)
    assert mailed(database, NOW + WEEK, big=False) == {alice}
    assert mailed(database, NOW + DAY, big=False) == set()


def test_one_readers_silence_is_nobody_elses_and_of_no_other_newsletter(database: Database) -> None:
    people = everybody(database)
    with database.write() as session:
        also = confirmed(session, "frank@reader.example")
        confirmed(session, "frank@reader.example", newsletter="monday")
    keep(database, also, snoozed_until=NOW + WEEK)
    assert mailed(database, NOW + DAY) == {people.alice}
    with database.read() as session:
        monday = next(audiences.at(session, "monday", NOW + DAY, size=9))
    assert monday == [also]


def test_who_left_in_a_snooze_and_comes_back_is_mailed(database: Database) -> None:
    alice = everybody(database).alice
    keep(database, alice, snoozed_until=NOW + 4 * WEEK)
    with database.write() as session:
        subscribers.leave(session, alice, NEWSLETTER, now=NOW + DAY, method="page")
        assert leaving.come_back(
            session, alice, NEWSLETTER, since=NOW + DAY, now=NOW + DAY, method="undo"
        )
    assert mailed(database, NOW + DAY) == {alice}


@pytest.mark.parametrize("who", [BOB, CAROL])
def test_who_was_no_reader_when_it_ended_does_not_come_back(database: Database, who: str) -> None:
    everybody(database)
    with database.write() as session:
        found = subscribers.by_address(session, who)
        assert found is not None
        subscribers.leave(session, found.id, NEWSLETTER, now=NOW, method="page")
        back = leaving.come_back(session, found.id, NEWSLETTER, since=NOW, now=NOW, method="undo")
    assert not back
