"""Sends and chunks in the store: one send an issue, a chunk in one hand, states by conditional change."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.errors import NotFound
from digest.model import IssueId
from digest.store import chunks, idlists, sends
from digest.store.chunks import Chunk, ChunkState
from digest.store.engine import Database, Session
from digest.store.sends import Pause, Send, SendStatus
from tests.delivery.sundays import Post, a_house, names, put_frozen, send_of

MINUTE = dt.timedelta(minutes=1)


def frozen(database: Database, folder: Path, readers: int) -> tuple[Send, list[Chunk], dt.datetime]:
    house = a_house(database, folder, Post())
    send, now = send_of(house, put_frozen(house, names(readers))), house.clock()
    with database.read() as session:
        return send, chunks.due_chunks(session, send.id, now=now), now


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


def claim(
    session: Session, chunk: Chunk, now: dt.datetime, *, owner: str = "me", take_over: bool = False
) -> bool:
    return chunks.claim(
        session, chunk, owner=owner, ahead=0, now=now, take_over=take_over, born="0badcafe"
    )


def test_a_chunk_is_in_one_hand(database: Database, tmp_path: Path) -> None:
    send, (chunk,), now = frozen(database, tmp_path, 2)
    with database.write() as session:
        assert claim(session, chunk, now)
        assert claim(session, chunk, now)
        assert not claim(session, chunk, now, owner="another")
        assert [one.owner for one in chunks.left(session, send.id)] == ["me"]
        down = {"state": ChunkState.DONE, "due_at": None}
        assert not chunks.settle(session, chunk, owner="another", **down)  # type: ignore[arg-type]
        assert not chunks.is_worked_through(session, send.id)
        assert chunks.settle(session, chunk, owner="me", **down)  # type: ignore[arg-type]
        assert chunks.is_worked_through(session, send.id)
        assert not claim(session, chunk, now)
        assert chunks.due_chunks(session, send.id, now=now) == []


def test_a_chunk_is_taken_over_only_from_the_owner_that_was_seen(
    database: Database, tmp_path: Path
) -> None:
    send, (open_chunk,), now = frozen(database, tmp_path, 2)
    with database.write() as session:
        claim(session, open_chunk, now, owner="lost")
        assert not claim(session, open_chunk, now, owner="me", take_over=True)
        (seen,) = chunks.due_chunks(session, send.id, now=now)
        assert claim(session, seen, now, owner="me", take_over=True)
        assert not claim(session, seen, now, owner="third", take_over=True)
        (mine,) = chunks.due_chunks(session, send.id, now=now)
    assert (mine.owner, mine.claimed_at, mine.ahead) == ("me", now, 0)


def test_the_write_ahead_is_only_for_who_holds_every_chunk_of_it(
    database: Database, tmp_path: Path
) -> None:
    send, three, now = frozen(database, tmp_path, 1001)
    with database.write() as session:
        for chunk in three:
            claim(session, chunk, now)
        soon = now + MINUTE
        assert chunks.beat(session, send.id, {}, owner="me", now=soon)
        assert chunks.beat(session, send.id, {0: 7, 2: 1}, owner="me", now=soon)
        found = chunks.due_chunks(session, send.id, now=soon)
        assert [one.ahead for one in found] == [7, 0, 1]
        assert [one.beat_at for one in found] == [soon, now, soon]
        assert not chunks.beat(session, send.id, {1: 5}, owner="another", now=soon)
        chunks.settle(session, three[1], owner="me", state=ChunkState.OPEN, due_at=None)
        assert not chunks.beat(session, send.id, {0: 9, 1: 5}, owner="me", now=soon)


def test_chunks_are_done_together_or_it_is_said_that_one_is_anothers(
    database: Database, tmp_path: Path
) -> None:
    send, three, now = frozen(database, tmp_path, 1001)
    with database.write() as session:
        claim(session, three[0], now)
        claim(session, three[1], now)
        claim(session, three[2], now, owner="another")
        assert chunks.settle_done(session, send.id, [], owner="me")
        assert chunks.settle_done(session, send.id, [0, 1], owner="me")
        assert not chunks.settle_done(session, send.id, [2], owner="me")
        (left,) = chunks.due_chunks(session, send.id, now=now)
    assert (left.no, left.owner) == (2, "another")


def test_chunks_that_are_known_are_left_out_and_the_others_are_not_cut_short(
    database: Database, tmp_path: Path
) -> None:
    send, _, now = frozen(database, tmp_path, 2001)
    with database.read() as session:
        found = chunks.due_chunks(session, send.id, now=now, but={0, 2}, limit=2)
    assert [one.no for one in found] == [1, 3]


def test_a_waiting_chunk_is_due_when_it_says(database: Database, tmp_path: Path) -> None:
    send, (chunk,), now = frozen(database, tmp_path, 2)
    with database.write() as session:
        claim(session, chunk, now)
        due = now + MINUTE
        assert chunks.next_due(session, send.id, owner="me", now=now) == now
        assert chunks.next_due(session, send.id, owner="another", now=now) is None
        chunks.settle(session, chunk, owner="me", state=ChunkState.WAITING, due_at=due)
        assert chunks.next_due(session, send.id, owner="another", now=now) == due
        assert chunks.due_chunks(session, send.id, now=now) == []
        (found,) = chunks.due_chunks(session, send.id, now=due)
    assert (found.state, found.owner, found.size) == (ChunkState.WAITING, "", 2)


def test_a_send_is_paused_resumed_and_closed_once(database: Database, tmp_path: Path) -> None:
    send, _, now = frozen(database, tmp_path, 2)
    with database.write() as session:
        assert not sends.resume(session, send.id, now=now)
        assert sends.pause(session, send.id, Pause(reason="535 wrong password"))
        assert not sends.pause(session, send.id, Pause(reason="again"))
        assert not sends.close(session, send.id, now=now)
        paused = sends.of_issue(session, send.issue_id)
        assert (paused.status, paused.reason) == (SendStatus.PAUSED, "535 wrong password")
        assert sends.resume(session, send.id, now=now)
        assert sends.of_issue(session, send.issue_id).reason == ""
        assert sends.close(session, send.id, now=now)
        assert not sends.close(session, send.id, now=now)
        assert sends.unfinished(session) == []


def test_a_person_holds_what_the_program_paused_and_nothing_that_a_person_did(
    database: Database, tmp_path: Path
) -> None:
    send, _, now = frozen(database, tmp_path, 2)
    with database.write() as session:
        assert sends.pause(session, send.id, Pause(reason="4.7.1 slowly", until=now, at=now))
        assert sends.hold(session, send.id, Pause(reason="wrong headline", by="erin", at=now))
        assert not sends.hold(session, send.id, Pause(reason="mine", by="dora", at=now))
        held = sends.of_issue(session, send.issue_id)
        assert (held.reason, held.paused_by, held.resume_at) == ("wrong headline", "erin", None)
        assert held.waits_for_a_person
        assert sends.resume(session, send.id, now=now)
        freed = sends.of_issue(session, send.issue_id)
        assert (freed.paused_by, freed.paused_with, freed.paused_at) == ("", "", None)


@given(st.lists(st.integers(1, 2**62), unique=True).map(sorted))
def test_a_list_of_ids_survives_its_packing(ids: list[int]) -> None:
    assert idlists.unpack(idlists.pack(ids)) == tuple(ids)


def test_neighbours_take_little_room() -> None:
    assert len(idlists.pack(range(1_000_000, 1_000_500))) < 60
