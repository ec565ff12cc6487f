"""The ledger's rows: written twice is once, and what is final stays."""

from __future__ import annotations

import dataclasses
import datetime as dt
from pathlib import Path

import pytest

from digest.model import DeliveryState, SubscriberId
from digest.store import chunks, deliveries
from digest.store.deliveries import Delivery
from digest.store.engine import Database
from tests.delivery.sundays import Post, a_house, names, put_frozen, send_of

QUEUED, ACCEPTED, FAILED, SKIPPED, UNCERTAIN = DeliveryState


def put_send(database: Database, folder: Path, readers: int) -> tuple[int, list[SubscriberId]]:
    """A frozen send's id, and who is in it."""
    house = a_house(database, folder, Post())
    send = send_of(house, put_frozen(house, names(readers)))
    with database.read() as session:
        found = chunks.due_chunks(session, send.id, now=house.clock())
        return send.id, [one for chunk in found for one in chunks.reader_ids(session, chunk)]


NOW = dt.datetime(2026, 11, 29, 8, 0, 1, tzinfo=dt.UTC)


def result(
    who: SubscriberId, state: DeliveryState, *, attempts: int = 1, **more: object
) -> Delivery:
    return Delivery(subscriber_id=who, state=state, attempts=attempts, at=NOW, **more)  # type: ignore[arg-type]


def test_the_same_results_twice_are_once(database: Database, tmp_path: Path) -> None:
    send, (alice, dave) = put_send(database, tmp_path, 2)
    rows = [result(alice, ACCEPTED), result(dave, FAILED, reply="550 no such user")]
    for _ in range(2):
        with database.write() as session:
            deliveries.put(session, send, rows)
    with database.read() as session:
        assert deliveries.of_range(session, send, alice, dave) == {
            alice: rows[0],
            dave: rows[1],
        }
        assert deliveries.counts(session, send) == {
            QUEUED: 0,
            ACCEPTED: 1,
            FAILED: 1,
            SKIPPED: 0,
            UNCERTAIN: 0,
        }


def test_a_deferred_row_gives_way_to_its_outcome(database: Database, tmp_path: Path) -> None:
    send, (alice,) = put_send(database, tmp_path, 1)
    deferred = result(alice, QUEUED, reply="450", due_at=NOW + dt.timedelta(minutes=1))
    with database.write() as session:
        deliveries.put(session, send, [deferred])
        deliveries.put(session, send, [result(alice, ACCEPTED, attempts=2)])
        found = deliveries.of_range(session, send, alice, alice)[alice]
    assert found == result(alice, ACCEPTED, attempts=2)


@pytest.mark.parametrize("state", [ACCEPTED, FAILED, SKIPPED, UNCERTAIN])
def test_what_is_final_stays(database: Database, tmp_path: Path, state: DeliveryState) -> None:
    send, (alice,) = put_send(database, tmp_path, 1)
    with database.write() as session:
        deliveries.put(session, send, [result(alice, state)])
        for other in DeliveryState:
            deliveries.put(session, send, [result(alice, other, attempts=9)])
        assert deliveries.of_range(session, send, alice, alice)[alice] == result(alice, state)


def test_results_of_every_shape_go_in_one_batch(database: Database, tmp_path: Path) -> None:
    send, ids = put_send(database, tmp_path, 3)
    batch = [
        result(ids[0], ACCEPTED),
        result(ids[1], QUEUED, reply="450", due_at=NOW),
        result(ids[2], FAILED, reply="550"),
    ]
    with database.write() as session:
        deliveries.put(session, send, batch)
        deliveries.put(session, send, [])
        assert list(deliveries.of_range(session, send, ids[0], ids[2]).values()) == batch


def test_the_lines_are_the_whole_audience_in_order(database: Database, tmp_path: Path) -> None:
    send, ids = put_send(database, tmp_path, 1003)
    with database.write() as session:
        deliveries.put(
            session, send, [result(ids[0], ACCEPTED), result(ids[-1], FAILED, reply="550")]
        )
        found = list(deliveries.lines(session, send))
    assert len(found) == 1003
    assert (found[0].state, found[0].attempts, found[0].reply) == ("accepted", 1, "250")
    assert (found[1].state, found[1].attempts, found[1].reply) == ("queued", 0, "")
    assert (found[-1].state, found[-1].reply) == ("failed", "550")
    assert {one.address for one in found} == set(names(1003))


def test_a_person_can_look_at_those_in_one_state(database: Database, tmp_path: Path) -> None:
    send, (alice, dave) = put_send(database, tmp_path, 2)
    with database.write() as session:
        deliveries.put(
            session, send, [result(alice, UNCERTAIN, reply="lost"), result(dave, ACCEPTED)]
        )
        ((address, reply),) = deliveries.in_state(session, send, UNCERTAIN)
    assert address in names(2)
    assert reply == "lost"


@pytest.mark.parametrize("before", [None, *DeliveryState])
def test_a_plain_acceptance_is_the_same_by_the_quick_way(
    database: Database, tmp_path: Path, before: DeliveryState | None
) -> None:
    """What `put_accepted` leaves is what `put` leaves, whatever stood there, and however often."""
    send, (alice, dave) = put_send(database, tmp_path, 2)
    for reader in (alice, dave):
        due = NOW + dt.timedelta(minutes=1) if before is QUEUED else None
        old = [result(reader, before, reply="451 later", due_at=due)] if before else []
        with database.write() as session:
            deliveries.put(session, send, old)
    with database.write() as session:
        deliveries.put(session, send, [result(alice, ACCEPTED, attempts=2 if before else 1)])
        for _ in range(2):
            deliveries.put_accepted(session, send, [dave], at=NOW)
        found = deliveries.of_range(session, send, alice, dave)
        rows = [dataclasses.replace(row, subscriber_id=alice) for row in found.values()]
    assert rows[0] == rows[1]


def test_plain_acceptances_of_many_are_one_statement_and_of_nobody_none(
    database: Database, tmp_path: Path
) -> None:
    send, ids = put_send(database, tmp_path, 700)
    with database.write() as session:
        deliveries.put_accepted(session, send, [], at=NOW)
        deliveries.put_accepted(session, send, ids[:650], at=NOW)
        assert deliveries.counts(session, send)[ACCEPTED] == 650
        found = deliveries.of_range(session, send, ids[0], ids[-1])
    assert set(found) == set(ids[:650])
    assert {(row.at, row.attempts, row.reply) for row in found.values()} == {(NOW, 1, None)}


def test_who_waits_to_be_tried_again_is_counted_with_what_most_were_told(
    database: Database, tmp_path: Path
) -> None:
    send, readers = put_send(database, tmp_path, 4)
    soon, later = NOW + dt.timedelta(minutes=1), NOW + dt.timedelta(minutes=9)
    rows = [
        result(readers[0], QUEUED, reply="450 greylisted", due_at=later),
        result(readers[1], QUEUED, reply="450 greylisted", due_at=later),
        result(readers[2], QUEUED, reply="452 full", due_at=soon),
        result(readers[3], ACCEPTED),
    ]
    with database.write() as session:
        assert deliveries.deferred(session, send) is None
        deliveries.put(session, send, rows)
        found = deliveries.deferred(session, send)
    assert found == deliveries.Deferred(3, soon, "450 greylisted")
