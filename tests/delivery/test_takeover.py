"""Senders that are gone: another one goes on, nobody gets two, and only who may have one is in doubt."""

from __future__ import annotations

import dataclasses
import shutil
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from digest.bootstrap import House
from digest.delivery import sender
from digest.delivery.flight import Mark
from digest.model import Issue
from digest.store.engine import Database
from tests import forks
from tests.delivery import sending_process
from tests.delivery.hands import chunks_of, journal_of, tick
from tests.delivery.sundays import Post, a_house, later, lines, names, put_frozen, states
from tests.forks import Forked
from tests.providers.relay import Relay, running
from tests.store.test_locks import terminate_holders

CHANNELS = 4

#: The send's hour of all tests here, by the real clock.
BEGAN = time.time()


def elsewhere(house: House) -> House:
    """The same database seen from another machine: with a folder of its own."""
    return dataclasses.replace(house, data=house.data / "another machine")


def left_by_a_kill(house: House, issue: Issue, marks: list[Mark]) -> None:
    """A sender that is killed with these marks in its map, its write-ahead one for each of them."""
    with journal_of(house, issue) as journal:
        tick(journal, wanted=len(marks))
        (claim,) = journal.claims
        for slot, mark in enumerate(marks):
            claim.flight[slot] = mark


def test_another_machine_takes_over_after_the_grace_and_holds_who_may_have_a_copy(
    postgres: Database, tmp_path: Path
) -> None:
    post = Post()
    house = a_house(postgres, tmp_path, post)
    issue = put_frozen(house, names(20))
    left_by_a_kill(house, issue, [Mark.ACCEPTED, Mark.HANDED, Mark.UNTRIED])
    other = elsewhere(house)
    sender.drain(other)
    assert post.asked.total() == 0
    later(house, seconds=6)
    sender.drain(other)
    assert states(house, issue) == {"uncertain": 3, "accepted": 17}
    assert set(post.asked.values()) == {1}
    assert post.asked.total() == 17


def test_one_that_is_alive_is_not_taken_over_however_long_it_was_silent(
    postgres: Database, tmp_path: Path
) -> None:
    post = Post()
    house = a_house(postgres, tmp_path, post)
    issue = put_frozen(house, names(20))
    with journal_of(house, issue) as journal:
        tick(journal, wanted=3)
        later(house, minutes=10)
        assert sender.drain(elsewhere(house)).busy == 1
        tick(journal)
    assert post.asked.total() == 0


def test_the_killed_one_that_comes_back_first_knows_exactly_who_has_a_copy(
    postgres: Database, tmp_path: Path
) -> None:
    post = Post()
    house = a_house(postgres, tmp_path, post)
    issue = put_frozen(house, names(20))
    left_by_a_kill(house, issue, [Mark.ACCEPTED, Mark.HANDED, Mark.UNTRIED])
    later(house, seconds=6)
    sender.drain(house)
    assert states(house, issue) == {"uncertain": 1, "accepted": 19}
    assert post.asked.total() == 18


def test_the_killed_one_that_comes_back_too_late_finds_everything_done_and_sends_nothing(
    postgres: Database, tmp_path: Path
) -> None:
    post = Post()
    house = a_house(postgres, tmp_path, post)
    issue = put_frozen(house, names(20))
    left_by_a_kill(house, issue, [Mark.ACCEPTED, Mark.HANDED, Mark.UNTRIED])
    later(house, seconds=6)
    sender.drain(elsewhere(house))
    told = post.asked.total()
    sender.drain(house, until_empty=True)
    assert post.asked.total() == told
    assert states(house, issue) == {"uncertain": 3, "accepted": 17}


