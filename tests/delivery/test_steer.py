"""A person's hand on a send: paused at once, resumed where it was, ended for good, the rest sent again."""

from __future__ import annotations

import dataclasses
import datetime as dt
import fcntl
import threading
from pathlib import Path

import pytest

from digest.bootstrap import House
from digest.delivery import finish, ledger, refusals, sender, steer
from digest.delivery.rests import Rests
from digest.errors import Conflict, NotFound, Refused, SendHalted, TryLater, Uncertain
from digest.limits import read_limits
from digest.model import DeliveryState, Issue, IssueStatus
from digest.store import chunks, deliveries, events, issues, rests, sends
from digest.store.engine import Database, Session
from digest.store.rests import Rest
from digest.store.sends import Pause, SendStatus
from tests.delivery.hands import chunks_of, journal_of, tick
from tests.delivery.sundays import (
    Handed,
    Post,
    a_house,
    later,
    lines,
    names,
    put_approved,
    put_frozen,
    send_of,
    states,
)
from tests.delivery.test_paced_send import paced

ALICE, DAVE = "alice@example.net", "dave@example.net"


def test_a_pause_stops_a_running_send_and_a_resume_goes_on_where_it_was(
    database: Database, tmp_path: Path
) -> None:
    def pause_once(recipient: str) -> None:
        if post.accepted.total() == 20:
            post.at = lambda _: None
            beside.start()

    def pause() -> None:
        steer.pause(house, issue, by="erin", why="a typo", now=house.clock())

    beside = threading.Thread(target=pause)
    post = Post(at=pause_once, waits=lambda _: beside.is_alive(), pause_s=0.02)
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
    assert steer.resend(house, issue, by="erin", uncertain=False, now=house.clock())[:2] == (1, 0)
    sender.drain(house)
    assert lines(house, issue)[ALICE] == ("accepted", 2, "250")
    assert post.asked[DAVE] == 1
    assert finish.finish(house, now=house.clock()) == [issue.id]
    with pytest.raises(Conflict, match="nobody of 2026-11-29 failed"):
        steer.resend(house, issue, by="erin", uncertain=False, now=house.clock())


def test_those_in_doubt_are_sent_again_only_where_a_person_says_so(
    sqlite: Database, tmp_path: Path
) -> None:
    post = Post({DAVE: [Handed(Uncertain("lost")), Refused("550 5.1.1 no such user")]})
    house = a_house(sqlite, tmp_path, post)
    issue = put_frozen(house, [DAVE])
    sender.drain(house)
    assert steer.resend(house, issue, by="erin", uncertain=True, now=house.clock())[:2] == (0, 1)
    sender.drain(house)
    state, attempts, reply = lines(house, issue)[DAVE]
    assert (state, attempts) == ("uncertain", 2)  # the first copy may have arrived all the same
    assert "550 5.1.1" in reply
    assert len(post.keys[DAVE]) == 1


def test_a_send_that_is_on_its_way_is_not_sent_again_before_its_end(
    database: Database, tmp_path: Path
) -> None:
    """Its sender counts the failed as told, and would put their chunk down as done."""
    post = Post({ALICE: [Refused("550 5.1.1 no such user")]}, channels=1)
    house = a_house(database, tmp_path, post)
    issue = put_frozen(house, [ALICE, *names(300)])
    said: list[str] = []

    def resend_once(recipient: str) -> None:
        if post.accepted.total() == 250:
            beside.start()

    def resend() -> None:
        with pytest.raises(Conflict) as caught:
            steer.resend(house, issue, by="erin", uncertain=False, now=house.clock())
        said.append(str(caught.value))

    beside = threading.Thread(target=resend)
    post.at, post.waits = resend_once, lambda _: beside.is_alive()
    sender.drain(house)
    assert said == [f"the send of {issue.period} is on its way: wait for its end, or pause it"]
    assert finish.finish(house, now=house.clock()) == [issue.id]
    assert steer.resend(house, issue, by="erin", uncertain=False, now=house.clock())[:2] == (1, 0)


def test_a_paused_send_stays_paused_when_the_failed_are_put_in_line_again(
    database: Database, tmp_path: Path
) -> None:
    house = a_house(database, tmp_path, post := Post(channels=1))
    issue = put_frozen(house, names(41))
    post.answers = {next(iter(lines(house, issue))): [Refused("550 5.1.1 no such user")]}
    with database.write() as session:
        sends.prove(session, send_of(house, issue).id)
    sender.drain(house, stop=lambda: post.accepted.total() >= 20)
    steer.pause(house, issue, by="erin", why="a wrong headline", now=house.clock())
    found = steer.resend(house, issue, by="otto", uncertain=False, now=house.clock())
    assert found == steer.Resent(failed=1, uncertain=0, paused=True)
    sender.drain(house)
    assert send_of(house, issue).reason == "paused by erin: a wrong headline"
    assert post.accepted.total() < 40
    steer.resume(house, issue, by="erin", now=house.clock())
    sender.drain(house)
    assert states(house, issue) == {"accepted": 41}


