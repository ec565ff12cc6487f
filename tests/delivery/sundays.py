"""A Sunday at its send's hour: readers, an approved issue, and providers that answer as they are told."""

from __future__ import annotations

import asyncio
import dataclasses
import datetime as dt
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from digest import render
from digest.audience import addresses
from digest.bootstrap import House
from digest.delivery import freeze, ledger
from digest.errors import DeliveryError, TryLater
from digest.model import Coverage, Issue, IssueContent, Message, Rendered, UncertainPolicy
from digest.protocols import Clock, Feed, Provider
from digest.store import issues, sends, subscribers
from digest.store.engine import Database
from digest.store.sends import Send
from tests.houses import MONDAY, SUNDAY, SetClock, make_house

PERIOD = SUNDAY.isoformat()


def a_house(
    database: Database,
    folder: Path,
    provider: Provider,
    *,
    policy: UncertainPolicy = UncertainPolicy.HOLD,
) -> House:
    """A house that sends by `provider`, its clock at the send's hour."""
    house = make_house(database, folder)
    schedule = house.schedule("sunday")
    deliver = schedule.deliver.model_copy(update={"uncertain": policy})
    schedule = schedule.model_copy(update={"deliver": deliver})
    clock = SetClock(schedule.calendar.moments(SUNDAY).send_at)
    return dataclasses.replace(
        house,
        provider=provider,
        clock=clock,
        schedules={"sunday": schedule},
        retry_base_s=60.0,
    )


def going_on(moment: dt.datetime, since: float) -> Clock:
    """A clock that showed `moment` at `since` (seconds of `time.time`) and goes on, in whatever process it hangs.

    The real one shows another week on most days, in which a send of ours would long be over.
    """
    return lambda: moment + dt.timedelta(seconds=time.time() - since)


def later(house: House, **span: float) -> None:
    clock = house.clock
    assert isinstance(clock, SetClock)
    clock.now += dt.timedelta(**span)


def names(count: int) -> list[str]:
    return [f"reader{number}@example.net" for number in range(count)]


def put_readers(house: House, raw: Iterable[str]) -> None:
    rows = [(addresses.parse(one), "") for one in raw]
    with house.database.write() as session:
        subscribers.import_confirmed(session, "sunday", rows, key=house.key, now=MONDAY)


def put_approved(house: House, *, subject: str = "The quay is approved") -> Issue:
    """The week's issue, drafted and approved."""
    moments = house.schedule("sunday").calendar.moments(SUNDAY)
    content = IssueContent(
        newsletter="sunday",
        period=moments.period,
        number=1,
        window=moments.window,
        subject=subject,
        preheader="And the ferry",
        coverage=Coverage(0, 0, 0, 0, 0, 0),
    )
    slot = render.SLOTS["leave_url"]
    rendered = Rendered(
        subject=subject,
        preheader="And the ferry",
        html=f'<html lang="en"><body><h1>{subject}</h1><a href="{slot}">Leave</a></body></html>',
        text=f"{subject}\n\nLeave: {slot}\n",
        checksum=f"{sum(subject.encode()):064x}",
    )
    with house.database.write() as session:
        issues.open_issue(session, "sunday", moments, now=moments.draft_at)
        issue = issues.get(session, "sunday", PERIOD)
        assert issue is not None
        issues.save_draft(session, issue.id, content, rendered, now=moments.draft_at)
        now = moments.deadline_at
        issues.approve(session, issue.id, rendered.checksum, by="erin@gazette.example", now=now)
        return issues.by_id(session, issue.id)


def put_frozen(house: House, raw: Iterable[str]) -> Issue:
    """Readers, and an issue that is on its way to them."""
    put_readers(house, raw)
    issue = put_approved(house)
    freeze.freeze(house, issue, now=house.clock())
    return issue


def send_of(house: House, issue: Issue) -> Send:
    with house.database.read() as session:
        return sends.of_issue(session, issue.id)


def states(house: House, issue: Issue) -> dict[str, int]:
    """How many readers stand where, zeros left out."""
    with house.database.read() as session:
        return {state: n for state, n in ledger.counts(session, issue.id).items() if n}


def lines(house: House, issue: Issue) -> dict[str, tuple[str, int, str]]:
    """State, attempts and reply of every reader, by address."""
    with house.database.read() as session:
        found = list(ledger.lines(session, issue.id))
    return {one.address: (one.state, one.attempts, one.reply) for one in found}


Answer = DeliveryError | Exception | None

#: The longest that `Post.waits` holds a message, in seconds: where what is waited for never comes, the test says so.
PATIENCE_S = 240.0


@dataclass
class Post:
    """A provider of the tests: answers as told, keeps what it accepted, counts what it was asked.

    answers: by recipient, one after another; after the last one everything is accepted.
    doors: what opening a channel raises, one after another, None for no fault.
    waits: asked again and again before a message is handed over: while it is true, it is not, so that
    whoever acts beside a send has acted before it goes on, however slow the machine is.
    """

    answers: Mapping[str, list[Answer]] = field(default_factory=dict)
    doors: list[Exception | None] = field(default_factory=list)
    channels: int = 4
    in_flight: int = 1
    replays: bool = False
    replay_s: float = 24 * 3600.0
    name: str = "post"
    accepted: Counter[str] = field(default_factory=Counter)
    asked: Counter[str] = field(default_factory=Counter)
    keys: dict[str, set[str]] = field(default_factory=dict)
    opened: int = 0
    at: Callable[[str], None] = lambda recipient: None
    waits: Callable[[str], bool] = lambda recipient: False
    pause_s: float = 0.0

    @asynccontextmanager
    async def open(self) -> AsyncIterator[Post]:
        self.opened += 1
        if self.doors and (fault := self.doors.pop(0)) is not None:
            raise fault
        yield self

    async def run(self, feed: Feed) -> None:
        while await feed.more():
            message = feed.next()
            if message is not None:
                await self._send(feed, message)

    async def _send(self, feed: Feed, message: Message) -> None:
        recipient = message.recipient
        await self._held(recipient)
        self.asked[recipient] += 1
        self.keys.setdefault(recipient, set()).add(message.key)
        answers = self.answers.get(recipient, [])
        answer = answers.pop(0) if answers else None
        if answer is None or isinstance(answer, Handed):
            feed.handed(message)
        await asyncio.sleep(self.pause_s)
        self.at(recipient)
        if isinstance(answer, Handed):
            feed.answered(message, answer.error)
        elif isinstance(answer, Broken):
            feed.give_back(message, answer.reason)
            raise TryLater(answer.reason, counts=False)
        elif answer is not None:
            feed.answered(message, answer)
        else:
            self.accepted[recipient] += 1
            feed.accepted(message)

    async def _held(self, recipient: str) -> None:
        loop = asyncio.get_running_loop()
        end = loop.time() + PATIENCE_S
        while self.waits(recipient) and loop.time() < end:
            await asyncio.sleep(0.005)


class Handed(Exception):
    """An answer that comes after the message was handed over."""

    def __init__(self, error: Exception) -> None:
        self.error = error
        super().__init__(str(error))


class Broken(Exception):
    """The channel breaks under the message, which was surely not accepted."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)
