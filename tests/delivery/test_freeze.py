"""Freezing: everybody confirmed and not suppressed at the cut-off, nobody else, and once."""

from __future__ import annotations

import dataclasses
import datetime as dt
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from digest.audience import addresses, confirmation, letters
from digest.audience.tokens import address_hash
from digest.delivery import finish, freeze, sender
from digest.errors import Conflict
from digest.model import Cadence, IssueStatus, Preferences
from digest.schedules import AudienceTable
from digest.segments import Language
from digest.store import (
    audiences,
    chunks,
    events,
    issues,
    preferences,
    sends,
    subscribers,
    suppressions,
    tokens,
)
from digest.store.engine import Database
from tests.delivery.sundays import (
    Post,
    a_house,
    later,
    lines,
    names,
    put_approved,
    put_frozen,
    put_readers,
    send_of,
    states,
)
from tests.people import ALICE, everybody
from tests.queue_of import notices_of


def test_alice_is_in_the_audience_and_bob_carol_and_dave_are_not(
    database: Database, tmp_path: Path
) -> None:
    house = a_house(database, tmp_path, Post())
    everybody(database)
    issue = put_approved(house)
    freeze.freeze(house, issue, now=house.clock())
    assert send_of(house, issue).audience == 1
    assert list(lines(house, issue)) == [ALICE]
    with database.read() as session:
        assert issues.by_id(session, issue.id).status is IssueStatus.SENDING
        (event,) = events.recent(session, limit=1)
    assert event.data["audience"] == 1


def test_the_cut_off_is_exact(database: Database, tmp_path: Path) -> None:
    house = a_house(database, tmp_path, Post())
    cut_off, moment = house.clock(), dt.timedelta(microseconds=1)
    stamps = {"before@x.example": -moment, "at@x.example": 0 * moment, "after@x.example": moment}
    for raw, offset in stamps.items():
        with database.write() as session:
            rows = [(addresses.parse(raw), "")]
            now = cut_off + offset
            subscribers.import_confirmed(session, "sunday", rows, key=house.key, now=now)
    put_readers(house, ["leaver@x.example", "stayer@x.example", "blocked@x.example"])
    with database.write() as session:
        leaver = subscribers.by_address(session, "leaver@x.example")
        stayer = subscribers.by_address(session, "stayer@x.example")
        assert leaver is not None
        assert stayer is not None
        subscribers.leave(session, leaver.id, "sunday", now=cut_off, method="page")
        subscribers.leave(session, stayer.id, "sunday", now=cut_off + moment, method="page")
        hashed = address_hash(house.key, "blocked@x.example")
        suppressions.add(session, hashed, reason="manual", now=cut_off)
    issue = put_approved(house)
    freeze.freeze(house, issue, now=cut_off)
    assert set(lines(house, issue)) == {"before@x.example", "at@x.example", "stayer@x.example"}


