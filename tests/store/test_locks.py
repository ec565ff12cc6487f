"""The locks of chunks, and the slots that workers share: they die with their holder, and never pretend."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from digest.errors import Busy
from digest.store.engine import Database
from digest.store.locks import ChunkLocks, Slots


def terminate_holders(database: Database) -> int:
    """End every connection that holds a lock of ours, as a restart of the server does; how many."""
    ended = "SELECT pg_terminate_backend(pid, 5000) FROM pg_locks WHERE locktype = 'advisory'"
    with database.engine.connect() as connection:
        return len(connection.execute(text(ended)).all())


def all_of(slots: Slots) -> list[int]:
    """Every slot that can be had now."""
    found: list[int] = []
    while (slot := slots.take()) is not None:
        found.append(slot)
    return found


def test_a_lock_excludes_others_from_its_chunk_and_from_no_other(postgres: Database) -> None:
    with ChunkLocks(postgres) as mine, ChunkLocks(postgres) as theirs:
        assert mine.take(1, 0)
        assert not theirs.take(1, 0)
        assert theirs.take(1, 1)
        assert theirs.take(2, 0)
        mine.drop(1, 0)
        assert theirs.take(1, 0)


def test_letting_go_of_all_frees_every_chunk(postgres: Database) -> None:
    with ChunkLocks(postgres) as mine:
        assert mine.take(1, 0)
        assert mine.take(1, 1)
    with ChunkLocks(postgres) as theirs:
        assert theirs.take(1, 0)
        assert theirs.take(1, 1)


def test_a_lost_connection_is_noticed_and_stays_lost(postgres: Database) -> None:
    with ChunkLocks(postgres) as mine, ChunkLocks(postgres) as theirs:
        assert mine.take(1, 0)
        assert mine.held()
        assert terminate_holders(postgres) == 1
        assert not mine.held()
        assert not mine.held()
        with pytest.raises(Busy):
            mine.take(1, 1)
        assert theirs.take(1, 0)


def test_a_loss_that_shows_when_a_chunk_is_put_down_is_not_forgotten(postgres: Database) -> None:
    with ChunkLocks(postgres) as mine:
        assert mine.take(1, 0)
        assert mine.take(1, 1)
        terminate_holders(postgres)
        mine.drop(1, 0)
        assert not mine.held()
        with pytest.raises(Busy):
            mine.take(1, 2)


def test_sqlite_needs_none(sqlite: Database) -> None:
    with ChunkLocks(sqlite) as mine, ChunkLocks(sqlite) as theirs:
        assert mine.take(1, 0)
        assert theirs.take(1, 0)
        assert mine.held()
        mine.drop(1, 0)


def test_two_workers_share_the_slots_of_a_provider(postgres: Database) -> None:
    with ChunkLocks(postgres) as here, ChunkLocks(postgres) as there:
        ours, theirs = Slots(here, "smtp", 4), Slots(there, "smtp", 4)
        assert ours.take() == 1
        assert all_of(theirs) == [2, 3]
        assert ours.take() is None
        theirs.give_back(3)
        assert all_of(ours) == [3]
        assert all_of(Slots(there, "ses", 4)) == [1, 2, 3]


def test_the_last_slot_is_for_notices_unless_it_is_the_only_one(postgres: Database) -> None:
    with ChunkLocks(postgres) as locks:
        all_of(Slots(locks, "smtp", 3))
        with ChunkLocks(postgres) as beside:
            assert all_of(Slots(beside, "smtp", 3, for_notices=True)) == [3]
        assert all_of(Slots(locks, "ses", 1)) == [1]
        with ChunkLocks(postgres) as beside:
            assert all_of(Slots(beside, "ses", 1, for_notices=True)) == []


def test_slots_end_with_their_holder(postgres: Database) -> None:
    with ChunkLocks(postgres) as gone:
        assert all_of(Slots(gone, "smtp", 3)) == [1, 2]
    with ChunkLocks(postgres) as next_one:
        assert all_of(Slots(next_one, "smtp", 3)) == [1, 2]


def test_without_a_number_there_is_no_limit(database: Database) -> None:
    with ChunkLocks(database) as locks:
        assert Slots(locks, "smtp", 0).unlimited
        assert not Slots(locks, "smtp", 1).unlimited


def test_on_sqlite_slots_are_counted_in_the_process(sqlite: Database) -> None:
    with ChunkLocks(sqlite) as locks:
        slots = Slots(locks, "smtp", 4)
        assert all_of(slots) == [1, 2, 3]
        slots.give_back(2)
        assert all_of(slots) == [2]


def test_a_loss_that_shows_when_a_slot_is_asked_for_is_not_forgotten(postgres: Database) -> None:
    with ChunkLocks(postgres) as mine:
        assert mine.take(1, 0)
        terminate_holders(postgres)
        with pytest.raises(Busy):
            Slots(mine, "smtp", 3).take()
        assert not mine.held()
