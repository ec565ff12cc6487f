"""The end of a send: all final and the states sum to the audience, or it is not the end."""

from __future__ import annotations

from pathlib import Path

from digest.delivery import finish, ledger, sender
from digest.errors import TryLater
from digest.model import IssueStatus
from digest.store import events, issues
from digest.store.engine import Database
from digest.store.sends import SendStatus
from tests.delivery.sundays import (
    Post,
    a_house,
    later,
    names,
    put_approved,
    put_frozen,
    send_of,
    states,
)


def test_a_send_with_a_deferred_reader_is_not_done(database: Database, tmp_path: Path) -> None:
    house = a_house(database, tmp_path, Post({names(1)[0]: [TryLater("450 later")]}))
    issue = put_frozen(house, names(3))
    sender.drain(house)
    assert finish.finish(house, now=house.clock()) == []
    later(house, hours=1)
    sender.drain(house)
    assert finish.finish(house, now=house.clock()) == [issue.id]
    assert finish.finish(house, now=house.clock()) == []
    with database.read() as session:
        assert issues.by_id(session, issue.id).status is IssueStatus.SENT
        (event,) = events.recent(session, limit=1)
    assert event.data["accepted"] == 3
    assert send_of(house, issue).status is SendStatus.DONE


def test_a_send_that_does_not_add_up_stays_open(database: Database, tmp_path: Path) -> None:
    house = a_house(database, tmp_path, Post())
    issue = put_frozen(house, names(3))
    sender.drain(house)
    with database.write() as session:
        session.connection().exec_driver_sql("update send set audience = 4")
    assert finish.finish(house, now=house.clock()) == []
    with database.read() as session:
        assert issues.by_id(session, issue.id).status is IssueStatus.SENDING
    with database.write() as session:
        session.connection().exec_driver_sql("update send set audience = 3")
        session.connection().exec_driver_sql("update delivery set state = 'queued'")
    assert finish.finish(house, now=house.clock()) == []


def test_the_counts_of_an_issue_that_was_not_sent_are_all_zero(
    sqlite: Database, tmp_path: Path
) -> None:
    house = a_house(sqlite, tmp_path, Post())
    issue = put_approved(house)
    with sqlite.read() as session:
        assert set(ledger.counts(session, issue.id).values()) == {0}
    assert states(house, issue) == {}
