"""The sender: every reader ends in one state that says what happened, and nobody is mailed twice."""

from __future__ import annotations

import datetime as dt
import threading
import time
from pathlib import Path

import pytest

from digest.audience import addresses
from digest.audience.tokens import address_hash
from digest.delivery import finish, sender, steer
from digest.errors import Busy, Refused, SendHalted, TryLater, Uncertain
from digest.model import DeliveryState, IssueStatus, UncertainPolicy
from digest.protocols import silent
from digest.providers.outbox import OutboxProvider
from digest.store import consents, deliveries, issues, sends, subscribers, suppressions
from digest.store.engine import Database, Session
from digest.store.sends import SendStatus
from tests.delivery.sundays import (
    Handed,
    Post,
    a_house,
    going_on,
    later,
    lines,
    names,
    put_frozen,
    send_of,
    states,
)

ALICE, DAVE = "alice@example.net", "dave@example.net"
HOLD, RESEND, REPLAY = UncertainPolicy.HOLD, UncertainPolicy.RESEND, UncertainPolicy.REPLAY


def test_everybody_is_mailed_once_and_the_issue_is_sent(database: Database, tmp_path: Path) -> None:
    post = Post()
    house = a_house(database, tmp_path, post)
    issue = put_frozen(house, names(1203))
    told: list[tuple[str, int, int]] = []
    drained = sender.drain(house, progress=lambda *step: told.append(step))
    assert drained.handed_over == 1203
    assert set(post.accepted.values()) == {1}
    assert len(post.accepted) == 1203
    assert states(house, issue) == {"accepted": 1203}
    assert told[0] == ("deliver", 0, 1203)
    assert told[-1] == ("deliver", 1203, 1203)
    assert finish.finish(house, now=house.clock()) == [issue.id]
    with database.read() as session:
        assert issues.by_id(session, issue.id).status is IssueStatus.SENT
    assert list(house.flight.glob("*.map")) == []


def test_a_second_drain_sends_nothing_more(database: Database, tmp_path: Path) -> None:
    post = Post()
    house = a_house(database, tmp_path, post)
    put_frozen(house, names(30))
    sender.drain(house)
    assert sender.drain(house).handed_over == 0
    assert post.asked.total() == 30


def test_a_deferred_reader_waits_longer_each_time_and_is_accepted_in_the_end(
    database: Database, tmp_path: Path
) -> None:
    greylisted = TryLater("450 4.2.0 greylisted")
    post = Post({ALICE: [greylisted, greylisted]})
    house = a_house(database, tmp_path, post)
    issue = put_frozen(house, [ALICE, DAVE])
    sender.drain(house)
    assert lines(house, issue)[ALICE] == ("queued", 1, "450 4.2.0 greylisted")
    later(house, seconds=59)
    sender.drain(house)
    assert post.asked[ALICE] == 1
    later(house, seconds=2)
    sender.drain(house)
    assert post.asked[ALICE] == 2
    later(house, seconds=290)
    sender.drain(house)
    assert post.asked[ALICE] == 2
    later(house, seconds=15)
    sender.drain(house)
    assert lines(house, issue)[ALICE] == ("accepted", 3, "250")
    assert post.accepted == {ALICE: 1, DAVE: 1}


def test_what_the_provider_asks_to_wait_is_waited(sqlite: Database, tmp_path: Path) -> None:
    post = Post({ALICE: [TryLater("429 slow down", wait_s=600)]})
    house = a_house(sqlite, tmp_path, post)
    put_frozen(house, [ALICE])
    sender.drain(house)
    later(house, seconds=599)
    sender.drain(house)
    assert post.asked[ALICE] == 1
    later(house, seconds=2)
    sender.drain(house)
    assert post.accepted[ALICE] == 1


