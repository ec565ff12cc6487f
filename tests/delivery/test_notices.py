"""Notices: before any send, once each, and what opens a door is forgotten when it is through."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from digest.bootstrap import House
from digest.delivery import sender
from digest.delivery.notices import _alone
from digest.errors import Refused, SendHalted, TryLater, Uncertain
from digest.store import notices, rests
from digest.store.engine import Database
from digest.store.tables import NoticeRow
from tests.delivery.sundays import Handed, Post, a_house, later, names, put_frozen, states

BOB, ERIN = "bob@reader.example", "erin@gazette.example"
CONFIRM = {"confirm_url": "http://127.0.0.1:8000/confirm/s3cr3t"}


def queue(
    house: House, address: str = BOB, kind: str = "confirm", data: Mapping[str, Any] = CONFIRM
) -> None:
    with house.database.write() as session:
        assert notices.queue(
            session,
            kind=kind,
            newsletter="sunday",
            address=address,
            dedupe=f"{kind}:{address}:{house.clock()}",
            data=data,
            now=house.clock(),
        )


def row(house: House, address: str = BOB) -> tuple[str, int, Mapping[str, Any]]:
    with house.database.read() as session:
        found = session.scalars(select(NoticeRow).filter_by(address=address)).one()
        return found.state, found.attempts, found.data


def test_a_notice_goes_before_the_readers_and_its_secret_is_forgotten(
    database: Database, tmp_path: Path
) -> None:
    order: list[str] = []
    post = Post(at=order.append)
    house = a_house(database, tmp_path, post)
    put_frozen(house, names(20))
    queue(house)
    assert sender.drain(house).notices == 1
    assert order[0] == BOB
    assert row(house) == ("accepted", 1, {})
    sender.drain(house)
    assert post.accepted[BOB] == 1


def test_a_notice_that_comes_during_a_send_does_not_wait_for_its_end(
    sqlite: Database, tmp_path: Path
) -> None:
    """The readers' mail is held until the notice is through: so it did not wait for them."""
    order: list[str] = []
    asking = threading.Thread(
        target=lambda: queue(house)
    )  # beside the sender, whose tick may be writing

    def bob_asks(recipient: str) -> None:
        if not order:
            asking.start()
        order.append(recipient)

    post = Post(at=bob_asks)
    post.waits = lambda recipient: bool(order) and BOB not in order and recipient != BOB
    house = a_house(sqlite, tmp_path, post)
    put_frozen(house, names(100))
    sender.drain(house)
    asking.join()
    assert order.index(BOB) < 20
    assert post.accepted.total() == 101


def test_a_deferred_notice_is_tried_again_and_fails_after_a_day(
    database: Database, tmp_path: Path
) -> None:
    post = Post({BOB: [TryLater("450 later")] * 2, ERIN: [TryLater("450 later")] * 99})
    house = a_house(database, tmp_path, post)
    queue(house)
    queue(house, ERIN)
    sender.drain(house)
    assert row(house) == ("queued", 1, CONFIRM)
    later(house, seconds=30)
    assert sender.drain(house).notices == 0
    assert post.asked[BOB] == 1
    for _ in range(2):
        later(house, hours=6)
        sender.drain(house)
    assert row(house)[:2] == ("accepted", 3)
    later(house, hours=13)
    sender.drain(house)
    assert row(house, ERIN) == ("failed", 4, {})


@pytest.mark.parametrize(
    ("answer", "state"),
    [
        (Refused("550 5.1.1 no such user"), "failed"),
        (Handed(Uncertain("lost after the dot")), "uncertain"),
    ],
)
def test_a_refused_or_doubtful_notice_is_final_and_the_next_one_goes(
    sqlite: Database, tmp_path: Path, answer: Exception, state: str
) -> None:
    post = Post({BOB: [answer]})
    house = a_house(sqlite, tmp_path, post)
    queue(house)
    queue(house, ERIN)
    sender.drain(house)
    later(house, hours=3)
    sender.drain(house)
    assert row(house) == (state, 1, {})
    assert post.asked == {BOB: 1, ERIN: 1}


def test_a_notice_that_cannot_be_made_fails_and_the_next_one_goes(
    sqlite: Database, tmp_path: Path
) -> None:
    post = Post()
    house = a_house(sqlite, tmp_path, post)
    queue(house, kind="no-such-kind")
    queue(house, ERIN)
    sender.drain(house)
    assert row(house)[0] == "failed"
    assert post.accepted == {ERIN: 1}


