"""The feed of a send: each message answered once, what an answer means, and what a stop leaves behind."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from digest.bootstrap import House
from digest.delivery.claims import Claim
from digest.delivery.feed import BREAKS, SendFeed
from digest.delivery.flight import Mark
from digest.delivery.trial import FIRST, MOST, SUSPECTS, Trial
from digest.delivery.verdicts import Job, Terms
from digest.errors import Refused, SendHalted, TryLater, Uncertain
from digest.model import DeliveryState, Issue, Message
from digest.store.chunks import ChunkState
from digest.store.engine import Database
from tests.delivery.hands import (
    REPLAY,
    Hearing,
    chunks_of,
    feed_of,
    journal_of,
    leave,
    rows_of,
    terms_of,
)
from tests.delivery.sundays import Post, a_house, later, lines, names, put_frozen, states

Act = Callable[[SendFeed], Awaitable[None]]


def run(
    house: House,
    issue: Issue,
    act: Act,
    *,
    terms: Terms | None = None,
    trial: Trial[tuple[Claim, Job]] | None = None,
    hearing: Hearing | None = None,
    in_flight: int = 4,
) -> SendFeed:
    """One channel that does `act`, from the feed's first reader to its last word."""
    hearing = hearing or Hearing()

    async def all_of_it() -> SendFeed:
        with journal_of(house, issue, terms) as journal:
            feed = feed_of(house, issue, journal, hearing, trial=trial, in_flight=in_flight)
            ticking = asyncio.create_task(feed.keep())
            await act(feed)
            feed.lines_ended()
            async with asyncio.timeout(30):
                await ticking
            return feed

    return asyncio.run(all_of_it())


def each(answer: Callable[[SendFeed, Message], None]) -> Act:
    """A channel that draws one message after another until there are none, and says `answer`."""

    async def act(feed: SendFeed) -> None:
        while await feed.more():
            message = feed.next()
            if message is not None:
                answer(feed, message)

    return act


def accept(feed: SendFeed, message: Message) -> None:
    feed.handed(message)
    feed.accepted(message)


async def drawn(feed: SendFeed, count: int) -> list[Message]:
    """So many messages, as soon as there are."""
    found: list[Message] = []
    while len(found) < count:
        assert await feed.more()
        message = feed.next()
        if message is not None:
            found.append(message)
    return found


async def taken(feed: SendFeed, most: int) -> list[Message]:
    while await feed.more():
        found = feed.take(most)
        if found:
            return found
    return []


def test_every_reader_is_drawn_once_and_every_result_is_told(
    database: Database, tmp_path: Path
) -> None:
    house, hearing = a_house(database, tmp_path, Post()), Hearing()
    issue = put_frozen(house, names(1203))
    seen: list[str] = []

    def answer(feed: SendFeed, message: Message) -> None:
        seen.append(message.recipient)
        accept(feed, message)

    feed = run(house, issue, each(answer), hearing=hearing)
    assert sorted(seen) == sorted(names(1203))
    assert hearing.written == feed.progress == 1203
    assert states(house, issue) == {"accepted": 1203}
    assert list(house.flight.glob("*.map")) == []


def test_an_answer_a_second_time_is_a_fault_of_the_channel(
    sqlite: Database, tmp_path: Path
) -> None:
    house = a_house(sqlite, tmp_path, Post())
    issue = put_frozen(house, names(1))

    def twice(feed: SendFeed, message: Message) -> None:
        accept(feed, message)
        for say in (feed.accepted, feed.give_back, feed.handed):
            with pytest.raises(KeyError):
                say(message)

    run(house, issue, each(twice))
    assert states(house, issue) == {"accepted": 1}


