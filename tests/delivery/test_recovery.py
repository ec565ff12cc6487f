"""A chunk after a crash: the map's marks become rows, once, however often it crashes again."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from digest.bootstrap import House
from digest.delivery import flight as flights
from digest.delivery import freeze, recovery, sender, verdicts
from digest.delivery.flight import Mark
from digest.delivery.verdicts import REPLAYED, SENT_AGAIN, Job
from digest.errors import TryLater
from digest.model import DeliveryState, Issue, SubscriberId, UncertainPolicy
from digest.store import chunks, deliveries, subscribers
from digest.store.chunks import Chunk, ChunkState
from digest.store.deliveries import Delivery
from digest.store.engine import Database
from tests.delivery.hands import HOLD, REPLAY, RESEND, chunks_of, journal_of, terms_of, tick
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
from tests.delivery.test_takeover import elsewhere
from tests.delivery.test_waves import by_readers_clocks

MARKS = [Mark.UNTRIED, Mark.HANDED, Mark.ACCEPTED, Mark.LATER, Mark.REFUSED]
NOW = dt.datetime(2026, 11, 29, 8, tzinfo=dt.UTC)


def crash_with(house: House, issue: Issue, marks: list[Mark]) -> None:
    """Leave the chunk as a sender leaves it that is killed with these marks in its map."""
    with journal_of(house, issue) as journal:
        tick(journal, wanted=len(marks))
        (claim,) = journal.claims
        for slot, mark in enumerate(marks):
            claim.flight[slot] = mark


def recover(house: House, issue: Issue, policy: UncertainPolicy = HOLD) -> list[int]:
    """Recover, and crash again; the slots that would be mailed next."""
    with journal_of(house, issue, terms_of(house, policy)) as journal:
        return [job.slot for _, job, _ in tick(journal, wanted=99).ready]


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


def test_a_map_stays_while_it_knows_more_than_the_rows(database: Database, tmp_path: Path) -> None:
    house = a_house(database, tmp_path, Post())
    issue = put_frozen(house, names(2))
    crash_with(house, issue, [Mark.ACCEPTED, Mark.UNTRIED])
    assert len(list(house.flight.glob("*.map"))) == 1
    sender.drain(house)
    assert states(house, issue) == {"accepted": 2}
    assert list(house.flight.glob("*.map")) == []


def test_a_chunk_in_hand_is_busy_for_everybody_else(database: Database, tmp_path: Path) -> None:
    post = Post()
    house = a_house(database, tmp_path, post)
    issue = put_frozen(house, names(2))
    with journal_of(house, issue) as mine, journal_of(house, issue) as theirs:
        assert len(tick(mine, wanted=2).ready) == 2
        assert tick(theirs, wanted=2).ready == []
        assert theirs.busy == 1
        assert sender.drain(house).busy == 1
    assert post.asked.total() == 0


def test_a_chunk_of_another_machine_is_left_to_it_and_waited_for_by_nobody(
    database: Database, tmp_path: Path
) -> None:
    house = a_house(database, tmp_path, Post())
    issue = put_frozen(house, names(501))
    with database.write() as session:
        chunk, _ = chunks.left(session, send_of(house, issue).id)
        now = house.clock()
        assert chunks.claim(
            session, chunk, owner="other", ahead=9, now=now, take_over=False, born=""
        )
    sender.drain(house, until_empty=True)
    assert states(house, issue) == {"accepted": 1, "waiting": 500}
    assert list(house.flight.glob("*.map")) == []


def test_a_chunk_that_is_put_down_is_free_for_another_machine(
    database: Database, tmp_path: Path
) -> None:
    house = a_house(database, tmp_path, Post())
    issue = put_frozen(house, names(2))
    with journal_of(house, issue) as journal:
        tick(journal, wanted=1)
        journal.put_down()
    (chunk,) = chunks_of(house, issue)
    assert (chunk.state, chunk.owner) == (ChunkState.OPEN, "")
    assert list(house.flight.glob("*.map")) == []


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
    with pytest.raises(Exception, match="no longer ours"):
        sender.drain(house)
    sent = post.accepted.total()
    assert sent < 40
    with database.read() as session:
        rows = deliveries.counts(session, send_of(house, issue).id)
    assert sum(rows.values()) <= sent


# ---------------------------------------------------------------- a sender that is gone with its map

IDS = tuple(SubscriberId(number) for number in range(1, 7))


def row(
    who: int, state: DeliveryState, note: str | None = None, *, due_s: float | None = None
) -> tuple[SubscriberId, Delivery]:
    due = None if due_s is None else NOW + dt.timedelta(seconds=due_s)
    reader = SubscriberId(who)
    return reader, Delivery(
        subscriber_id=reader, state=state, attempts=1, at=NOW, reply=note, due_at=due
    )


def test_of_a_lost_chunk_only_readers_within_the_write_ahead_and_without_an_end_are_in_doubt(
    sqlite: Database, tmp_path: Path
) -> None:
    house = a_house(sqlite, tmp_path, Post())
    chunk = Chunk(
        send_id=1,
        no=0,
        lo=1,
        hi=6,
        size=6,
        state=ChunkState.CLAIMED,
        owner="lost",
        due_at=None,
        ahead=5,
        claimed_at=NOW,
        beat_at=NOW,
    )
    rows = dict(
        [
            row(1, DeliveryState.ACCEPTED),
            row(2, DeliveryState.QUEUED, "451", due_s=60),  # put off by it: not handed over since
            row(3, DeliveryState.QUEUED, "451", due_s=-60),  # was due when it began
        ]
    )
    found = list(recovery.orphaned(IDS, rows, chunk, terms_of(house), now=NOW))
    assert [one.subscriber_id for one in found] == [3, 4, 5]
    assert {one.state for one in found} == {DeliveryState.UNCERTAIN}


# ---------------------------------------------------------------- requests that are made again

BATCH = REPLAYED.format(provider="post", until=(NOW + dt.timedelta(days=1)).isoformat(), batch="{}")


def together(name: str) -> str:
    return BATCH.format(f", batch {name}")


def test_those_of_one_request_are_due_together_when_the_last_of_them_is() -> None:
    rows = dict(
        [
            row(1, DeliveryState.QUEUED, together("a"), due_s=0),
            row(2, DeliveryState.QUEUED, together("b"), due_s=0),
            row(3, DeliveryState.QUEUED, together("a"), due_s=240),
            row(4, DeliveryState.QUEUED, "451", due_s=0),
        ]
    )
    assert [job.id for job in recovery.jobs(IDS[:4], rows, now=NOW)] == [4, 2]
    after = NOW + dt.timedelta(seconds=240)
    assert [job.id for job in recovery.jobs(IDS[:4], rows, now=after)] == [4, 1, 3, 2]


def test_a_chunk_that_waits_for_a_request_wakes_when_all_of_it_is_due() -> None:
    rows = dict(
        [
            row(1, DeliveryState.QUEUED, together("a"), due_s=0),
            row(3, DeliveryState.QUEUED, together("a"), due_s=240),
        ]
    )
    assert recovery.next_due(rows, base_s=60) == NOW + dt.timedelta(seconds=240)


def test_a_chunk_wakes_soon_after_the_first_deferred_with_those_close_behind() -> None:
    rows = dict(row(who, DeliveryState.QUEUED, "451", due_s=10.0 * who) for who in (1, 2, 9))
    assert recovery.next_due(rows, base_s=60) == NOW + dt.timedelta(seconds=40)
    del rows[SubscriberId(9)]
    assert recovery.next_due(rows, base_s=60) == NOW + dt.timedelta(seconds=20)
    assert recovery.next_due({}, base_s=60) is None


def test_never_tried_readers_come_in_their_order() -> None:
    assert [job.slot for job in recovery.jobs(IDS, {}, now=NOW)] == list(range(6))


def test_after_a_power_cut_an_older_map_is_not_believed(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The ledger is on the disk, the last pages of the map may not be: who may have been mailed is in doubt."""
    post = Post()
    house = a_house(database, tmp_path, post)
    issue = put_frozen(house, names(20))
    with journal_of(house, issue) as journal:
        tick(journal, wanted=8)
        (claim,) = journal.claims
        on_disk = claim.flight.path.read_bytes()
        for slot in range(8):
            claim.flight[slot] = Mark.ACCEPTED
    claim.flight.path.write_bytes(on_disk)
    monkeypatch.setattr(flights, "_boot", lambda: b"a new beginning!")
    sender.drain(house)
    assert states(house, issue) == {"uncertain": 8, "accepted": 12}
    assert post.asked.total() == 12