def test_after_two_days_a_deferred_reader_has_failed_with_the_reply(
    sqlite: Database, tmp_path: Path
) -> None:
    post = Post({ALICE: [TryLater("450 4.2.0 greylisted")] * 3})
    house = a_house(sqlite, tmp_path, post)
    issue = put_frozen(house, [ALICE])
    sender.drain(house)
    later(house, hours=24)
    sender.drain(house)
    later(house, hours=24)
    sender.drain(house)
    state, attempts, reply = lines(house, issue)[ALICE]
    assert (state, attempts) == ("failed", 3)
    assert reply == "given up after 3 attempts: 450 4.2.0 greylisted"


def test_a_refused_reader_has_failed_and_the_others_go_on(
    database: Database, tmp_path: Path
) -> None:
    post = Post({ALICE: [Refused("550 5.1.1 no such user")]})
    house = a_house(database, tmp_path, post)
    issue = put_frozen(house, [ALICE, DAVE])
    sender.drain(house)
    assert lines(house, issue) == {
        ALICE: ("failed", 1, "550 5.1.1 no such user"),
        DAVE: ("accepted", 1, "250"),
    }


def test_a_lost_answer_is_held_as_uncertain_and_never_sent_again(
    database: Database, tmp_path: Path
) -> None:
    post = Post({ALICE: [Handed(Uncertain("lost after the dot"))]})
    house = a_house(database, tmp_path, post, policy=HOLD)
    issue = put_frozen(house, [ALICE, DAVE])
    sender.drain(house)
    later(house, hours=5)
    sender.drain(house)
    assert post.asked[ALICE] == 1
    state, _, reply = lines(house, issue)[ALICE]
    assert state == "uncertain"
    assert "lost after the dot" in reply
    assert finish.finish(house, now=house.clock()) == [issue.id]


def test_resend_sends_one_more_copy_under_the_same_key_and_never_a_third(
    database: Database, tmp_path: Path
) -> None:
    lost = Handed(Uncertain("lost after the dot"))
    post = Post({ALICE: [lost, lost, lost], DAVE: [lost]})
    house = a_house(database, tmp_path, post, policy=RESEND)
    issue = put_frozen(house, [ALICE, DAVE])
    for _ in range(4):
        sender.drain(house)
        later(house, hours=3)
    assert post.asked == {ALICE: 2, DAVE: 2}
    assert [len(keys) for keys in post.keys.values()] == [1, 1]
    assert states(house, issue) == {"uncertain": 1, "accepted": 1}


def test_a_second_copy_that_is_refused_does_not_say_that_the_first_one_failed(
    sqlite: Database, tmp_path: Path
) -> None:
    lost = Handed(Uncertain("lost"))
    post = Post({ALICE: [lost, TryLater("450 later"), Refused("550 5.1.1 no such user")]})
    house = a_house(sqlite, tmp_path, post, policy=RESEND)
    issue = put_frozen(house, [ALICE])
    for _ in range(4):
        sender.drain(house)
        later(house, hours=3)
    state, attempts, reply = lines(house, issue)[ALICE]
    assert (state, attempts) == ("uncertain", 3)
    assert "550 5.1.1 no such user" in reply


def test_replay_is_only_for_providers_that_know_the_key(sqlite: Database, tmp_path: Path) -> None:
    post = Post({ALICE: [Handed(Uncertain("lost"))]})
    house = a_house(sqlite, tmp_path, post, policy=REPLAY)
    issue = put_frozen(house, [ALICE])
    sender.drain(house)
    later(house, hours=3)
    sender.drain(house)
    assert post.asked[ALICE] == 1
    assert states(house, issue) == {"uncertain": 1}


def test_a_provider_that_knows_the_key_is_replayed_until_it_answers(
    sqlite: Database, tmp_path: Path
) -> None:
    lost = Handed(Uncertain("lost"))
    post = Post({ALICE: [lost, lost, lost]}, replays=True)
    house = a_house(sqlite, tmp_path, post, policy=HOLD)
    issue = put_frozen(house, [ALICE])
    for _ in range(5):
        sender.drain(house)
        later(house, hours=3)
    assert post.accepted[ALICE] == 1
    assert states(house, issue) == {"accepted": 1}