def test_what_is_given_back_is_drawn_again_and_is_no_attempt(
    sqlite: Database, tmp_path: Path
) -> None:
    house = a_house(sqlite, tmp_path, Post())
    issue = put_frozen(house, names(3))
    back: list[str] = []

    def once_back(feed: SendFeed, message: Message) -> None:
        if message.recipient not in back:
            feed.handed(message)
            back.append(message.recipient)
            feed.give_back(message)
        else:
            accept(feed, message)

    run(house, issue, each(once_back))
    assert sorted(back) == sorted(names(3))
    assert {row.attempts for row in rows_of(house, issue)} == {1}


def test_who_breaks_its_channel_so_often_is_put_off_and_the_others_go_on(
    sqlite: Database, tmp_path: Path
) -> None:
    house = a_house(sqlite, tmp_path, Post())
    issue = put_frozen(house, names(3))
    bad, broke = names(3)[1], []

    def answer(feed: SendFeed, message: Message) -> None:
        if message.recipient == bad:
            broke.append(message.key)
            feed.give_back(message, "the connection was reset")
        else:
            accept(feed, message)

    run(house, issue, each(answer))
    assert len(broke) == BREAKS
    assert lines(house, issue)[bad] == ("queued", 1, "the connection was reset")
    assert states(house, issue) == {"accepted": 2, "queued": 1}


def test_a_halt_fails_nobody_and_what_is_drawn_has_its_word(
    database: Database, tmp_path: Path
) -> None:
    house = a_house(database, tmp_path, Post())
    issue = put_frozen(house, names(20))

    async def act(feed: SendFeed) -> None:
        first, second, third = await drawn(feed, 3)
        feed.handed(second)
        feed.answered(first, SendHalted("535 wrong password"))
        assert feed.next() is None
        assert not await feed.more()
        feed.accepted(second)
        feed.give_back(third)

    feed = run(house, issue, act)
    assert feed.halted == "535 wrong password"
    assert states(house, issue) == {"accepted": 1, "waiting": 19}
    assert [one.state for one in chunks_of(house, issue)] == [ChunkState.OPEN]


def test_deferrals_by_policy_in_a_row_let_the_send_rest_with_nobody_blamed_for_the_last(
    sqlite: Database, tmp_path: Path
) -> None:
    house = a_house(sqlite, tmp_path, Post())
    issue = put_frozen(house, names(20))
    slow = TryLater("421 4.7.0 slow down", policy=True)
    feed = run(house, issue, each(lambda feed, message: feed.answered(message, slow)))
    assert (feed.resting, feed.halted, feed.by_policy) == ("421 4.7.0 slow down", "", True)
    assert states(house, issue) == {"queued": SUSPECTS - 1, "waiting": 21 - SUSPECTS}


@pytest.mark.parametrize("policy", [True, False])
def test_too_many_refusals_stop_the_send_and_nobody_has_failed(
    database: Database, tmp_path: Path, policy: bool
) -> None:
    house = a_house(database, tmp_path, Post())
    issue = put_frozen(house, names(60))
    no = Refused("554 5.7.1 no" if policy else "550 5.1.1 no", policy=policy)

    async def act(feed: SendFeed) -> None:
        found = await drawn(feed, MOST + 5)
        for message in found[: SUSPECTS if policy else MOST + 1]:
            feed.handed(message)
            feed.answered(message, no)
        for message in found[SUSPECTS if policy else MOST + 1 :]:
            accept(feed, message)

    trial: Trial[tuple[Claim, Job]] = Trial(proven=False, answered=FIRST - MOST - 4)
    feed = run(house, issue, act, trial=trial, in_flight=MOST + 5)
    assert bool(feed.halted) is policy
    assert bool(feed.stopped) is not policy
    assert states(house, issue).get("failed", 0) == 0
    assert sum(states(house, issue).values()) == 60


def test_few_plain_refusals_are_believed_when_the_audience_ends(
    database: Database, tmp_path: Path
) -> None:
    house = a_house(database, tmp_path, Post())
    issue = put_frozen(house, names(6))
    bad = names(6)[2]

    def answer(feed: SendFeed, message: Message) -> None:
        if message.recipient == bad:
            feed.answered(message, Refused("550 5.1.1 no such user"))
        else:
            accept(feed, message)

    run(house, issue, each(answer), trial=Trial(proven=False))
    assert lines(house, issue)[bad] == ("failed", 1, "550 5.1.1 no such user")
    assert states(house, issue) == {"accepted": 5, "failed": 1}


