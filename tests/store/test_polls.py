"""Polls: what is remembered of a source, when it is due, how it is."""

from __future__ import annotations

import datetime as dt

from digest.protocols import PollState
from digest.store import polls
from digest.store.engine import Database
from digest.store.polls import SourceHealth
from tests.people import NOW

HOUR = dt.timedelta(hours=1)
STATE = PollState('"abc"', "Sat, 28 Nov 2026 18:00:00 GMT", "f" * 64)


def succeed(database: Database, state: PollState = STATE, *, now: dt.datetime = NOW) -> None:
    with database.write() as session:
        polls.record_success(session, "site", state, now=now, next_poll_at=now + HOUR)


def fail(database: Database, error: str = "503", *, now: dt.datetime = NOW) -> None:
    with database.write() as session:
        polls.record_failure(session, "site", error, now=now, next_poll_at=now + 2 * HOUR)


def health(database: Database) -> SourceHealth:
    with database.read() as session:
        (found,) = polls.health(session, ["site"])
    return found


def state(database: Database) -> PollState:
    with database.read() as session:
        return polls.state(session, "site")


def due(database: Database, *sources: str, now: dt.datetime) -> list[str]:
    with database.read() as session:
        return polls.due(session, sources, now=now)


def test_a_source_never_asked_has_no_state_and_is_due(database: Database) -> None:
    assert state(database) == PollState()
    assert due(database, "site", now=NOW) == ["site"]
    assert health(database) == SourceHealth("site")


def test_a_good_poll_is_remembered_until_the_next(database: Database) -> None:
    succeed(database)
    assert state(database) == STATE
    succeed(database, PollState(body_hash="e" * 64), now=NOW + HOUR)
    assert state(database) == PollState(body_hash="e" * 64)
    assert health(database) == SourceHealth("site", NOW + HOUR, NOW + HOUR, NOW + 2 * HOUR)


def test_a_bad_poll_keeps_the_state_and_counts(database: Database) -> None:
    succeed(database)
    fail(database, now=NOW + HOUR)
    fail(database, "x" * 900, now=NOW + 2 * HOUR)
    assert state(database) == STATE
    found = health(database)
    assert (found.failures, found.error) == (2, "x" * 500)
    assert (found.polled_at, found.succeeded_at) == (NOW + 2 * HOUR, NOW)
    succeed(database, now=NOW + 3 * HOUR)
    assert (health(database).failures, health(database).error) == (0, "")


def test_a_source_whose_first_poll_failed_is_known_as_failing(database: Database) -> None:
    fail(database)
    assert health(database) == SourceHealth("site", NOW, None, NOW + 2 * HOUR, 1, "503")
    assert state(database) == PollState()


def test_sources_are_due_at_their_hour_in_the_order_given(database: Database) -> None:
    succeed(database)
    before = NOW + HOUR - dt.timedelta(microseconds=1)
    assert due(database, "b", "site", "a", now=before) == ["b", "a"]
    assert due(database, "b", "site", "a", now=NOW + HOUR) == ["b", "site", "a"]


def begin(database: Database, *sources: str, now: dt.datetime = NOW) -> set[str]:
    with database.write() as session:
        return polls.begin(session, sources, now=now, until=now + dt.timedelta(minutes=10))


def test_a_source_is_in_one_hand_at_a_time(database: Database) -> None:
    succeed(database)
    assert begin(database, "site", "new") == {"site", "new"}
    assert health(database).is_being_read(NOW)
    assert begin(database, "site", "other") == {"other"}
    assert begin(database) == set()


def test_a_result_ends_the_reading_and_so_does_time(database: Database) -> None:
    begin(database, "site")
    fail(database)
    assert begin(database, "site") == {"site"}
    succeed(database)
    assert begin(database, "site") == {"site"}
    late = NOW + dt.timedelta(minutes=10)
    assert not health(database).is_being_read(late)
    assert begin(database, "site", now=late) == {"site"}
    with database.write() as session:
        polls.let_go(session, "site")
    assert begin(database, "site", now=late) == {"site"}


def test_being_taken_in_hand_changes_nothing_else_of_a_source(database: Database) -> None:
    begin(database, "site")
    assert state(database) == PollState()
    assert due(database, "site", now=NOW) == ["site"]
    found = health(database)
    assert (found.polled_at, found.succeeded_at, found.failures, found.error) == (None, None, 0, "")
