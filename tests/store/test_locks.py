"""Locks that die with their holder, and the numbered slots that workers share."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from digest.store.engine import Database
from digest.store.locks import ChunkLocks, Slots


def all_of(slots: Slots) -> list[int]:
    """Every slot that can be had now."""
    found: list[int] = []
    while (slot := slots.take()) is not None:
        found.append(slot)
    return found


def test_a_lock_is_had_by_one_and_by_the_next_once_it_is_let_go(postgres: Database) -> None:
    with ChunkLocks(postgres) as ours, ChunkLocks(postgres) as theirs:
        assert ours.take(1, 2)
        assert not theirs.take(1, 2)
        assert theirs.take(1, 3)
        ours.drop(1, 2)
        assert theirs.take(1, 2)


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


def test_who_lost_the_connection_has_lost_its_locks_also_after_it_is_back(
    postgres: Database,
) -> None:
    with ChunkLocks(postgres) as locks:
        assert locks.take(1, 2)
        assert locks.held()
        with postgres.write() as session:
            session.execute(
                text(
                    "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
                    " WHERE datname = current_database() AND pid <> pg_backend_pid()"
                )
            )
        with pytest.raises(Exception, match="busy or away"):
            Slots(locks, "smtp", 3).take()
        assert not locks.held()
