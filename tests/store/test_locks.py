"""The locks of chunks on PostgreSQL: they exclude others, die with their holder, and never pretend."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from digest.errors import Busy
from digest.store.engine import Database
from digest.store.locks import ChunkLocks


def terminate_holders(database: Database) -> int:
    """End every connection that holds a lock of ours, as a restart of the server does; how many."""
    ended = "SELECT pg_terminate_backend(pid, 5000) FROM pg_locks WHERE locktype = 'advisory'"
    with database.engine.connect() as connection:
        return len(connection.execute(text(ended)).all())


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