def test_who_confirms_under_the_freezing_is_in_the_next_issue_and_is_told_so(
    postgres: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Written before the cut-off, committed after the audience was asked for: in no audience of this one."""
    house = a_house(postgres, tmp_path, Post())
    issue, address = put_approved(house), addresses.parse(ALICE)
    cut_off, early = house.clock(), house.clock() - dt.timedelta(seconds=1)
    with postgres.write() as session:
        hashed = address_hash(house.key, address.key)
        asked = subscribers.ask(
            session, "sunday", address, address_hash=hashed, now=early, method="form"
        )
        secret = tokens.issue(
            session,
            purpose="confirm",
            subject=asked.subscriber_id,
            scope="sunday",
            now=early,
            lifetime=dt.timedelta(hours=1),
        )

    def welcome_then_freeze(*whom: Any, **when: Any) -> None:
        welcome(*whom, **when)
        freeze.freeze(
            house, issue, now=cut_off
        )  # in a transaction of its own, done before this one

    welcome = letters.welcome
    monkeypatch.setattr(letters, "welcome", welcome_then_freeze)
    confirmation.confirm(house, secret, network="", now=early)
    assert send_of(house, issue).audience == 0
    (letter,) = notices_of(postgres, "welcome")
    assert letter.data["under_way"] == "yes"
    with postgres.read() as session:
        week = cut_off + dt.timedelta(days=7)
        assert audiences.count(session, "sunday", week) == 1


@pytest.mark.parametrize("clock", ["newsletter", "reader"])
def test_the_audience_of_a_segment_is_its_readers_and_stays_so(
    clock: str, database: Database, tmp_path: Path
) -> None:
    house = a_house(database, tmp_path, post := Post())
    schedule = house.schedule("sunday")
    changes: dict[str, object] = {
        "segments": {"germans": Language("de")},
        "audience": AudienceTable(segment="germans"),
        "deliver": schedule.deliver.model_copy(update={"deliver_at": clock}),
    }
    house = dataclasses.replace(house, schedules={"sunday": schedule.model_copy(update=changes)})
    people = names(4)
    put_readers(house, people)

    def choose(address: str, language: str) -> None:
        with database.write() as session:
            reader = subscribers.by_address(session, address)
            assert reader is not None
            wanted = Preferences(language=language)
            preferences.keep(session, reader.id, "sunday", wanted, now=house.clock())

    for address in people[:2]:
        choose(address, "de-AT")
    issue = put_approved(house)
    freeze.freeze(house, issue, now=house.clock())
    with database.read() as session:
        (event,) = events.recent(session, limit=1)
    assert (event.data["audience"], event.data["segment"]) == (2, "germans")
    choose(people[0], "fr")
    choose(people[2], "de")
    sender.drain(house)
    assert dict(post.accepted) == {people[0]: 1, people[1]: 1}
    assert states(house, issue) == {"accepted": 2}


def test_a_suppression_that_has_ended_excludes_nobody(sqlite: Database, tmp_path: Path) -> None:
    house = a_house(sqlite, tmp_path, Post())
    put_readers(house, names(2))
    now, day = house.clock(), dt.timedelta(days=1)
    with sqlite.write() as session:
        for name, until in zip(names(2), (now - day, now + day), strict=True):
            hashed = address_hash(house.key, name)
            suppressions.add(session, hashed, reason="manual", now=now - 3 * day, until=until)
    issue = put_approved(house)
    freeze.freeze(house, issue, now=now)
    assert list(lines(house, issue)) == names(1)


def test_chunks_hold_everybody_once_and_in_order(database: Database, tmp_path: Path) -> None:
    house = a_house(database, tmp_path, Post())
    issue = put_frozen(house, names(1203))
    send = send_of(house, issue)
    with database.read() as session:
        found = chunks.due_chunks(session, send.id, now=house.clock())
        ids = [chunks.reader_ids(session, chunk) for chunk in found]
    assert [chunk.size for chunk in found] == [500, 500, 203]
    assert [len(one) for one in ids] == [500, 500, 203]
    flat = [reader for one in ids for reader in one]
    assert flat == sorted(set(flat))
    assert all((c.lo, c.hi) == (one[0], one[-1]) for c, one in zip(found, ids, strict=True))


def test_another_edition_than_the_approved_one_is_not_frozen(
    database: Database, tmp_path: Path
) -> None:
    house = a_house(database, tmp_path, Post())
    issue = put_approved(house)
    with database.write() as session:
        session.connection().exec_driver_sql("update issue set checksum = 'another'")
    with pytest.raises(Conflict):
        freeze.freeze(house, issue, now=house.clock())
    with database.read() as session:
        assert issues.by_id(session, issue.id).status is IssueStatus.APPROVED
        assert sends.unfinished(session) == []


def test_a_draft_that_nobody_approved_is_not_frozen(sqlite: Database, tmp_path: Path) -> None:
    house = a_house(sqlite, tmp_path, Post())
    issue = put_approved(house)
    with sqlite.write() as session:
        issues.withdraw(session, issue.id, why="a typo", now=house.clock())
    with pytest.raises(Conflict):
        freeze.freeze(house, issue, now=house.clock())


def test_of_four_who_freeze_at_once_one_does(database: Database, tmp_path: Path) -> None:
    house = a_house(database, tmp_path, Post())
    put_readers(house, names(30))
    issue = put_approved(house)

    def attempt(number: int) -> bool:
        try:
            freeze.freeze(house, issue, now=house.clock())
        except Conflict:
            return False
        return True

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(attempt, range(4))) == 1
    assert states(house, issue) == {"waiting": 30}


def test_an_issue_without_a_reader_is_sent_at_once(sqlite: Database, tmp_path: Path) -> None:
    house = a_house(sqlite, tmp_path, Post())
    issue = put_frozen(house, [])
    sender.drain(house, until_empty=True)
    assert finish.finish(house, now=house.clock()) == [issue.id]


def test_who_left_and_came_back_before_their_turn_is_mailed(
    sqlite: Database, tmp_path: Path
) -> None:
    post = Post()
    house = a_house(sqlite, tmp_path, post)
    issue = put_frozen(house, names(1))
    address = addresses.parse(names(1)[0])
    later(house, seconds=1)
    with sqlite.write() as session:
        found = subscribers.by_address(session, address.key)
        assert found is not None
        subscribers.leave(session, found.id, "sunday", now=house.clock(), method="page")
        hashed = address_hash(house.key, address.key)
        now = house.clock() + dt.timedelta(seconds=1)
        subscribers.ask(session, "sunday", address, address_hash=hashed, now=now, method="form")
        assert subscribers.confirm(session, found.id, "sunday", now=now, method="form")
    later(house, seconds=5)
    sender.drain(house)
    assert states(house, issue) == {"accepted": 1}


@pytest.mark.parametrize("audience", [1, 2])
def test_who_wants_only_big_news_is_in_the_audience_of_a_big_story_alone(
    database: Database, tmp_path: Path, audience: int
) -> None:
    house = a_house(database, tmp_path, Post())
    put_readers(house, ["alice@reader.example", "bob@reader.example"])
    with database.write() as session:
        bob = subscribers.by_address(session, "bob@reader.example")
        assert bob is not None
        big = Preferences(cadence=Cadence.BIG)
        preferences.keep(session, bob.id, "sunday", big, now=house.clock())
    issue = put_approved(house)
    with database.write() as session:
        fresh = issues.by_id(session, issue.id)
        assert fresh.edition is not None
    terms = chunks.Terms(big=audience == 2)
    with database.write() as session:
        send = sends.freeze(
            session,
            issue_id=issue.id,
            edition_id=fresh.edition.id,
            newsletter="sunday",
            cut_off=house.clock(),
            terms=terms,
        )
    assert send is not None
    assert send.audience == audience
