"""Notices in the store: asking twice is harmless, and one process takes one."""

from __future__ import annotations

import datetime as dt
from concurrent.futures import ThreadPoolExecutor

from digest.model import DeliveryState
from digest.store import notices
from digest.store.engine import Database
from tests.people import BOB, NOW

MINUTE = dt.timedelta(minutes=1)


def queue(database: Database, dedupe: str, *, now: dt.datetime = NOW) -> bool:
    with database.write() as session:
        return notices.queue(
            session,
            kind="confirm",
            newsletter="sunday",
            address=BOB,
            dedupe=dedupe,
            data={"confirm_url": "http://127.0.0.1/confirm/s3cr3t"},
            now=now,
        )


def test_the_same_notice_is_queued_once_also_after_it_was_sent(database: Database) -> None:
    assert queue(database, "confirm:bob")
    assert not queue(database, "confirm:bob")
    with database.write() as session:
        (notice,) = notices.claim(session, owner="me", now=NOW)
        notices.settle(session, notice, DeliveryState.ACCEPTED, reply="250")
    assert not queue(database, "confirm:bob")
    with database.read() as session:
        assert notices.pending(session) == 0


def test_pending_counts_what_waits_and_what_is_being_sent(database: Database) -> None:
    for number in range(3):
        queue(database, f"confirm:{number}")
    with database.write() as session:
        notices.claim(session, owner="me", now=NOW, limit=1)
    with database.read() as session:
        assert notices.pending(session) == 3
        found = notices.queued(session)
    assert [one.dedupe for one in found] == ["confirm:0", "confirm:1", "confirm:2"]
    assert found[0].data == {"confirm_url": "http://127.0.0.1/confirm/s3cr3t"}


def test_only_what_is_due_is_taken_and_the_oldest_first(database: Database) -> None:
    queue(database, "later", now=NOW + MINUTE)
    queue(database, "second", now=NOW)
    queue(database, "first", now=NOW - MINUTE)
    with database.write() as session:
        taken = notices.claim(session, owner="me", now=NOW)
    assert sorted(one.dedupe for one in taken) == ["first", "second"]


def test_many_who_take_at_once_take_each_notice_once(database: Database) -> None:
    for number in range(20):
        queue(database, f"confirm:{number}")

    def take(owner: int) -> list[int]:
        with database.write() as session:
            claimed = notices.claim(session, owner=str(owner), now=NOW, limit=8)
            return [one.id for one in claimed]

    with ThreadPoolExecutor(4) as pool:
        taken = [one for batch in pool.map(take, range(4)) for one in batch]
    assert len(taken) == len(set(taken))
    assert len(taken) >= 8


def test_what_is_put_back_waits_and_remembers_its_attempts(database: Database) -> None:
    queue(database, "confirm:bob")
    with database.write() as session:
        (notice,) = notices.claim(session, owner="me", now=NOW)
        notices.put_back(session, notice, reply="450 later", due_at=NOW + MINUTE)
        assert notices.claim(session, owner="me", now=NOW) == []
        (again,) = notices.claim(session, owner="me", now=NOW + MINUTE)
    assert again.attempts == 1


def test_a_claim_that_was_given_back_was_no_attempt(database: Database) -> None:
    queue(database, "confirm:bob")
    with database.write() as session:
        notices.claim(session, owner="me", now=NOW)
        assert notices.any_due(session, owner="me", now=NOW)
        assert not notices.any_due(session, owner="another", now=NOW)
        assert notices.reclaim(session, owner="another", now=NOW) == 0
        assert notices.reclaim(session, owner="me", now=NOW) == 1
        (again,) = notices.claim(session, owner="another", now=NOW)
    assert again.attempts == 0


def test_postponed_notices_are_due_no_sooner(database: Database) -> None:
    queue(database, "confirm:bob")
    queue(database, "much later", now=NOW + 9 * MINUTE)
    with database.write() as session:
        notices.postpone(session, until=NOW + MINUTE)
        assert notices.claim(session, owner="me", now=NOW) == []
        assert len(notices.claim(session, owner="me", now=NOW + MINUTE)) == 1
        assert len(notices.claim(session, owner="me", now=NOW + 9 * MINUTE)) == 1


def test_what_a_dead_machine_had_claimed_is_taken_over_after_ten_minutes(
    database: Database,
) -> None:
    queue(database, "confirm:bob")
    late = NOW + notices.TAKE_OVER + MINUTE
    with database.write() as session:
        (lost,) = notices.claim(session, owner="dead", now=NOW)
        assert not notices.any_due(session, owner="me", now=NOW + notices.TAKE_OVER)
        assert notices.any_due(session, owner="me", now=late)
        assert notices.reclaim(session, owner="me", now=late) == 1
        (mine,) = notices.claim(session, owner="me", now=late)
    assert (mine.id, mine.attempts) == (lost.id, 0)


def test_a_claim_that_is_renewed_is_left_to_its_holder(database: Database) -> None:
    queue(database, "confirm:bob")
    with database.write() as session:
        (notice,) = notices.claim(session, owner="slow", now=NOW)
        assert notices.keep(session, notice, now=NOW + 9 * MINUTE)
        assert notices.reclaim(session, owner="me", now=NOW + 18 * MINUTE) == 0


def test_whoever_was_taken_over_from_changes_nothing_any_more(database: Database) -> None:
    queue(database, "confirm:bob")
    late = NOW + notices.TAKE_OVER + MINUTE
    with database.write() as session:
        (lost,) = notices.claim(session, owner="slow", now=NOW)
        notices.reclaim(session, owner="me", now=late)
        (mine,) = notices.claim(session, owner="me", now=late)
        assert not notices.keep(session, lost, now=late)
        notices.settle(session, lost, DeliveryState.FAILED, reply="late")
        notices.put_back(session, lost, reply="450 later", due_at=late)
        assert [one.claimed_by for one in notices.queued(session)] == ["me"]
        notices.settle(session, mine, DeliveryState.ACCEPTED, reply="250")
        notices.put_back(session, lost, reply="450 later", due_at=late)
        assert notices.pending(session) == 0
