"""Notices on their way: by the same providers, before any send; at most a crash sends one twice."""

from __future__ import annotations

import datetime as dt
import fcntl
import os
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from digest import logs, render
from digest.delivery import proofs, verdicts
from digest.delivery.compile import compile_notice, envelope_of
from digest.delivery.house import DeliveryHouse
from digest.delivery.lines import PATIENCE, Door, keep_line
from digest.delivery.owner import owner_of
from digest.delivery.share import Share
from digest.errors import Refused, SendHalted, TryLater, Uncertain
from digest.model import DeliveryState, Message
from digest.protocols import Provider
from digest.store import notices, rests
from digest.store.engine import Session
from digest.store.locks import ChunkLocks, Slots
from digest.store.notices import Notice
from digest.store.rests import Rest

log = logs.get(__name__)

#: A notice is news for a day.
GIVE_UP = dt.timedelta(hours=24)


def any_due(session: Session, *, owner: str, now: dt.datetime) -> bool:
    """True where a notice is due, or one was left by a crash."""
    return notices.any_due(session, owner=owner, now=now)


async def send_due(house: DeliveryHouse, *, stop: Callable[[], bool]) -> int:
    """Send every notice that is due; says how many were settled. Another process at it: none.

    Where a provider can do nothing the next one goes on, as with a send.
    """
    with _alone(house.flight) as alone:
        if not alone:
            return 0
        settled, now = 0, house.clock()
        until, base = now, dt.timedelta(seconds=house.retry_base_s)
        able = house.rests.able(house.providers, now)
        for provider, instead in zip(able, [*able[1:], None], strict=True):
            feed = _NoticeFeed(house, owner_of(house.flight), stop)
            await _by(provider, feed)
            settled += feed.settled
            if not feed.over:
                return settled
            log.warning("notices cannot go", provider=provider.name, why=feed.over)
            until = house.clock() + base
            if instead is not None:
                rest = Rest(
                    provider=provider.name,
                    until=until + 4 * base,
                    why=feed.over,
                    instead=instead.name,
                )
                _begin_rest(house, rest, halted=feed.halted)
        _postpone(house, max(until, house.rests.first_at(house.providers, now)))
        return settled


async def _by(provider: Provider, feed: _NoticeFeed) -> None:
    """As many as go by one provider."""
    house = feed.house
    feed.put_back_claims()
    try:
        door = Door(provider, pause_s=min(1.0, house.retry_base_s), stop=feed.stop)
        with ChunkLocks(house.database) as locks:
            in_all = house.connections_in_all
            share = Share(Slots(locks, provider.name, in_all, for_notices=True))
            if await share.any_left():
                await keep_line(door, feed, share)
    finally:
        feed.put_back_claims()


def _begin_rest(house: DeliveryHouse, rest: Rest, *, halted: bool) -> None:
    """As with a send: here and in the database, where people see it."""
    house.rests.begin(rest.provider, rest.until, halted=halted)
    with house.database.write() as session:
        rests.begin(session, rest)


def _postpone(house: DeliveryHouse, until: dt.datetime) -> None:
    """Nothing can be sent: wait the length of a retry, so that no relay is stormed with logins."""
    log.error("notices wait", until=str(until))
    with house.database.write() as session:
        notices.postpone(session, until=until)