def test_a_halted_send_is_paused_and_blames_nobody(database: Database, tmp_path: Path) -> None:
    post = Post({DAVE: [SendHalted("552 quota")]}, channels=1)
    house = a_house(database, tmp_path, post)
    issue = put_frozen(house, [ALICE, DAVE, *names(5)])
    sender.drain(house, until_empty=True)
    send = send_of(house, issue)
    assert (send.status, send.reason) == (SendStatus.PAUSED, "552 quota")
    sent = post.accepted.total()
    assert states(house, issue) == {"accepted": sent, "waiting": 7 - sent}
    assert finish.finish(house, now=house.clock()) == []
    sender.drain(house)
    assert post.asked.total() == sent + 1
    with database.write() as session:
        assert sends.resume(session, send.id, now=house.clock())
    sender.drain(house)
    assert states(house, issue) == {"accepted": 7}
    assert set(post.accepted.values()) == {1}


def test_a_wrong_password_is_tried_once_and_not_once_a_channel(
    sqlite: Database, tmp_path: Path
) -> None:
    post = Post(doors=[SendHalted("535 5.7.8 wrong")] * 20, channels=10)
    house = a_house(sqlite, tmp_path, post)
    issue = put_frozen(house, names(30))
    sender.drain(house)
    assert post.opened == 1
    assert states(house, issue) == {"waiting": 30}


def test_a_provider_that_cannot_be_reached_blames_nobody_and_is_asked_again(
    sqlite: Database, tmp_path: Path
) -> None:
    away = TryLater("no connection", counts=False)
    post = Post(doors=[away] * 8, channels=3)
    house = a_house(sqlite, tmp_path, post)
    object.__setattr__(house, "retry_base_s", 0.001)
    issue = put_frozen(house, names(9))
    sender.drain(house)
    assert post.opened == 8
    assert states(house, issue) == {"waiting": 9}
    later(house, minutes=2)
    sender.drain(house)
    assert states(house, issue) == {"accepted": 9}
    assert lines(house, issue)[names(1)[0]][1] == 1


def test_one_reader_who_breaks_every_connection_is_deferred_and_holds_nobody_up(
    sqlite: Database, tmp_path: Path
) -> None:
    broken = TryLater("421 closing", counts=False)
    post = Post({ALICE: [broken] * 50}, channels=1)
    house = a_house(sqlite, tmp_path, post)
    object.__setattr__(house, "retry_base_s", 0.001)
    issue = put_frozen(house, [ALICE, DAVE])
    sender.drain(house)
    assert post.accepted == {DAVE: 1}
    assert lines(house, issue)[ALICE] == ("queued", 1, "421 closing")


def test_a_message_that_always_raises_is_put_aside_after_three_times(
    sqlite: Database, tmp_path: Path
) -> None:
    post = Post({ALICE: [ZeroDivisionError("odd")] * 9})
    house = a_house(sqlite, tmp_path, post)
    issue = put_frozen(house, [ALICE, DAVE])
    for _ in range(5):
        sender.drain(house)
        later(house, hours=3)
    assert lines(house, issue)[ALICE] == ("failed", 3, "quarantined: ZeroDivisionError('odd')")
    assert post.asked == {ALICE: 3, DAVE: 1}


def test_an_odd_error_after_the_hand_over_is_a_doubt(sqlite: Database, tmp_path: Path) -> None:
    post = Post({ALICE: [Handed(ZeroDivisionError("odd"))]})
    house = a_house(sqlite, tmp_path, post)
    issue = put_frozen(house, [ALICE])
    sender.drain(house)
    assert states(house, issue) == {"uncertain": 1}


def test_a_refusal_by_policy_is_the_readers_where_others_are_welcome(
    sqlite: Database, tmp_path: Path
) -> None:
    post = Post({ALICE: [Refused("554 5.7.1 closed list", policy=True)]}, channels=1)
    house = a_house(sqlite, tmp_path, post)
    issue = put_frozen(house, [ALICE, DAVE])
    sender.drain(house)
    assert lines(house, issue)[ALICE] == ("failed", 1, "554 5.7.1 closed list")
    assert states(house, issue) == {"accepted": 1, "failed": 1}


