"""Notices on their way: the same provider, before any send; at most a crash sends one twice."""

from __future__ import annotations

import datetime as dt
import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from digest import logs, render
from digest.delivery import verdicts
from digest.delivery.compile import compile_notice, envelope_of
from digest.delivery.house import DeliveryHouse
from digest.delivery.lines import Line
from digest.delivery.owner import owner_of
from digest.errors import Refused, SendHalted, TryLater, Uncertain
from digest.model import DeliveryState, Message
from digest.store import notices
from digest.store.engine import Session
from digest.store.notices import Notice

log = logs.get(__name__)

#: A notice is news for a day.
GIVE_UP = dt.timedelta(hours=24)


def any_due(session: Session, *, owner: str, now: dt.datetime) -> bool:
    """True where a notice is due, or one was left by a crash."""
    return notices.any_due(session, owner=owner, now=now)


async def send_due(house: DeliveryHouse, line: Line, *, stop: Callable[[], bool]) -> int:
    """Send every notice that is due; says how many were settled. Another process at it: none."""
    owner = owner_of(house.flight)
    with house.database.read() as session:
        if not notices.any_due(session, owner=owner, now=house.clock()):
            return 0
    with _alone(house.flight) as alone:
        return await _Notices(house, line, owner, stop).send() if alone else 0


class _Notices:
    """One process's turn at the notices."""

    def __init__(
        self, house: DeliveryHouse, line: Line, owner: str, stop: Callable[[], bool]
    ) -> None:
        self.house, self.line, self.owner, self.stop = house, line, owner, stop
        self.settled = 0
        self.halted = ""

    async def send(self) -> int:
        """Take what a crash left and what is due, until there is no more or nothing can be sent."""
        try:
            self._put_back_claims()
            while not self._over and (batch := self._claim()):
                for notice in batch:
                    if not self._over:
                        await self._one(notice)
        finally:
            self._put_back_claims()
        if self.halted:
            self._rest()
        return self.settled

    @property
    def _over(self) -> bool:
        return bool(self.halted) or self.stop()

    def _claim(self) -> list[Notice]:
        with self.house.database.write() as session:
            return notices.claim(session, owner=self.owner, now=self.house.clock())

    def _put_back_claims(self) -> None:
        with self.house.database.write() as session:
            notices.reclaim(session, owner=self.owner)

    async def _one(self, notice: Notice) -> None:
        try:
            message = self._message(notice)
            receipt = await self.line.send(message, on_wire=_nothing, off_wire=_nothing)
        except TryLater as error:
            self._later(notice, error)
        except SendHalted as error:
            self.halted = error.reply
        except Refused as error:
            self._settle(notice, DeliveryState.FAILED, error.reply)
        except Uncertain as error:
            self._settle(notice, DeliveryState.UNCERTAIN, error.reply)
        except Exception as error:
            log.exception("a notice could not be made", notice=notice.id, kind=notice.kind)
            self._settle(notice, DeliveryState.FAILED, f"not made: {type(error).__name__}")
        else:
            self._settle(notice, DeliveryState.ACCEPTED, receipt.reply)

    def _message(self, notice: Notice) -> Message:
        schedule = self.house.schedules[notice.newsletter]
        url = self.house.public_url
        rendered = render.render_notice(notice.kind, notice.data, schedule, public_url=url)
        envelope = envelope_of(schedule, notice.created_at, url)
        return compile_notice(rendered, envelope, notice.address, f"notice-{notice.id}")

    def _later(self, notice: Notice, error: TryLater) -> None:
        now = self.house.clock()
        if not error.counts:
            self.halted = error.reply
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
        log.info("notice settled", notice=notice.id, kind=notice.kind, state=state.value)

    def _rest(self) -> None:
        """Nothing can be sent: wait the length of a retry, so that no relay is stormed with logins."""
        log.error("notices wait", why=self.halted)
        until = self.house.clock() + dt.timedelta(seconds=self.house.retry_base_s)
        with self.house.database.write() as session:
            notices.postpone(session, until=until)


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


def _nothing() -> None:
    """A notice has no place in a map: its claim is its mark."""