def test_a_stop_leaves_the_chunks_open_and_everything_written(
    database: Database, tmp_path: Path
) -> None:
    house, hearing = a_house(database, tmp_path, Post()), Hearing()
    issue = put_frozen(house, names(700))

    def answer(feed: SendFeed, message: Message) -> None:
        accept(feed, message)
        hearing.stopping = feed.progress == 30

    run(house, issue, each(answer), hearing=hearing)
    assert states(house, issue) == {"accepted": 30, "waiting": 670}
    assert {(one.state, one.owner) for one in chunks_of(house, issue)} == {(ChunkState.OPEN, "")}
    assert list(house.flight.glob("*.map")) == []
    assert run(house, issue, each(accept)).progress == 670


def test_a_channel_that_ends_without_a_word_leaves_a_doubt_only_about_what_it_handed_over(
    database: Database, tmp_path: Path
) -> None:
    house = a_house(database, tmp_path, Post())
    issue = put_frozen(house, names(4))
    handed: list[str] = []

    async def act(feed: SendFeed) -> None:
        one, _ = await drawn(feed, 2)
        feed.handed(one)
        handed.append(one.recipient)
        feed.halt("the channel is gone")

    run(house, issue, act)
    assert lines(house, issue)[handed[0]][0] == "uncertain"
    assert states(house, issue) == {"uncertain": 1, "waiting": 3}


