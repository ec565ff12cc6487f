"""Sends and chunks in the store: one send an issue, a chunk in one hand, states by conditional change."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.errors import NotFound
from digest.model import IssueId
from digest.store import idlists, locks, sends
from digest.store.engine import Database
from digest.store.sends import Chunk, ChunkState, Send, SendStatus
from tests.delivery.sundays import Post, a_house, names, put_frozen, send_of

MINUTE = dt.timedelta(minutes=1)


def frozen(database: Database, folder: Path, readers: int) -> tuple[Send, list[Chunk], dt.datetime]:
    house = a_house(database, folder, Post())
    send, now = send_of(house, put_frozen(house, names(readers))), house.clock()
    with database.read() as session:
        return send, sends.due_chunks(session, send.id, now=now), now


def test_an_issue_has_one_send(database: Database, tmp_path: Path) -> None:
    send, _, now = frozen(database, tmp_path, 2)
    with database.write() as session:
        again = sends.freeze(
            session,
            issue_id=send.issue_id,
            edition_id=send.edition_id,
            newsletter="sunday",
            cut_off=now,
        )
        assert again is None
        assert sends.unfinished(session) == [send]
        with pytest.raises(NotFound):
            sends.of_issue(session, IssueId(99))


def test_a_chunk_is_in_one_hand(database: Database, tmp_path: Path) -> None:
    send, (chunk,), now = frozen(database, tmp_path, 2)
    with database.write() as session:
        assert sends.claim(session, chunk, owner="me")
        assert sends.claim(session, chunk, owner="me")
        assert not sends.claim(session, chunk, owner="another")
        assert sends.is_ours(session, chunk, owner="me")
        assert not sends.is_ours(session, chunk, owner="another")
        assert sends.claimed_elsewhere(session, send.id, owner="me") == []
        (theirs,) = sends.claimed_elsewhere(session, send.id, owner="another")
        assert theirs.owner == "me"
        down = {"state": ChunkState.DONE, "due_at": None}
        assert not sends.settle(session, chunk, owner="another", **down)  # type: ignore[arg-type]
        assert not sends.is_worked_through(session, send.id)
        assert sends.settle(session, chunk, owner="me", **down)  # type: ignore[arg-type]
        assert sends.is_worked_through(session, send.id)
        assert not sends.claim(session, chunk, owner="me")
        assert sends.due_chunks(session, send.id, now=now) == []


def test_a_waiting_chunk_is_due_when_it_says(database: Database, tmp_path: Path) -> None:
    send, (chunk,), now = frozen(database, tmp_path, 2)
    with database.write() as session:
        sends.claim(session, chunk, owner="me")
        due = now + MINUTE
        assert sends.next_due(session, send.id, owner="me", now=now) == now
        assert sends.next_due(session, send.id, owner="another", now=now) is None
        sends.settle(session, chunk, owner="me", state=ChunkState.WAITING, due_at=due)
        assert sends.next_due(session, send.id, owner="another", now=now) == due
        assert sends.due_chunks(session, send.id, now=now) == []
        (found,) = sends.due_chunks(session, send.id, now=due)
    assert (found.state, found.owner, found.size) == (ChunkState.WAITING, "", 2)


def test_a_send_is_paused_resumed_and_closed_once(database: Database, tmp_path: Path) -> None:
    send, _, now = frozen(database, tmp_path, 2)
    with database.write() as session:
        assert not sends.resume(session, send.id)
        assert sends.pause(session, send.id, "535 wrong password")
        assert not sends.pause(session, send.id, "again")
        assert not sends.close(session, send.id, now=now)
        paused = sends.of_issue(session, send.issue_id)
        assert (paused.status, paused.reason) == (SendStatus.PAUSED, "535 wrong password")
        assert sends.resume(session, send.id)
        assert sends.of_issue(session, send.issue_id).reason == ""
        assert sends.close(session, send.id, now=now)
        assert not sends.close(session, send.id, now=now)
        assert sends.unfinished(session) == []


def test_the_lock_of_a_chunk_excludes_others_and_no_other_chunk(postgres: Database) -> None:
    with locks.chunk_lock(postgres, 1, 0) as held:
        assert held is not None
        assert held()
        with locks.chunk_lock(postgres, 1, 0) as second:
            assert second is None
        with locks.chunk_lock(postgres, 1, 1) as other, locks.chunk_lock(postgres, 2, 0) as third:
            assert other is not None
            assert third is not None
    with locks.chunk_lock(postgres, 1, 0) as again:
        assert again is not None


@given(st.lists(st.integers(1, 2**62), unique=True).map(sorted))
def test_a_list_of_ids_survives_its_packing(ids: list[int]) -> None:
    assert idlists.unpack(idlists.pack(ids)) == tuple(ids)


def test_neighbours_take_little_room() -> None:
    assert len(idlists.pack(range(1_000_000, 1_000_500))) < 60