def test_readers_in_line_in_a_chunk_that_was_done_are_found_before_the_end(
    database: Database, tmp_path: Path
) -> None:
    """However that came about: nobody is lost by it."""
    house = a_house(database, tmp_path, post := Post())
    issue = put_frozen(house, names(4))
    sender.drain(house)
    with database.write() as session:
        accepted = DeliveryState.ACCEPTED
        deliveries.requeue(
            session, send_of(house, issue).id, accepted, note=None, now=house.clock()
        )
    assert finish.finish(house, now=house.clock()) == []
    sender.drain(house)
    assert finish.finish(house, now=house.clock()) == [issue.id]
    assert set(post.accepted.values()) == {2}


def test_who_puts_the_failed_in_line_at_the_moment_of_the_end_loses_nobody(
    postgres: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    post = Post({ALICE: [Refused("550 5.1.1 no such user")]}, channels=1)
    house = a_house(postgres, tmp_path, post)
    issue = put_frozen(house, [ALICE, *names(9)])
    sender.drain(house)
    real = deliveries.counts

    def resend() -> None:
        steer.resend(house, issue, by="erin", uncertain=False, now=house.clock())

    beside = threading.Thread(target=resend)

    def counts(session: Session, send_id: int) -> dict[DeliveryState, int]:
        found = real(session, send_id)
        monkeypatch.setattr(deliveries, "counts", real)
        beside.start()
        beside.join(0.5)  # it waits for this transaction, or has slipped in between
        return found

    monkeypatch.setattr(deliveries, "counts", counts)
    assert finish.finish(house, now=house.clock()) == [issue.id]
    beside.join()
    later(house, hours=1)
    sender.drain(house)
    assert finish.finish(house, now=house.clock()) == [issue.id]
    assert states(house, issue) == {"accepted": 10}


def resting(database: Database, folder: Path) -> tuple[House, Issue, Post]:
    """A send that will go on by itself tomorrow: five of nine have left."""
    post = Post(channels=1)
    house = paced(a_house(database, folder, post), limits=read_limits("5/d"))
    issue = put_frozen(house, names(9))
    sender.drain(house)
    assert states(house, issue) == {"accepted": 5, "waiting": 4}
    return house, issue, post


def test_a_pause_holds_a_send_that_would_go_on_by_itself(
    database: Database, tmp_path: Path
) -> None:
    house, issue, post = resting(database, tmp_path)
    steer.pause(house, issue, by="erin", why="a wrong headline", now=house.clock())
    later(house, hours=25)
    sender.drain(house)
    assert (send_of(house, issue).reason, post.accepted.total()) == (
        "paused by erin: a wrong headline",
        5,
    )


def test_a_cancel_that_must_be_said_again_holds_the_send_until_then(
    sqlite: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    house, issue, post = resting(sqlite, tmp_path)
    monkeypatch.setattr(steer, "PATIENCE_S", 0.1)
    with (house.flight / f"{send_of(house, issue).id}-0.map").open("wb") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        with pytest.raises(Conflict, match="say it again"):
            steer.cancel(house, issue, by="erin", now=house.clock())
    later(house, hours=25)
    sender.drain(house)
    assert (send_of(house, issue).reason, post.accepted.total()) == ("cancelled by erin", 5)
    assert steer.cancel(house, issue, by="erin", now=house.clock()) == 4


def test_a_chunk_that_its_sender_put_down_meanwhile_leaves_nobody_in_doubt(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    house = a_house(database, tmp_path, Post())
    issue = put_frozen(house, names(20))
    with journal_of(house, issue) as journal:
        tick(journal, wanted=8)
        stale = chunks_of(house, issue)
        journal.put_down()
    real = chunks.left
    seen = iter([stale])
    monkeypatch.setattr(chunks, "left", lambda *asked: next(seen, None) or real(*asked))
    assert steer.cancel(house, issue, by="erin", now=house.clock()) == 20
    assert states(house, issue) == {"skipped": 20}


def test_who_is_suppressed_is_left_out_and_keeps_the_word_of_the_server(
    database: Database, tmp_path: Path
) -> None:
    answers = {ALICE: [Refused("550 5.1.1 no such user")], DAVE: [Refused("550 5.0.0 not now")]}
    house = a_house(database, tmp_path, Post(answers))  # type: ignore[arg-type]
    issue = put_frozen(house, [ALICE, DAVE, *names(60)])
    sender.drain(house)
    finish.finish(house, now=house.clock())
    refusals.judge_all(house.database, key=house.key, now=house.clock())
    found = steer.resend(house, issue, by="erin", uncertain=False, now=house.clock())
    assert found == steer.Resent(failed=1, uncertain=0, paused=False, suppressed=1)
    later(house, minutes=1)
    sender.drain(house)
    told = lines(house, issue)
    assert told[ALICE] == ("failed", 1, "550 5.1.1 no such user")
    assert told[DAVE] == ("accepted", 2, "250")
    finish.finish(house, now=house.clock())
    with pytest.raises(
        Conflict, match=r"nobody of 2026-11-29 failed: .*1 of them are suppressed and left out"
    ):
        steer.resend(house, issue, by="erin", uncertain=True, now=house.clock())


def test_who_cancelled_it_and_what_became_of_whom_stays_known(
    database: Database, tmp_path: Path
) -> None:
    house = a_house(database, tmp_path, Post(doors=[SendHalted("535 no")]))
    issue = put_frozen(house, names(3))
    sender.drain(house)
    steer.cancel(house, issue, by="erin", now=house.clock())
    assert send_of(house, issue).cancelled_by == "erin"
    told = ledger.how_it_was_cancelled(database, issue.id)
    assert told == "cancelled by erin: 3 skipped"
    with pytest.raises(Conflict, match="over: it was cancelled by erin"):
        steer.pause(house, issue, by="dora", why="", now=house.clock())
    with pytest.raises(Conflict, match="there are 3 skipped; it was cancelled by erin"):
        steer.resend(house, issue, by="erin", uncertain=False, now=house.clock())


def test_what_was_never_sent_is_said_to_have_no_send(sqlite: Database, tmp_path: Path) -> None:
    house = a_house(sqlite, tmp_path, Post())
    issue = put_approved(house)
    now = house.clock()
    for act in (
        lambda: steer.pause(house, issue, by="erin", why="", now=now),
        lambda: steer.resume(house, issue, by="erin", now=now),
        lambda: steer.cancel(house, issue, by="erin", now=now),
        lambda: steer.resend(house, issue, by="erin", uncertain=True, now=now),
    ):
        with pytest.raises(NotFound, match="2026-11-29 has no send: it is approved"):
            act()


def test_a_persons_word_goes_over_a_pause_of_the_programs(sqlite: Database, tmp_path: Path) -> None:
    house = a_house(sqlite, tmp_path, Post(doors=[SendHalted("535 no")]))
    issue = put_frozen(house, [ALICE])
    sender.drain(house)
    steer.pause(house, issue, by="erin", why="wrong headline", now=house.clock())
    send = send_of(house, issue)
    assert (send.reason, send.paused_by) == ("paused by erin: wrong headline", "erin")
    with pytest.raises(Conflict, match="wrong headline"):
        steer.pause(house, issue, by="dora", why="", now=house.clock())


AWAY = TryLater("no connection to mail.example:587: refused", counts=False)


def test_who_has_providers_asked_again_is_heard_by_a_sender_elsewhere_that_remembers_a_rest(
    database: Database, tmp_path: Path
) -> None:
    post = Post(name="smtp", doors=[AWAY] * 8)
    worker = dataclasses.replace(a_house(database, tmp_path, post), retry_base_s=0.001)
    put_frozen(worker, names(3))
    sender.drain(worker)
    worker = dataclasses.replace(worker, rests=Rests())
    worker.rests.begin("smtp", worker.clock() + dt.timedelta(hours=1))
    sender.drain(worker)
    assert post.accepted.total() == 0
    later(worker, seconds=5)
    desk = dataclasses.replace(worker, rests=Rests())
    steer.ask_again(desk, by="erin", now=worker.clock())
    sender.drain(worker)
    assert post.accepted.total() == 3


def test_asking_again_ends_a_pause_of_the_programs_own_and_no_other(
    sqlite: Database, tmp_path: Path
) -> None:
    house = a_house(sqlite, tmp_path, Post(name="smtp"))
    issue, now = put_frozen(house, [ALICE]), house.clock()
    until = now + dt.timedelta(hours=1)
    rest = Rest(provider="smtp", until=until, why="no connection")
    for by, resumes_at in (("", now), ("erin", until)):
        why = Pause(reason="stands", until=until, by=by, provider="smtp", at=now)
        with sqlite.write() as session:
            rests.begin(session, rest)
            sends.resume(session, send_of(house, issue).id, now=now)
            sends.pause(session, send_of(house, issue).id, why)
        assert steer.ask_again(house, by="erin", now=now) == 1
        assert send_of(house, issue).resume_at == resumes_at
    with sqlite.read() as session:
        assert rests.now_resting(session, now=now) == []
        assert events.recent(session, limit=1)[0].data == {"rested": "smtp"}
    assert steer.ask_again(house, by="erin", now=now) == 0