def test_who_leaves_while_ready_is_not_mailed_once_the_look_is_stale(
    sqlite: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    house = a_house(sqlite, tmp_path, Post())
    issue = put_frozen(house, names(8))
    seen: list[str] = []

    async def act(feed: SendFeed) -> None:
        (first,) = await drawn(feed, 1)
        seen.append(first.recipient)
        accept(feed, first)
        leave(house, list(lines(house, issue))[-1])
        feed._stale_s = -1.0
        assert feed.next() is None
        while await feed.more():
            message = feed.next()
            if message is not None:
                seen.append(message.recipient)
                accept(feed, message)

    run(house, issue, act, in_flight=8)
    assert len(seen) == len(set(seen)) == 7
    assert states(house, issue) == {"accepted": 7, "skipped": 1}


def test_an_odd_error_is_a_doubt_only_after_the_hand_over(sqlite: Database, tmp_path: Path) -> None:
    house = a_house(sqlite, tmp_path, Post())
    issue = put_frozen(house, names(2))
    handed = names(2)[0]

    def answer(feed: SendFeed, message: Message) -> None:
        if message.recipient == handed:
            feed.handed(message)
        feed.answered(message, ValueError("odd"))

    run(house, issue, each(answer))
    assert lines(house, issue)[handed][0] == "uncertain"
    assert states(house, issue) == {"uncertain": 1, "queued": 1}


# ---------------------------------------------------------------- requests of many


def lose(house: House, issue: Issue, counts: list[int], *, terms: Terms) -> list[list[str]]:
    """Hand over so many at a time and hear nothing; who was in each request, by key, in order."""
    requests: list[list[str]] = []

    async def act(feed: SendFeed) -> None:
        for count in counts:
            found = await taken(feed, count)
            feed.handed(*found)
            requests.append([one.key for one in found])
            for message in found:
                feed.answered(message, Uncertain("no answer"))
        feed.halt("enough")

    run(house, issue, act, terms=terms, in_flight=sum(counts))
    return requests


def again(house: House, issue: Issue, *, terms: Terms) -> list[list[str]]:
    """What is taken next, all of it accepted."""
    requests: list[list[str]] = []

    async def act(feed: SendFeed) -> None:
        while found := await taken(feed, 50):
            feed.handed(*found)
            requests.append([one.key for one in found])
            for message in found:
                feed.accepted(message)

    run(house, issue, act, terms=terms, in_flight=50)
    return requests


def test_a_request_without_an_answer_is_made_again_as_it_was(
    database: Database, tmp_path: Path
) -> None:
    house = a_house(database, tmp_path, Post())
    issue = put_frozen(house, names(12))
    terms = terms_of(house, REPLAY)
    lost = lose(house, issue, [3, 1, 4], terms=terms)
    later(house, minutes=2)
    made = again(house, issue, terms=terms)
    assert sorted(lost) == sorted(one for one in made if one in lost)
    assert sum(len(one) for one in made) == 12
    assert states(house, issue) == {"accepted": 12}


def test_a_request_is_never_of_two_chunks(database: Database, tmp_path: Path) -> None:
    house = a_house(database, tmp_path, Post())
    issue = put_frozen(house, names(530))
    terms = terms_of(house, REPLAY)
    lost = lose(house, issue, [490, 30, 30], terms=terms)
    assert [len(one) for one in lost] == [490, 10, 30]
    later(house, minutes=2)
    assert sorted(again(house, issue, terms=terms)) == sorted(lost)


def test_a_request_given_back_is_taken_again_in_the_same_order(
    sqlite: Database, tmp_path: Path
) -> None:
    house = a_house(sqlite, tmp_path, Post())
    issue = put_frozen(house, names(5))
    found: list[list[str]] = []

    async def act(feed: SendFeed) -> None:
        for _ in range(2):
            messages = await taken(feed, 5)
            found.append([one.key for one in messages])
            for message in messages:
                feed.give_back(message)
        feed.halt("enough")

    run(house, issue, act, in_flight=5)
    assert len(found[0]) == 5
    assert found[0] == found[1]


def test_a_request_that_lost_a_reader_is_held_and_so_is_one_whose_time_is_over(
    sqlite: Database, tmp_path: Path
) -> None:
    house = a_house(sqlite, tmp_path, Post())
    issue = put_frozen(house, names(5))
    terms = terms_of(house, REPLAY, replay_s=3600)
    first, second = lose(house, issue, [2, 2], terms=terms)
    assert len(first) == len(second) == 2
    leave(house, next(iter(lines(house, issue))))
    later(house, minutes=2)
    assert second in again(house, issue, terms=terms)
    assert states(house, issue) == {"accepted": 3, "uncertain": 2}


@pytest.mark.parametrize(("hours", "provider"), [(2, "post"), (0, "another")])
def test_nobody_is_replayed_too_late_or_by_another_provider(
    sqlite: Database, tmp_path: Path, hours: int, provider: str
) -> None:
    house = a_house(sqlite, tmp_path, Post())
    issue = put_frozen(house, names(3))
    lose(house, issue, [1, 2], terms=terms_of(house, REPLAY, replay_s=3600))
    later(house, hours=hours, minutes=2)
    assert again(house, issue, terms=terms_of(house, REPLAY, provider=provider)) == []
    told = [(row.state, row.attempts) for row in rows_of(house, issue)]
    assert told == [(DeliveryState.UNCERTAIN, 1)] * 3


def test_a_mark_stands_before_the_hand_over_is_made(sqlite: Database, tmp_path: Path) -> None:
    house = a_house(sqlite, tmp_path, Post())
    issue = put_frozen(house, names(3))

    async def act(feed: SendFeed) -> None:
        found = await taken(feed, 3)
        (claim,) = feed.journal.claims
        assert list(claim.flight) == [Mark.UNTRIED] * 3
        feed.handed(*found[:2])
        assert list(claim.flight) == [Mark.HANDED, Mark.HANDED, Mark.UNTRIED]
        assert claim.flight.label(0) == claim.flight.label(1) != ""
        for message in found:
            feed.accepted(message)

    run(house, issue, act)
    assert states(house, issue) == {"accepted": 3}