@pytest.mark.parametrize("readers", [1, 40])
def test_refusals_by_policy_of_everybody_pause_the_send_and_nobody_fails(
    sqlite: Database, tmp_path: Path, readers: int
) -> None:
    refusal = Refused("554 5.7.1 relay access denied", policy=True)
    post = Post({name: [refusal] * 9 for name in names(readers)})
    house = a_house(sqlite, tmp_path, post)
    issue = put_frozen(house, names(readers))
    sender.drain(house)
    assert send_of(house, issue).reason == "554 5.7.1 relay access denied"
    assert states(house, issue) == {"waiting": readers}
    assert post.asked.total() < 10


def test_who_leaves_or_complains_after_the_freeze_is_skipped(
    database: Database, tmp_path: Path
) -> None:
    post = Post()
    house = a_house(database, tmp_path, post)
    issue = put_frozen(house, [ALICE, DAVE, *names(3)])
    later(house, seconds=1)
    with database.write() as session:
        alice = subscribers.by_address(session, ALICE)
        assert alice is not None
        subscribers.leave(session, alice.id, "sunday", now=house.clock(), method="one-click")
        hashed = address_hash(house.key, addresses.parse(DAVE).key)
        suppressions.add(session, hashed, reason="complaint", now=house.clock())
    sender.drain(house)
    skipped = ("skipped", 0, "left or was suppressed since")
    assert lines(house, issue)[ALICE] == skipped
    assert lines(house, issue)[DAVE] == skipped
    assert set(post.accepted) == set(names(3))
    assert finish.finish(house, now=house.clock()) == [issue.id]


def test_leaving_in_the_middle_of_a_send_is_heard_within_a_block(
    sqlite: Database, tmp_path: Path
) -> None:
    post = Post(pause_s=0.01)
    house = a_house(sqlite, tmp_path, post)
    issue = put_frozen(house, names(300))
    last = list(lines(house, issue))[-1]

    def leave() -> None:
        with sqlite.write() as session:
            found = subscribers.by_address(session, last)
            assert found is not None
            subscribers.leave(session, found.id, "sunday", now=house.clock(), method="page")

    leaving = threading.Thread(target=leave)  # beside the sender, whose own tick may be writing

    def last_one_leaves(recipient: str) -> None:
        post.at = lambda _: None
        leaving.start()

    post.at = last_one_leaves
    post.waits = lambda _: leaving.is_alive()
    sender.drain(house)
    leaving.join()
    assert post.accepted[last] == 0
    assert states(house, issue) == {"accepted": 299, "skipped": 1}


def test_a_stop_finishes_what_is_on_the_wire_and_leaves_the_rest(
    database: Database, tmp_path: Path
) -> None:
    post = Post(pause_s=0.01)
    house = a_house(database, tmp_path, post)
    issue = put_frozen(house, names(200))
    sender.drain(house, stop=lambda: post.accepted.total() >= 20, until_empty=True)
    sent = post.accepted.total()
    assert 20 <= sent < 30
    assert states(house, issue) == {"accepted": sent, "waiting": 200 - sent}
    sender.drain(house)
    assert states(house, issue) == {"accepted": 200}
    assert set(post.accepted.values()) == {1}


def test_until_empty_stays_for_the_deferred(sqlite: Database, tmp_path: Path) -> None:
    post = Post({ALICE: [TryLater("450 later")] * 3})
    house = a_house(sqlite, tmp_path, post)
    issue = put_frozen(house, [ALICE, DAVE])
    object.__setattr__(house, "retry_base_s", 0.001)
    object.__setattr__(house, "clock", going_on(house.clock(), time.time()))
    sender.drain(house, until_empty=True)
    assert states(house, issue) == {"accepted": 2}


