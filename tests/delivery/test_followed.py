"""Who moves to another address while a send is on its way gets exactly one copy, whatever comes between."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import text

from digest.audience import addresses
from digest.audience.tokens import address_hash
from digest.bootstrap import House
from digest.delivery import finish, followed, refusals, sender, verdicts
from digest.errors import Refused, TryLater, Uncertain
from digest.model import Issue, SubscriberId
from digest.store import in_turn, leaving, moves, sends, subscribers, suppressions
from digest.store.engine import Database
from tests.delivery.hands import leave
from tests.delivery.sundays import (
    Handed,
    Post,
    a_house,
    later,
    lines,
    names,
    put_frozen,
    put_readers,
    states,
)

OLD, OTHER, THIRD = names(3)
NEW, NEWER = "at-the-new@example.org", "at-a-newer@example.org"


@pytest.fixture
def post() -> Post:
    return Post(channels=1)


@pytest.fixture
def house(database: Database, tmp_path: Path, post: Post) -> House:
    return a_house(database, tmp_path, post)


def reader_at(house: House, address: str) -> SubscriberId:
    with house.database.read() as session:
        found = subscribers.by_address(session, addresses.parse(address).key)
    assert found is not None
    return found.id


def move(house: House, old: str, new: str) -> None:
    """As `audience.moves` does it once the new address has said yes."""
    later(house, seconds=1)
    wanted, now = addresses.parse(new), house.clock()
    whose = reader_at(house, old)
    with house.database.write() as session:
        hashed = address_hash(house.key, wanted.key)
        asked = subscribers.ask(
            session, "sunday", wanted, address_hash=hashed, now=now, method="move"
        )
        subscribers.confirm(session, asked.subscriber_id, "sunday", now=now, method="move")
        moves.leave_to(session, whose, asked.subscriber_id, "sunday", now=now)


def sent(house: House, issue: Issue) -> dict[str, int]:
    later(house, seconds=5)
    sender.drain(house)
    return states(house, issue)


def test_a_copy_that_had_not_left_goes_after_its_reader(house: House, post: Post) -> None:
    issue = put_frozen(house, [OLD, OTHER])
    move(house, OLD, NEW)
    assert sent(house, issue) == {"accepted": 2}
    assert dict(post.accepted) == {NEW: 1, OTHER: 1}
    assert lines(house, issue)[OLD][0] == "accepted", "the audience is the one that was frozen"


def test_who_moves_twice_gets_it_where_they_are(house: House, post: Post) -> None:
    issue = put_frozen(house, [OLD])
    move(house, OLD, NEW)
    move(house, NEW, NEWER)
    assert sent(house, issue) == {"accepted": 1}
    assert dict(post.accepted) == {NEWER: 1}


def test_who_moves_and_comes_back_gets_it_where_they_were(house: House, post: Post) -> None:
    issue = put_frozen(house, [OLD])
    move(house, OLD, NEW)
    move(house, NEW, OLD)
    assert sent(house, issue) == {"accepted": 1}
    assert dict(post.accepted) == {OLD: 1}


def test_who_has_a_copy_gets_no_other_one_at_the_new_address(house: House, post: Post) -> None:
    issue = put_frozen(house, [OLD])
    sent(house, issue)
    move(house, OLD, NEW)
    assert sent(house, issue) == {"accepted": 1}
    assert dict(post.accepted) == {OLD: 1}


def test_who_moves_to_where_they_read_already_gets_one_there(house: House, post: Post) -> None:
    issue = put_frozen(house, [OLD, OTHER])
    move(house, OLD, OTHER)
    assert sent(house, issue) == {"accepted": 1, "skipped": 1}
    assert dict(post.accepted) == {OTHER: 1}


@pytest.mark.parametrize("order", [(OLD, OTHER), (OTHER, OLD)])
def test_two_who_move_to_one_address_get_one_there(
    house: House, post: Post, order: tuple[str, str]
) -> None:
    issue = put_frozen(house, [OLD, OTHER, THIRD])
    for one in order:
        move(house, one, NEW)
    assert sent(house, issue) == {"accepted": 2, "skipped": 1}
    assert dict(post.accepted) == {NEW: 1, THIRD: 1}


@pytest.mark.parametrize("order", [(OLD, OTHER), (OTHER, OLD)])
def test_of_two_who_move_to_one_address_the_first_one_may_be_on_the_wire_already(
    house: House, order: tuple[str, str]
) -> None:
    put_frozen(house, [OLD, OTHER])
    for one in order:
        move(house, one, NEW)
    later(house, seconds=1)
    jobs = [verdicts.Job(slot, reader_at(house, one)) for slot, one in enumerate(order)]
    with house.database.read() as session:
        (send,) = sends.unfinished(session)
        each = [
            followed.readers(session, send, [job], {}, now=house.clock(), choices=False)
            for job in jobs
        ]
    assert list(map(len, each)) == [1, 0], "who came second waits for nobody's row to be told"


def test_who_came_first_is_told_by_the_database_and_not_by_clocks(house: House) -> None:
    put_frozen(house, [OLD, OTHER])
    move(house, OLD, NEW)
    later(house, seconds=-30)  # the clock of the machine that the second one came to
    move(house, OTHER, NEW)
    later(house, minutes=1)
    jobs = [verdicts.Job(slot, reader_at(house, one)) for slot, one in enumerate((OLD, OTHER))]
    with house.database.read() as session:
        (send,) = sends.unfinished(session)
        each = [
            followed.readers(session, send, [job], {}, now=house.clock(), choices=False)
            for job in jobs
        ]
    assert list(map(len, each)) == [1, 0]


def test_moves_and_imports_go_one_after_another_where_several_may_write(postgres: Database) -> None:
    asked = text("SELECT pg_try_advisory_xact_lock(:n)")
    with postgres.write() as one, postgres.write() as other:
        in_turn.wait(one)
        assert not other.connection().execute(asked, {"n": in_turn.LOCK}).scalar_one()


def test_where_the_first_of_two_was_refused_the_second_ones_copy_goes(
    house: House, post: Post
) -> None:
    post.answers = {OLD: [Refused("550 5.1.1 no such user")], OTHER: [TryLater("451 4.2.1 later")]}
    issue = put_frozen(house, [OLD, OTHER, THIRD])
    assert sent(house, issue) == {"accepted": 1, "failed": 1, "queued": 1}
    for one in (OLD, OTHER):
        move(house, one, NEW)
    later(house, minutes=10)
    assert sent(house, issue) == {"accepted": 2, "failed": 1}
    assert dict(post.accepted) == {NEW: 1, THIRD: 1}


def test_who_left_at_the_new_address_gets_none(house: House, post: Post) -> None:
    issue = put_frozen(house, [OLD])
    move(house, OLD, NEW)
    leave(house, NEW)
    assert sent(house, issue) == {"skipped": 1}
    assert post.accepted == {}


def test_where_it_is_not_known_whether_the_old_one_has_it_nothing_goes_after_it(
    house: House, post: Post
) -> None:
    post.answers = {OLD: [Handed(Uncertain("the line was cut"))]}
    issue = put_frozen(house, [OLD])
    sent(house, issue)
    move(house, OLD, NEW)
    assert sent(house, issue) == {"uncertain": 1}
    assert post.accepted == {}


@pytest.mark.parametrize("comes_back", [False, True])
def test_what_the_new_address_is_refused_for_is_not_held_against_the_old_one(
    house: House, post: Post, comes_back: bool
) -> None:
    post.answers = {one: [Refused("550 5.1.1 no such user")] for one in (NEW, OTHER)}
    issue = put_frozen(house, [OLD, OTHER, *names(40)[3:]])
    began = house.clock()
    move(house, OLD, NEW)
    assert sent(house, issue) == {"accepted": 37, "failed": 2}
    if comes_back:
        with house.database.write() as session:
            now, old = house.clock(), reader_at(house, OLD)
            assert leaving.come_back(session, old, "sunday", since=began, now=now, method="move")
    finish.finish(house, now=house.clock())
    assert refusals.judge_all(house.database, key=house.key, now=house.clock()) == 1
    with house.database.read() as session:
        hashes = [address_hash(house.key, addresses.parse(one).key) for one in (OLD, OTHER)]
        barred = [suppressions.is_suppressed(session, one, at=house.clock()) for one in hashes]
    assert barred == [False, True]


def test_the_next_issue_is_the_new_ones_own(house: House) -> None:
    put_readers(house, [OLD])
    move(house, OLD, NEW)
    later(house, seconds=1)
    issue = put_frozen(house, [])
    assert list(lines(house, issue)) == [NEW]