@pytest.mark.parametrize(
    "fault", [SendHalted("535 wrong password"), TryLater("no connection", counts=False)]
)
def test_where_nothing_can_be_sent_notices_rest_and_lose_nothing(
    sqlite: Database, tmp_path: Path, fault: Exception
) -> None:
    post = Post(doors=[fault] * 8)
    house = a_house(sqlite, tmp_path, post)
    object.__setattr__(house, "retry_base_s", 0.001)
    for raw in names(5):
        queue(house, raw)
    sender.drain(house)
    tried = post.opened
    assert tried <= 8
    assert sender.drain(house).notices == 0
    assert post.opened == tried
    post.doors.clear()
    later(house, seconds=90)
    assert sender.drain(house).notices == 5
    assert row(house, names(1)[0])[:2] == ("accepted", 1)


def test_what_a_crash_left_claimed_is_sent_after_the_restart(
    database: Database, tmp_path: Path
) -> None:
    post = Post()
    house = a_house(database, tmp_path, post)
    queue(house)
    sender.drain(house)  # makes the folder's name
    queue(house, ERIN)
    owner = (house.flight / "owner").read_text()
    with database.write() as session:
        assert len(notices.claim(session, owner=owner, now=house.clock())) == 1
        assert notices.claim(session, owner="another", now=house.clock()) == []
    assert sender.drain(house).notices == 1
    assert post.accepted == {BOB: 1, ERIN: 1}


def test_what_another_machine_has_claimed_is_left_to_it(database: Database, tmp_path: Path) -> None:
    post = Post()
    house = a_house(database, tmp_path, post)
    queue(house)
    with database.write() as session:
        notices.claim(session, owner="another machine", now=house.clock())
    assert sender.drain(house, until_empty=True).notices == 0
    assert post.asked.total() == 0


def test_what_a_dead_machine_has_claimed_is_sent_by_another_one(
    database: Database, tmp_path: Path
) -> None:
    post = Post()
    house = a_house(database, tmp_path, post)
    queue(house)
    with database.write() as session:
        notices.claim(session, owner="a machine that is gone", now=house.clock())
    later(house, minutes=11)
    assert sender.drain(house).notices == 1
    assert post.accepted == {BOB: 1}


@pytest.mark.parametrize(
    "fault", [SendHalted("535 wrong password"), TryLater("no connection", counts=False)]
)
def test_the_next_provider_takes_notices_over_and_the_first_is_not_stormed(
    database: Database, tmp_path: Path, fault: Exception
) -> None:
    first, second = Post(name="first", doors=[fault] * 99), Post(name="second")
    house = a_house(database, tmp_path, first)
    object.__setattr__(house, "others", (second,))
    object.__setattr__(house, "retry_base_s", 0.01)
    for raw in names(3):
        queue(house, raw)
    assert sender.drain(house).notices == 3
    tried = first.opened
    with database.read() as session:
        (rest,) = rests.now_resting(session, now=house.clock())
    assert (rest.provider, rest.instead) == ("first", "second")
    queue(house)
    assert sender.drain(house).notices == 1
    assert second.accepted.total() == 4
    assert first.opened == tried
    first.doors.clear()
    later(house, minutes=6)
    queue(house, ERIN)
    sender.drain(house)
    assert first.accepted == {ERIN: 1}


def test_where_every_provider_halts_notices_wait_and_the_first_is_asked_again_later(
    sqlite: Database, tmp_path: Path
) -> None:
    halted = SendHalted("535 wrong password")
    first, second = (Post(name=name, doors=[halted]) for name in ("first", "second"))
    house = a_house(sqlite, tmp_path, first)
    object.__setattr__(house, "others", (second,))
    queue(house)
    assert sender.drain(house).notices == 0
    assert sender.drain(house).notices == 0
    assert (first.opened, second.opened) == (1, 1)
    later(house, minutes=2)
    assert sender.drain(house).notices == 1
    assert second.accepted == {BOB: 1}


def test_two_processes_of_one_folder_do_not_send_notices_side_by_side(
    sqlite: Database, tmp_path: Path
) -> None:
    post = Post()
    house = a_house(sqlite, tmp_path, post)
    issue = put_frozen(house, names(2))
    queue(house)
    with _alone(house.flight) as alone:
        assert alone
        assert sender.drain(house).notices == 0
    assert states(house, issue) == {"accepted": 2}
    assert sender.drain(house).notices == 1