class _NoticeFeed:
    """The notices that are due, one after another; each settled as soon as it is answered.

    over: why nothing more can be sent. halted: and that somebody has to mend it.
    """

    def __init__(self, house: DeliveryHouse, owner: str, stop: Callable[[], bool]) -> None:
        self.house, self.owner, self.stop = house, owner, stop
        self.settled = 0
        self.progress = 0
        self.over = ""
        self.halted = False
        self._waiting: deque[Notice] = deque()
        self._drawn: dict[str, Notice] = {}
        self._broke = 0

    @property
    def overlaps(self) -> bool:
        return False

    def next(self) -> Message | None:
        while not self._over:
            if not self._waiting:
                self._waiting += self._claim()
            if not self._waiting:
                return None
            notice = self._waiting.popleft()
            if not self._still_ours(notice):
                continue
            try:
                message = self._message(notice)
            except Exception as error:
                self._not_made(notice, error)
                continue
            self._drawn[message.key] = notice
            return message
        return None

    def take(self, most: int) -> list[Message]:
        message = self.next()
        return [message] if message else []

    async def more(self) -> bool:
        if self._over:
            return False
        if not self._waiting:
            self._waiting += self._claim()
        return bool(self._waiting)

    def handed(self, *messages: Message) -> None:
        """A notice has no place in a map: its claim is its mark."""

    def accepted(self, message: Message) -> None:
        self._settle(self._drawn.pop(message.key), DeliveryState.ACCEPTED, "250")

    def answered(self, message: Message, answer: Exception) -> None:
        notice = self._drawn.pop(message.key)
        if isinstance(answer, TryLater):
            self._later(notice, answer)
        elif isinstance(answer, SendHalted):
            self.halt(answer.reply)
        elif isinstance(answer, Refused):
            self._settle(notice, DeliveryState.FAILED, answer.reply)
        elif isinstance(answer, Uncertain):
            self._settle(notice, DeliveryState.UNCERTAIN, answer.reply)
        else:
            self._not_made(notice, answer)

    def give_back(self, message: Message, reason: str = "") -> None:
        self._waiting.append(self._drawn.pop(message.key))

    def channel_broke(self, reason: str) -> None:
        self._broke += 1
        if self._broke >= PATIENCE:
            self.rest(reason)

    def halt(self, reason: str) -> None:
        self.rest(reason)
        self.halted = True

    def rest(self, reason: str) -> None:
        self.over = self.over or reason

    @property
    def _over(self) -> bool:
        return bool(self.over) or self.stop()

    def _not_made(self, notice: Notice, error: Exception) -> None:
        log.error("a notice could not be made", notice=notice.id, kind=notice.kind, why=repr(error))
        self._settle(notice, DeliveryState.FAILED, f"not made: {type(error).__name__}")

    def _claim(self) -> list[Notice]:
        with self.house.database.write() as session:
            return notices.claim(session, owner=self.owner, now=self.house.clock())

    def _still_ours(self, notice: Notice) -> bool:
        """False where it took so long that another machine has taken it over."""
        with self.house.database.write() as session:
            return notices.keep(session, notice, now=self.house.clock())

    def put_back_claims(self) -> None:
        with self.house.database.write() as session:
            notices.reclaim(session, owner=self.owner, now=self.house.clock())

    def _message(self, notice: Notice) -> Message:
        if notice.kind == proofs.KIND:
            return proofs.message(self.house, notice)
        schedule = self.house.schedules[notice.newsletter]
        url = self.house.public_url
        rendered = render.render_notice(notice.kind, notice.data, schedule, public_url=url)
        envelope = envelope_of(schedule, notice.created_at, url, returns=self.house.returns)
        name, signer = f"notice-{notice.id}", self.house.signer
        return compile_notice(rendered, envelope, notice.address, name, signer=signer)

    def _later(self, notice: Notice, error: TryLater) -> None:
        now = self.house.clock()
        if not error.counts:
            self.rest(error.reply)
        elif now - notice.created_at > GIVE_UP:
            self._settle(notice, DeliveryState.FAILED, f"given up: {error.reply}")
        else:
            base_s = self.house.retry_base_s
            attempts = notice.attempts + 1
            due = verdicts.retry_at(now, attempts, base_s=base_s, asked_s=error.wait_s)
            with self.house.database.write() as session:
                notices.put_back(session, notice, reply=error.reply, due_at=due)

    def _settle(self, notice: Notice, state: DeliveryState, reply: str) -> None:
        with self.house.database.write() as session:
            notices.settle(session, notice, state, reply=reply)
        self.settled += 1
        self.progress += 1
        self._broke = 0
        log.info("notice settled", notice=notice.id, kind=notice.kind, state=state.value)


@contextmanager
def _alone(flight: Path) -> Iterator[bool]:
    """True while no other process of this data folder sends notices; the lock dies with its holder."""
    flight.mkdir(parents=True, exist_ok=True, mode=0o700)
    descriptor = os.open(flight / "notices.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True
    finally:
        os.close(descriptor)