def test_until_empty_does_not_wait_for_a_clock_that_stands_still(
    sqlite: Database, tmp_path: Path
) -> None:
    post = Post({ALICE: [TryLater("450 later")]})
    house = a_house(sqlite, tmp_path, post)
    issue = put_frozen(house, [ALICE])
    sender.drain(house, until_empty=True)
    assert states(house, issue) == {"queued": 1}


def test_an_edition_that_is_no_more_the_frozen_one_pauses_the_send(
    sqlite: Database, tmp_path: Path
) -> None:
    post = Post()
    house = a_house(sqlite, tmp_path, post)
    issue = put_frozen(house, [ALICE])
    with sqlite.write() as session:
        session.connection().exec_driver_sql("update issue set checksum = 'another'")
    sender.drain(house)
    assert "edition" in send_of(house, issue).reason
    assert post.asked.total() == 0


def test_a_newsletter_without_its_file_pauses_only_its_own_send(
    sqlite: Database, tmp_path: Path
) -> None:
    house = a_house(sqlite, tmp_path, Post())
    issue = put_frozen(house, [ALICE])
    object.__setattr__(house, "schedules", {})
    sender.drain(house)
    assert "has no schedule" in send_of(house, issue).reason


def test_an_erased_reader_ends_as_skipped_and_the_numbers_add_up(
    database: Database, tmp_path: Path
) -> None:
    post = Post()
    house = a_house(database, tmp_path, post)
    issue = put_frozen(house, [ALICE, DAVE])
    with database.write() as session:
        alice = subscribers.by_address(session, ALICE)
        assert alice is not None
        with consents.erasing(session, [alice.id]):
            session.connection().exec_driver_sql(f"delete from subscriber where id = {alice.id}")
    sender.drain(house)
    assert states(house, issue) == {"accepted": 1, "skipped": 1}
    assert lines(house, issue)["(erased)"][0] == "skipped"
    assert finish.finish(house, now=house.clock()) == [issue.id]


def test_an_import_stamped_before_the_cut_off_and_stored_after_it_changes_no_audience(
    database: Database, tmp_path: Path
) -> None:
    post = Post()
    house = a_house(database, tmp_path, post)
    issue = put_frozen(house, names(5))
    late = [(addresses.parse(ALICE), "")]
    with database.write() as session:
        before = house.clock() - dt.timedelta(minutes=5)
        subscribers.import_confirmed(session, "sunday", late, key=house.key, now=before)
    sender.drain(house)
    assert states(house, issue) == {"accepted": 5}
    assert post.accepted[ALICE] == 0
    assert finish.finish(house, now=house.clock()) == [issue.id]


def test_the_outbox_gets_one_file_a_reader(sqlite: Database, tmp_path: Path) -> None:
    house = a_house(sqlite, tmp_path, OutboxProvider(folder=tmp_path / "outbox"))
    issue = put_frozen(house, names(20))
    sender.drain(house)
    assert states(house, issue) == {"accepted": 20}
    assert len(list((tmp_path / "outbox").rglob("*.eml"))) == 20


def test_a_ledger_that_cannot_be_written_stops_the_sending_at_once(
    sqlite: Database, tmp_path: Path
) -> None:
    with sqlite.engine.begin() as connection:
        connection.exec_driver_sql(
            "create trigger full before insert on delivery when (select count(*) from delivery) > 4 "
            "begin select raise(abort, 'disk is full'); end"
        )
    post = Post(pause_s=0.02)
    house = a_house(sqlite, tmp_path, post)
    issue = put_frozen(house, names(400))
    with pytest.raises(Exception, match="disk is full"):
        sender.drain(house, until_empty=True)
    sent = post.accepted.total()
    assert sent < 100
    with sqlite.engine.begin() as connection:
        connection.exec_driver_sql("drop trigger full")
    sender.drain(house)
    assert states(house, issue) == {"accepted": 400}
    assert set(post.accepted.values()) == {1}