def test_who_was_in_a_request_of_a_lost_machine_is_held_also_where_requests_are_made_again(
    postgres: Database, tmp_path: Path
) -> None:
    """Nobody knows any more who was in it with whom, and the provider knows the whole request."""
    house = a_house(postgres, tmp_path, Post(replays=True))
    issue = put_frozen(house, names(10))
    with journal_of(house, issue, terms_of(house, REPLAY)) as journal:
        tick(journal, wanted=4)
        journal.claims[0].flight.together([0, 1, 2, 3])
    other = elsewhere(house)
    later(house, seconds=6)
    sender.drain(other)
    assert states(house, issue) == {"uncertain": 4, "accepted": 6}


def test_rows_of_another_wave_are_none_of_a_chunks_business(
    database: Database, tmp_path: Path
) -> None:
    """The ids of two waves interleave: a reader of the second may have a row among those of the first."""
    who = names(4)
    house = by_readers_clocks(a_house(database, tmp_path, Post()))
    put_readers(house, who)
    with database.write() as session:
        subscribers.live_in(session, {who[1]: "America/New_York"})
    issue = put_approved(house)
    freeze.freeze(house, issue, now=house.clock())
    (first, second) = sorted(chunks_of(house, issue), key=lambda one: one.size, reverse=True)
    with database.write() as session:
        ids = chunks.reader_ids(session, second)
        row = verdicts.later(Job(0, ids[0]), TryLater("450"), terms_of(house), now=house.clock())
        deliveries.put(session, first.send_id, [row])
    with journal_of(house, issue) as journal:
        tick(journal, wanted=9)
        (claim,) = journal.claims
        assert (len(claim.ids), claim.finals, claim.queued) == (3, 0, {})
