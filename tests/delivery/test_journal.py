"""The journal's ticks: one transaction each, and nothing of a tick counts unless all of it is written."""

from __future__ import annotations

import datetime as dt
import functools
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import event

from digest.bootstrap import House
from digest.delivery import journal as journals
from digest.delivery import sender, verdicts
from digest.delivery.claims import Claim
from digest.delivery.flight import Mark
from digest.delivery.ticks import Next, Results
from digest.delivery.verdicts import Job
from digest.errors import Busy, Conflict, TryLater
from digest.model import DeliveryState
from digest.store import chunks, deliveries, sends
from digest.store.chunks import ChunkState
from digest.store.deliveries import Delivery
from digest.store.engine import Database, Session
from digest.store.locks import ChunkLocks
from digest.store.sends import Pause, SendStatus
from tests.delivery.hands import (
    REPLAY,
    RESEND,
    chunks_of,
    journal_of,
    leave,
    rows_of,
    terms_of,
    tick,
)
from tests.delivery.sundays import Post, a_house, lines, names, put_frozen, send_of, states


class DiskIsFull(Exception):
    """What a commit raises in these tests."""


@contextmanager
def no_commit() -> Iterator[None]:
    """No transaction can be committed for as long as the block lasts."""

    def refuse(session: Session) -> None:
        raise DiskIsFull

    event.listen(Session, "before_commit", refuse)
    try:
        yield
    finally:
        event.remove(Session, "before_commit", refuse)


def accepted(ready: list[Next]) -> Results:
    """These are accepted, all of one chunk, as the feed says it."""
    claim = ready[0][0]
    for _, job, _ in ready:
        claim.flight[job.slot] = Mark.ACCEPTED
    return Results(claim, [job.id for _, job, _ in ready], [])


def put_off(house: House, claim: Claim, job: Job) -> Results:
    claim.flight[job.slot] = Mark.LATER
    row = verdicts.later(job, TryLater("451 later"), terms_of(house), now=house.clock())
    return Results(claim, [], [row])


def in_doubt(house: House, claim: Claim, job: Job) -> Results:
    claim.flight[job.slot] = Mark.HANDED
    row = verdicts.doubt(job, "no word", terms_of(house, RESEND), now=house.clock())
    return Results(claim, [], [row])


def test_how_far_the_hand_over_may_come_is_on_record_when_readers_are_given_out(
    database: Database, tmp_path: Path
) -> None:
    house = a_house(database, tmp_path, Post())
    issue = put_frozen(house, names(600))
    with journal_of(house, issue) as journal:
        for wanted, ahead in ((3, [3, 0]), (4, [7, 0]), (495, [500, 2])):
            found = tick(journal, wanted=wanted)
            assert len(found.ready) == wanted
            assert [one.ahead for one in chunks_of(house, issue)] == ahead
    states_of = [one.state for one in chunks_of(house, issue)]
    assert states_of == [ChunkState.CLAIMED, ChunkState.CLAIMED]


def test_a_chunk_is_done_in_the_transaction_after_its_last_result(
    database: Database, tmp_path: Path
) -> None:
    house = a_house(database, tmp_path, Post())
    issue = put_frozen(house, names(3))
    with journal_of(house, issue) as journal:
        ready = tick(journal, wanted=9).ready
        assert tick(journal, accepted(ready)).over != []
        assert journal.claims == []
        assert chunks_of(house, issue) == []
    assert states(house, issue) == {"accepted": 3}
    assert list(house.flight.glob("*.map")) == []


def test_nobody_is_given_out_by_a_tick_that_cannot_be_written(
    database: Database, tmp_path: Path
) -> None:
    house = a_house(database, tmp_path, Post())
    issue = put_frozen(house, names(3))
    with journal_of(house, issue) as journal:
        with no_commit(), pytest.raises(DiskIsFull):
            tick(journal, wanted=9)
        assert journal.claims == []
        assert [one.state for one in chunks_of(house, issue)] == [ChunkState.OPEN]
        assert len(tick(journal, wanted=9).ready) == 3