def test_a_send_that_was_interrupted_for_a_day_asks_before_it_goes_on(
    database: Database, tmp_path: Path
) -> None:
    post = Post()
    house = a_house(database, tmp_path, post)
    issue = put_frozen(house, names(3))
    later(house, hours=25)
    sender.drain(house)
    assert post.asked.total() == 0
    assert send_of(house, issue).reason == "it was interrupted for 25 h: is it still wanted?"
    assert steer.resume(house, issue, by="erin", now=house.clock()).startswith("it was interrupted")
    sender.drain(house)
    assert states(house, issue) == {"accepted": 3}


def test_the_next_provider_takes_over_where_one_halts_and_nobody_is_mailed_twice(
    database: Database, tmp_path: Path
) -> None:
    refused = SendHalted("535 5.7.8 authentication failed")
    first, second = Post(name="first"), Post(name="second")
    house = a_house(database, tmp_path, first)
    object.__setattr__(house, "others", (second,))
    issue = put_frozen(house, names(40))
    first.answers = {names(40)[20]: [refused]}
    sender.drain(house)
    assert states(house, issue) == {"accepted": 40}
    assert second.accepted.total() > 0
    assert set((first.accepted + second.accepted).values()) == {1}
    assert send_of(house, issue).status is SendStatus.OPEN


def test_the_first_provider_is_asked_again_after_a_while(sqlite: Database, tmp_path: Path) -> None:
    away = TryLater("no connection", counts=False)
    first, second = Post(name="first", doors=[away] * 8), Post(name="second")
    house = a_house(sqlite, tmp_path, first)
    object.__setattr__(house, "others", (second,))
    object.__setattr__(house, "retry_base_s", 0.001)
    put_frozen(house, names(5))
    sender.drain(house)
    assert (first.accepted.total(), second.accepted.total()) == (0, 5)
    later(house, hours=1)
    assert [one.name for one in sender._Drain(house, silent, False, lambda: False)._able()] == [
        "first",
        "second",
    ]


def test_all_providers_halted_pause_the_send_and_blame_nobody(
    sqlite: Database, tmp_path: Path
) -> None:
    first = Post(name="first", doors=[SendHalted("535 no")])
    second = Post(name="second", doors=[SendHalted("401 no such key")])
    house = a_house(sqlite, tmp_path, first)
    object.__setattr__(house, "others", (second,))
    issue = put_frozen(house, names(5))
    sender.drain(house)
    send = send_of(house, issue)
    assert (send.status, send.reason) == (SendStatus.PAUSED, "401 no such key")
    assert states(house, issue) == {"waiting": 5}


def test_a_fallback_that_halts_does_not_stop_a_send_whose_first_provider_only_rests(
    database: Database, tmp_path: Path
) -> None:
    away = TryLater("it restarts", counts=False)
    first = Post(name="first", doors=[away] * 8)
    second = Post(name="second", doors=[SendHalted("535 wrong password")] * 9)
    house = a_house(database, tmp_path, first)
    object.__setattr__(house, "others", (second,))
    object.__setattr__(house, "retry_base_s", 0.001)
    issue = put_frozen(house, names(3))
    sender.drain(house)
    send = send_of(house, issue)
    assert (send.status, send.reason) == (SendStatus.PAUSED, "535 wrong password")
    assert send.resume_at is not None
    later(house, minutes=1)
    sender.drain(house)
    assert states(house, issue) == {"accepted": 3}
    assert (first.accepted.total(), second.opened) == (3, 1)


def test_a_provider_that_halted_a_while_ago_counts_as_halted(
    sqlite: Database, tmp_path: Path
) -> None:
    """The second takes over for a part and then halts as well: nobody goes on by itself."""
    first = Post(name="first", doors=[SendHalted("535 no")])
    second = Post({names(9)[4]: [SendHalted("552 quota")]}, name="second", channels=1)
    house = a_house(sqlite, tmp_path, first)
    object.__setattr__(house, "others", (second,))
    issue = put_frozen(house, names(9))
    sender.drain(house)
    send = send_of(house, issue)
    assert (send.status, send.reason, send.resume_at) == (SendStatus.PAUSED, "552 quota", None)
    steer.resume(house, issue, by="erin", now=house.clock())
    sender.drain(house)
    assert states(house, issue) == {"accepted": 9}
    assert first.accepted.total() > 0