@pytest.mark.parametrize("known", [True, False])
def test_a_lost_map_leaves_a_doubt_about_its_write_ahead_only(
    database: Database, tmp_path: Path, known: bool
) -> None:
    """The maps are gone; `known`: the owner's name in the folder is not."""
    post = Post()
    house = a_house(database, tmp_path, post)
    issue = put_frozen(house, names(20))
    left_by_a_kill(house, issue, [Mark.ACCEPTED, Mark.HANDED, Mark.UNTRIED])
    if known:
        for path in house.flight.glob("*.map"):
            path.unlink()
    else:
        shutil.rmtree(house.flight)
    later(house, minutes=1)
    sender.drain(house)
    assert max(post.asked.values(), default=0) <= 1
    if database.is_sqlite and not known:
        assert states(house, issue) == {
            "waiting": 20
        }  # nobody can say who holds it: left to a person
        (chunk,) = chunks_of(house, issue)
        assert chunk.state == "claimed"
    else:
        assert states(house, issue) == {"uncertain": 3, "accepted": 17}


def test_a_lost_lock_stops_the_sender_before_more_is_drawn_and_the_next_one_goes_on(
    postgres: Database, tmp_path: Path
) -> None:
    post = Post(pause_s=0.002)
    house = a_house(postgres, tmp_path, post)
    issue = put_frozen(house, names(1500))
    ended: list[int] = []

    def lock_is_lost(recipient: str) -> None:
        if post.accepted.total() == 60 and not ended:
            ended.append(terminate_holders(postgres))
            # so that it is heard long before the end, on a slow machine as well
            post.pause_s = 0.05

    post.at = lock_is_lost
    with pytest.raises(Exception, match=r"lost|busy or away"):
        sender.drain(house)
    assert ended[0] >= 1
    assert 60 <= post.accepted.total() < 1500
    post.pause_s = 0.0
    sender.drain(house)
    assert states(house, issue) == {"accepted": 1500}
    assert set(post.accepted.values()) == {1}


# ---------------------------------------------------------------- two machines, one killed for good


@pytest.fixture
def relay() -> Iterator[Relay]:
    with running() as found:
        yield found


def start(folder: Path, house: House, relay: Relay) -> Forked:
    given = (str(folder), house.database.url, str(relay.port), "hold", str(CHANNELS), str(BEGAN))
    folder.mkdir(exist_ok=True)
    return forks.start(sending_process.main, *given, said=folder / "said")


@pytest.mark.slow
def test_a_machine_that_dies_in_a_send_is_taken_over_and_nobody_gets_two(
    postgres: Database, tmp_path: Path, relay: Relay
) -> None:
    house = a_house(postgres, tmp_path, Post())
    issue = put_frozen(house, names(1600))
    first = start(house.data, house, relay)

    def kill(recipient: str) -> None:
        if len(relay.mails) == 150:
            first.kill()

    relay.on_mail = kill
    assert first.wait() == -signal.SIGKILL
    ahead = sum(one.ahead for one in chunks_of(house, issue) if one.state == "claimed")
    known = states(house, issue).get("accepted", 0)
    assert ahead >= 150
    other = elsewhere(house)
    give_up = time.monotonic() + 240
    while states(house, issue).get("waiting", 0) and time.monotonic() < give_up:
        assert start(other.data, house, relay).wait() in (0, 3)
    found = states(house, issue)
    assert found["accepted"] + found["uncertain"] == 1600
    assert found["uncertain"] <= ahead - known
    assert max(relay.copies.values()) == 1
    ledger = lines(house, issue)
    assert all(relay.copies[who] for who, (state, _, _) in ledger.items() if state == "accepted")


@pytest.mark.slow
def test_two_machines_at_once_send_nobody_two(
    postgres: Database, tmp_path: Path, relay: Relay
) -> None:
    house = a_house(postgres, tmp_path, Post())
    issue = put_frozen(house, names(1600))
    both = [start(one.data, house, relay) for one in (house, elsewhere(house))]
    assert {process.wait() for process in both} <= {0, 3}  # 3 where the other one was not done yet
    assert start(house.data, house, relay).wait() == 0
    assert set(relay.copies.values()) == {1}
    assert states(house, issue) == {"accepted": 1600}