def test_a_commit_whose_answer_was_lost_leaves_nobody_in_doubt(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The rows may name the map by then: it stays, and says that nobody was handed over."""
    house = a_house(database, tmp_path, post := Post())
    issue = put_frozen(house, names(20))
    real = database.write

    @contextmanager
    def write(**how: bool) -> Iterator[Session]:
        monkeypatch.setattr(database, "write", real)
        with real(**how) as session:
            yield session
        raise Busy("the connection was lost before the answer")

    monkeypatch.setattr(database, "write", write)
    with pytest.raises(Busy):
        sender.drain(house)
    assert [one.state for one in chunks_of(house, issue)] == [ChunkState.CLAIMED]
    sender.drain(house)
    assert states(house, issue) == {"accepted": 20}
    assert set(post.accepted.values()) == {1}


def test_results_of_a_tick_that_cannot_be_written_are_in_the_map_for_the_next_one(
    database: Database, tmp_path: Path
) -> None:
    house = a_house(database, tmp_path, Post())
    issue = put_frozen(house, names(3))
    with journal_of(house, issue) as journal:
        ready = tick(journal, wanted=2).ready
        with no_commit(), pytest.raises(DiskIsFull):
            tick(journal, accepted(ready))
    assert states(house, issue) == {"waiting": 3}
    with journal_of(house, issue) as journal:
        assert [job.slot for _, job, _ in tick(journal, wanted=9).ready] == [2]
    assert states(house, issue) == {"accepted": 2, "waiting": 1}


def test_a_second_copy_that_could_not_be_noted_is_not_forgotten(
    database: Database, tmp_path: Path
) -> None:
    """Else the reader would be sent one copy after another, each of them the second."""
    house = a_house(database, tmp_path, Post())
    issue = put_frozen(house, names(1))
    with journal_of(house, issue, terms_of(house, RESEND)) as journal:
        ((claim, job, _),) = tick(journal, wanted=1).ready
        with no_commit(), pytest.raises(DiskIsFull):
            tick(journal, in_doubt(house, claim, job))
        assert claim.flight[0] is Mark.HANDED
    with journal_of(house, issue, terms_of(house, RESEND)) as journal:
        assert tick(journal, wanted=1).ready == []
    (row,) = rows_of(house, issue)
    assert (row.state, row.attempts, row.reply) == (DeliveryState.QUEUED, 1, verdicts.SENT_AGAIN)


def test_the_map_forgets_a_deferral_once_it_is_on_record(
    database: Database, tmp_path: Path
) -> None:
    house = a_house(database, tmp_path, Post())
    issue = put_frozen(house, names(2))
    with journal_of(house, issue) as journal:
        (claim, job, _), _ = tick(journal, wanted=2).ready
        tick(journal, put_off(house, claim, job))
        assert claim.flight[0] is Mark.UNTRIED
    with journal_of(house, issue) as journal:
        assert [job.slot for _, job, _ in tick(journal, wanted=9).ready] == [1]
    assert [row.attempts for row in rows_of(house, issue)] == [1]


@pytest.mark.parametrize("by_put_down", [True, False])
def test_a_chunk_whose_end_could_not_be_written_is_free_for_the_next_try_of_this_process(
    database: Database, tmp_path: Path, by_put_down: bool
) -> None:
    house = a_house(database, tmp_path, Post())
    issue = put_frozen(house, names(2))
    with journal_of(house, issue) as journal:
        results = accepted(tick(journal, wanted=2).ready)
        end = journal.put_down if by_put_down else functools.partial(tick, journal, results)
        with no_commit(), pytest.raises(DiskIsFull):
            end()
        assert len(journal.claims) == 1
    with journal_of(house, issue) as journal:
        assert tick(journal, wanted=9).ready == []
        assert journal.busy == 0
    assert states(house, issue) == {"accepted": 2}


def test_a_chunk_that_another_took_is_conflict_and_nothing_is_written(
    database: Database, tmp_path: Path
) -> None:
    house = a_house(database, tmp_path, Post())
    issue = put_frozen(house, names(600))
    with journal_of(house, issue) as journal:
        ready = tick(journal, wanted=3).ready
        with database.write() as session:
            (seen, _) = chunks.left(session, send_of(house, issue).id)
            now = house.clock()
            assert chunks.claim(
                session, seen, owner="other", ahead=0, now=now, take_over=True, born=""
            )
        with pytest.raises(Conflict, match="no longer ours"):
            tick(journal, accepted(ready), wanted=600)
        assert rows_of(house, issue) == []
        with pytest.raises(Conflict, match="no longer ours"):
            journal.put_down()
    assert [one.owner for one in chunks_of(house, issue)] == ["other", ""]


def test_who_left_since_the_freeze_is_skipped_in_the_tick_that_looks(
    database: Database, tmp_path: Path
) -> None:
    house = a_house(database, tmp_path, Post())
    issue = put_frozen(house, names(4))
    leave(house, list(lines(house, issue))[1])
    with journal_of(house, issue) as journal:
        found = tick(journal, wanted=4)
        assert [job.slot for _, job, _ in found.ready] == [0, 2, 3]
        assert sum(len(one.verdicts) for one in found.written) == 1
    assert [(row.state, row.attempts) for row in rows_of(house, issue)] == [
        (DeliveryState.SKIPPED, 0)
    ]


def test_a_paused_send_writes_its_results_and_gives_nobody_out(
    database: Database, tmp_path: Path
) -> None:
    house = a_house(database, tmp_path, Post())
    issue = put_frozen(house, names(4))
    with journal_of(house, issue) as journal:
        ready = tick(journal, wanted=2).ready
        with database.write() as session:
            sends.pause(session, send_of(house, issue).id, Pause(reason="somebody said so"))
        found = tick(journal, accepted(ready), wanted=2)
        assert (found.status, found.ready) == (SendStatus.PAUSED, [])
        journal.put_down()
    assert states(house, issue) == {"accepted": 2, "waiting": 2}
    assert [one.state for one in chunks_of(house, issue)] == [ChunkState.OPEN]


def test_a_chunk_put_down_between_the_look_and_the_lock_leaves_nobody_in_doubt(
    postgres: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    house = a_house(postgres, tmp_path, Post())
    issue = put_frozen(house, names(5))
    real = ChunkLocks.take
    with journal_of(house, issue) as first, journal_of(house, issue) as second:
        assert len(tick(first, wanted=3).ready) == 3

        def late(locks: ChunkLocks, send_id: int, no: int) -> bool:
            first.put_down()
            return real(locks, send_id, no)

        monkeypatch.setattr(ChunkLocks, "take", late)
        assert [job.slot for _, job, _ in tick(second, wanted=9).ready] == [0, 1, 2, 3, 4]
    assert states(house, issue) == {"waiting": 5}


def test_a_journal_has_only_so_many_chunks_in_hand(
    sqlite: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(journals, "MOST_CLAIMS", 2)
    house = a_house(sqlite, tmp_path, Post())
    issue = put_frozen(house, names(1100))
    with journal_of(house, issue) as journal:
        found = tick(journal, wanted=5000)
        assert (len(found.ready), len(journal.claims), found.more) == (1000, 2, True)


def test_those_of_one_request_are_given_out_together_and_held_where_one_has_left(
    sqlite: Database, tmp_path: Path
) -> None:
    house = a_house(sqlite, tmp_path, Post())
    issue = put_frozen(house, names(6))
    send, now = send_of(house, issue), house.clock()
    until = (now + dt.timedelta(days=1)).isoformat()
    with sqlite.write() as session:
        (chunk,) = chunks.left(session, send.id)
        ids = chunks.reader_ids(session, chunk)
        for label, members in (("a", (0, 2)), ("b", (1, 3))):
            note = verdicts.REPLAYED.format(provider="post", until=until, batch=f", batch {label}")
            rows = [
                Delivery(
                    subscriber_id=ids[one],
                    state=DeliveryState.QUEUED,
                    attempts=1,
                    at=now,
                    reply=note,
                    due_at=now,
                )
                for one in members
            ]
            deliveries.put(session, send.id, rows)
    leave(house, list(lines(house, issue))[3])
    with journal_of(house, issue, terms_of(house, REPLAY)) as journal:
        found = [job.slot for _, job, _ in tick(journal, wanted=3).ready]
        assert found == [4, 5, 0, 2]
        assert tick(journal, wanted=9).ready == []
    told = [row.state for row in rows_of(house, issue)]
    assert told == [
        DeliveryState.QUEUED,
        DeliveryState.UNCERTAIN,
        DeliveryState.QUEUED,
        DeliveryState.UNCERTAIN,
    ]