def test_a_provider_that_rests_is_waited_for_without_counting_the_ledger(
    sqlite: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    away = TryLater("no connection", counts=False)
    house = a_house(sqlite, tmp_path, Post(doors=[away] * 8))
    object.__setattr__(house, "retry_base_s", 0.001)
    put_frozen(house, names(3))
    sender.drain(house)
    counted: list[int] = []
    real = deliveries.counts

    def counts(session: Session, send_id: int) -> dict[DeliveryState, int]:
        counted.append(send_id)
        return real(session, send_id)

    monkeypatch.setattr(deliveries, "counts", counts)
    house.rests.begin("post", house.clock() + dt.timedelta(minutes=5))
    sender.drain(house)
    sender.drain(house, until_empty=True)
    assert counted == []
    drain = sender._Drain(house, silent, True, lambda: False)
    assert drain._soonest(house.clock()) == house.clock() + dt.timedelta(minutes=5)


ODD = "no \0such \ud800 user"


def test_an_odd_reply_to_one_reader_is_written_down_and_the_others_go_on(
    database: Database, tmp_path: Path
) -> None:
    post = Post({ALICE: [Refused(f"550 5.1.1 {ODD}")], DAVE: [TryLater(f"450 4.2.0 {ODD}")]})
    house = a_house(database, tmp_path, post)
    issue = put_frozen(house, [ALICE, DAVE, *names(5)])
    sender.drain(house)
    assert lines(house, issue)[ALICE] == ("failed", 1, "550 5.1.1 no such ? user")
    assert lines(house, issue)[DAVE] == ("queued", 1, "450 4.2.0 no such ? user")
    assert post.accepted.total() == 5


def test_an_odd_reply_to_the_login_pauses_the_send_after_one_try(
    database: Database, tmp_path: Path
) -> None:
    post = Post(doors=[SendHalted(f"535 5.7.8 {ODD}")] * 9)
    house = a_house(database, tmp_path, post)
    issue = put_frozen(house, names(5))
    for _ in range(3):
        sender.drain(house)
        later(house, seconds=2)
    assert post.opened == 1
    assert send_of(house, issue).reason == "535 5.7.8 no such ? user"


def test_a_pause_that_cannot_be_written_down_storms_no_provider(
    sqlite: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def busy(*args: object, **given: object) -> bool:
        raise Busy("away for a moment")

    post = Post(doors=[SendHalted("535 5.7.8 wrong")] * 9)
    house = a_house(sqlite, tmp_path, post)
    issue = put_frozen(house, names(5))
    monkeypatch.setattr(sends, "pause", busy)
    for _ in range(5):
        sender.drain(house)
        later(house, seconds=2)
    assert post.opened == 1
    assert send_of(house, issue).status is SendStatus.OPEN
    monkeypatch.undo()
    later(house, minutes=1)
    sender.drain(house)
    assert post.opened == 2
    assert send_of(house, issue).reason == "535 5.7.8 wrong"


def test_deferrals_by_policy_pause_the_send_for_a_while(sqlite: Database, tmp_path: Path) -> None:
    slow = TryLater("450 4.7.1 too much mail from you", policy=True)
    post = Post({name: [slow] for name in names(20)}, channels=1)
    house = a_house(sqlite, tmp_path, post)
    issue = put_frozen(house, names(20))
    sender.drain(house)
    send = send_of(house, issue)
    assert (send.status, send.reason) == (SendStatus.PAUSED, "450 4.7.1 too much mail from you")
    assert send.resume_at is not None
    post.answers = {}
    later(house, minutes=6)
    sender.drain(house)
    assert states(house, issue) == {"accepted": 20}
