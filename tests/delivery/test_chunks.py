"""A chunk after a crash: the map's marks become rows, once, however often it crashes again."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from digest.bootstrap import House
from digest.delivery import sender
from digest.delivery.claims import Claim, claimed
from digest.delivery.flight import Busy, Mark
from digest.delivery.owner import owner_of
from digest.delivery.verdicts import SENT_AGAIN, Terms
from digest.errors import Conflict
from digest.model import Issue, UncertainPolicy
from digest.store import deliveries, sends
from digest.store.engine import Database
from digest.store.sends import Chunk, ChunkState
from tests.delivery.sundays import Post, a_house, later, lines, names, put_frozen, send_of, states

HOLD, RESEND, REPLAY = UncertainPolicy.HOLD, UncertainPolicy.RESEND, UncertainPolicy.REPLAY
MARKS = [Mark.UNTRIED, Mark.HANDED, Mark.ACCEPTED, Mark.LATER, Mark.REFUSED]


class Crash(BaseException):
    """What ends a block as a kill would: without putting the chunk down."""


def chunk_of(house: House, issue: Issue) -> Chunk:
    with house.database.read() as session:
        (chunk,) = sends.due_chunks(session, send_of(house, issue).id, now=house.clock())
    return chunk


@contextmanager
def in_hand(house: House, issue: Issue, policy: UncertainPolicy = HOLD) -> Iterator[Claim]:
    terms = Terms(policy=policy, base_s=60, give_up_at=house.clock() + dt.timedelta(days=2))
    chunk, owner = chunk_of(house, issue), owner_of(house.flight)
    with claimed(house, send_of(house, issue), chunk, owner=owner, terms=terms) as claim:
        yield claim


def crash_with(house: House, issue: Issue, marks: list[Mark]) -> None:
    """Leave the chunk as a sender leaves it that is killed with these marks in its map."""
    with suppress(Crash), in_hand(house, issue) as claim:
        for slot, mark in enumerate(marks):
            claim.flight[slot] = mark
        raise Crash


def recover(house: House, issue: Issue, policy: UncertainPolicy = HOLD) -> list[int]:
    """Recover, and crash again; the slots that would be mailed next."""
    slots: list[int] = []
    with suppress(Crash), in_hand(house, issue, policy) as claim:
        slots = [job.slot for job in claim.recover()]
        raise Crash
    return slots


@pytest.mark.parametrize(
    ("policy", "doubtful"), [(HOLD, "uncertain"), (RESEND, "queued"), (REPLAY, "queued")]
)
def test_every_mark_becomes_its_row_and_only_the_untried_are_mailed(
    database: Database, tmp_path: Path, policy: UncertainPolicy, doubtful: str
) -> None:
    house = a_house(database, tmp_path, Post())
    issue = put_frozen(house, names(5))
    crash_with(house, issue, MARKS)
    for _ in range(3):
        assert recover(house, issue, policy) == [0]
        found = [state for state, _, _ in lines(house, issue).values()]
        assert found == ["queued", doubtful, "accepted", "queued", "failed"]
        assert [tried for _, tried, _ in lines(house, issue).values()] == [0, 1, 1, 1, 1]


def test_a_crash_with_the_second_copy_on_the_wire_is_held(sqlite: Database, tmp_path: Path) -> None:
    house = a_house(sqlite, tmp_path, Post())
    issue = put_frozen(house, names(1))
    crash_with(house, issue, [Mark.HANDED])
    recover(house, issue, RESEND)
    assert [reply for _, _, reply in lines(house, issue).values()] == [SENT_AGAIN]
    later(house, minutes=2)
    assert recover(house, issue, RESEND) == [0]
    crash_with(house, issue, [Mark.HANDED])
    assert recover(house, issue, RESEND) == []
    assert states(house, issue) == {"uncertain": 1}


def test_a_map_is_not_let_go_while_it_knows_more_than_the_rows(
    database: Database, tmp_path: Path
) -> None:
    house = a_house(database, tmp_path, Post())
    issue = put_frozen(house, names(2))
    with pytest.raises(Conflict, match="unwritten"), in_hand(house, issue) as claim:
        claim.flight[0] = Mark.ACCEPTED
    assert len(list(house.flight.glob("*.map"))) == 1
    sender.drain(house)
    assert states(house, issue) == {"accepted": 2}


def test_a_chunk_in_hand_is_busy_for_everybody_else(database: Database, tmp_path: Path) -> None:
    post = Post()
    house = a_house(database, tmp_path, post)
    issue = put_frozen(house, names(2))
    with in_hand(house, issue):
        with pytest.raises(Busy), in_hand(house, issue):
            raise AssertionError
        assert sender.drain(house).busy == 1
    assert post.asked.total() == 0


def test_a_chunk_of_another_machine_is_left_to_it_and_waited_for_by_nobody(
    database: Database, tmp_path: Path
) -> None:
    post = Post()
    house = a_house(database, tmp_path, post)
    issue = put_frozen(house, names(501))
    send, chunk = send_of(house, issue), None
    with database.write() as session:
        chunk = sends.due_chunks(session, send.id, now=house.clock())[0]
        assert sends.claim(session, chunk, owner="another machine")
    sender.drain(house, until_empty=True)
    assert states(house, issue) == {"accepted": 1, "waiting": 500}
    assert list(house.flight.glob("*.map")) == []


def test_a_chunk_that_is_put_down_is_free_for_another_machine(
    database: Database, tmp_path: Path
) -> None:
    house = a_house(database, tmp_path, Post())
    issue = put_frozen(house, names(2))
    with in_hand(house, issue) as claim:
        assert claim.held()
    chunk = chunk_of(house, issue)
    assert (chunk.state, chunk.owner) == (ChunkState.OPEN, "")


def test_a_result_of_a_chunk_that_is_no_longer_ours_is_not_written(
    database: Database, tmp_path: Path
) -> None:
    post = Post(pause_s=0.01)
    house = a_house(database, tmp_path, post)
    issue = put_frozen(house, names(40))

    def taken_away(recipient: str) -> None:
        if post.accepted.total() == 3:
            with database.write() as session:
                session.connection().exec_driver_sql("update chunk set owner = 'another'")

    post.at = taken_away
    sender.drain(house)
    sent = post.accepted.total()
    assert sent < 40
    with database.read() as session:
        rows = deliveries.counts(session, send_of(house, issue).id)
    assert sum(rows.values()) <= sent


def test_a_lost_lock_stops_the_sender_before_its_next_block(
    postgres: Database, tmp_path: Path
) -> None:
    post = Post(pause_s=0.002)
    house = a_house(postgres, tmp_path, post)
    issue = put_frozen(house, names(400))

    def lock_is_lost(recipient: str) -> None:
        if post.accepted.total() == 60:
            with postgres.engine.connect() as connection:
                connection.exec_driver_sql(
                    "select pg_terminate_backend(pid) from pg_locks where locktype = 'advisory'"
                )

    post.at = lock_is_lost
    sender.drain(house)
    assert 60 <= post.accepted.total() <= 200
    sender.drain(house)
    assert states(house, issue) == {"accepted": 400}
    assert set(post.accepted.values()) == {1}
