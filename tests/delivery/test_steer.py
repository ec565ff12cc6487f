"""A person's hand on a send: paused at once, resumed where it was, ended for good, the rest sent again."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from digest.delivery import finish, sender, steer
from digest.errors import Conflict, Refused, SendHalted, TryLater, Uncertain
from digest.model import IssueStatus
from digest.store import events, issues
from digest.store.engine import Database
from digest.store.sends import SendStatus
from tests.delivery.sundays import (
    Handed,
    Post,
    a_house,
    later,
    lines,
    names,
    put_frozen,
    send_of,
    states,
)

ALICE, DAVE = "alice@example.net", "dave@example.net"


def test_a_pause_stops_a_running_send_and_a_resume_goes_on_where_it_was(
    database: Database, tmp_path: Path
) -> None:
    def pause_once(recipient: str) -> None:
        if post.accepted.total() == 20:
            post.at = lambda _: None
            threading.Thread(target=pause).start()

    def pause() -> None:
        steer.pause(house, issue, by="erin", why="a typo", now=house.clock())

    post = Post(at=pause_once, pause_s=0.02)
    house = a_house(database, tmp_path, post)
    issue = put_frozen(house, names(1500))
    sender.drain(house)
    sent = post.accepted.total()
    assert 20 <= sent < 1500
    assert send_of(house, issue).reason == "paused by erin: a typo"
    assert states(house, issue) == {"accepted": sent, "waiting": 1500 - sent}
    assert sender.drain(house).handed_over == 0
    post.pause_s = 0.0
    assert steer.resume(house, issue, by="erin", now=house.clock()) == "paused by erin: a typo"
    sender.drain(house)
    assert states(house, issue) == {"accepted": 1500}
    assert set(post.accepted.values()) == {1}
    with database.read() as session:
        told = [one.action for one in events.recent(session, limit=9)]
    assert told[:2] == ["resumed the send", "paused the send"]


def test_what_is_not_on_its_way_is_neither_paused_nor_resumed(
    sqlite: Database, tmp_path: Path
) -> None:
    house = a_house(sqlite, tmp_path, Post())
    issue = put_frozen(house, [ALICE])
    with pytest.raises(Conflict, match="on its way"):
        steer.resume(house, issue, by="erin", now=house.clock())
    sender.drain(house)
    finish.finish(house, now=house.clock())
    with pytest.raises(Conflict, match="over"):
        steer.pause(house, issue, by="erin", why="", now=house.clock())
    with pytest.raises(Conflict, match="over"):
        steer.cancel(house, issue, by="erin", now=house.clock())


def test_a_cancelled_send_ends_with_everybody_in_one_state(
    database: Database, tmp_path: Path
) -> None:
    post = Post(channels=1)
    house = a_house(database, tmp_path, post)
    issue = put_frozen(house, names(603))
    deferred, lost = list(lines(house, issue))[:2]
    post.answers = {deferred: [TryLater("450 later")], lost: [Handed(Uncertain("lost"))]}
    sender.drain(house, stop=lambda: post.asked.total() >= 4)
    before = post.accepted.total()
    skipped = steer.cancel(house, issue, by="erin", now=house.clock())
    assert skipped == 603 - before - 1
    assert states(house, issue) == {"accepted": before, "skipped": skipped, "uncertain": 1}
    assert lines(house, issue)[deferred] == ("skipped", 1, "cancelled by erin")
    assert send_of(house, issue).status is SendStatus.DONE
    with database.read() as session:
        assert issues.by_id(session, issue.id).status is IssueStatus.SENT
    later(house, hours=1)
    assert sender.drain(house).handed_over == 0
    assert list(house.flight.glob("*.map")) == []


def test_a_send_that_was_stopped_can_be_cancelled(sqlite: Database, tmp_path: Path) -> None:
    refused = SendHalted("535 5.7.8 authentication failed")
    post = Post(doors=[refused])
    house = a_house(sqlite, tmp_path, post)
    issue = put_frozen(house, names(3))
    sender.drain(house)
    assert send_of(house, issue).status is SendStatus.PAUSED
    assert steer.cancel(house, issue, by="erin", now=house.clock()) == 3
    assert states(house, issue) == {"skipped": 3}


def test_the_failed_are_sent_again_and_nobody_else(database: Database, tmp_path: Path) -> None:
    post = Post(
        {ALICE: [Refused("550 5.1.1 no such user")], DAVE: [Handed(Uncertain("lost"))]}, channels=1
    )
    house = a_house(database, tmp_path, post)
    issue = put_frozen(house, [ALICE, DAVE, *names(700)])
    sender.drain(house)
    assert finish.finish(house, now=house.clock()) == [issue.id]
    later(house, hours=72)
    assert steer.resend(house, issue, by="erin", uncertain=False, now=house.clock()) == (1, 0)
    sender.drain(house)
    assert lines(house, issue)[ALICE] == ("accepted", 2, "250")
    assert post.asked[DAVE] == 1
    assert finish.finish(house, now=house.clock()) == [issue.id]
    with pytest.raises(Conflict, match="undelivered"):
        steer.resend(house, issue, by="erin", uncertain=False, now=house.clock())


def test_those_in_doubt_are_sent_again_only_where_a_person_says_so(
    sqlite: Database, tmp_path: Path
) -> None:
    post = Post({DAVE: [Handed(Uncertain("lost")), Refused("550 5.1.1 no such user")]})
    house = a_house(sqlite, tmp_path, post)
    issue = put_frozen(house, [DAVE])
    sender.drain(house)
    assert steer.resend(house, issue, by="erin", uncertain=True, now=house.clock()) == (0, 1)
    sender.drain(house)
    state, attempts, reply = lines(house, issue)[DAVE]
    assert (state, attempts) == ("uncertain", 2)  # the first copy may have arrived all the same
    assert "550 5.1.1" in reply
    assert len(post.keys[DAVE]) == 1
