"""What a sender says while it works: once a minute how far it is, who is deferred, which send stands.

It outlives a drain, so that a worker that looks every two seconds still speaks once a minute.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from digest import logs, remedies
from digest.delivery.house import DeliveryHouse
from digest.delivery.pauses import local
from digest.delivery.ticks import Results
from digest.model import DeliveryState
from digest.store import contests, deliveries, sends
from digest.store.engine import Session
from digest.store.sends import Send, SendStatus

log = logs.get(__name__)

MINUTE = dt.timedelta(minutes=1)


@dataclass(slots=True)
class _Minute:
    """One send since `begun`: how many were final then, and what was deferred since."""

    begun: dt.datetime
    done: int
    deferred: int = 0
    reply: str = ""


class Watch:
    """One for a process that sends. Time is the house's."""

    def __init__(self, house: DeliveryHouse) -> None:
        self._house = house
        self._minutes: dict[int, _Minute] = {}
        self._told_at: dt.datetime | None = None
        self._deferred: set[int] = set()
        self._news = True
        self._room_at: dt.datetime | None = None

    def begins(self, send: Send, done: int) -> None:
        """A send is worked on, from here; a minute goes on through short rests."""
        now, before = self._house.clock(), self._minutes.get(send.id)
        if before is None or now - before.begun > 2 * MINUTE:
            self._minutes[send.id] = _Minute(now, done)

    def results(self, send: Send, results: Results, done: int) -> None:
        """Results of a send were written; `done` are final by now."""
        minute, now = self._minutes[send.id], self._house.clock()
        for row in results.verdicts:
            if row.state is DeliveryState.QUEUED and row.reply:
                minute.deferred += 1
                minute.reply = row.reply
        if minute.deferred and send.id not in self._deferred:
            self._deferred.add(send.id)
            self._news = True
        if now - minute.begun >= MINUTE:
            self._progress(send, minute, done, now)
            self._minutes[send.id] = _Minute(now, done)

    def _progress(self, send: Send, minute: _Minute, done: int, now: dt.datetime) -> None:
        rate = (done - minute.done) / (now - minute.begun).total_seconds()
        told = {"send": send.id, "done": f"{done} of {send.audience}", "rate": f"{rate:.0f}/s"}
        if rate > 0:
            told["left"] = f"{(send.audience - done) / rate / 60:.0f} min"
        if minute.deferred:
            told["deferred"] = f"{minute.deferred}: {minute.reply}"
        log.info("sending", **told)

    def stands(self) -> None:
        """Nothing is on the wire: say what waits, and for what; at once the first time."""
        now = self._house.clock()
        if not self._news and self._told_at and now - self._told_at < MINUTE:
            return
        self._told_at, self._news = now, False
        with self._house.database.read() as session:
            for send in sends.unfinished(session):
                self._stands(session, send)

    def _stands(self, session: Session, send: Send) -> None:
        told = {"send": send.id, "why": send.reason, "provider": send.paused_with}
        if send.waits_for_a_person:
            remedy = remedies.paused(send.reason, send.paused_with)
            log.error("a paused send waits for a person", **told, remedy=remedy)
        elif send.status is SendStatus.PAUSED and send.resume_at:
            until = local(self._house, send, send.resume_at)
            log.warning("a paused send goes on by itself", **told, until=until)
        elif found := deliveries.deferred(session, send.id):
            log.info(
                "readers are deferred",
                send=send.id,
                readers=found.readers,
                why=found.reply,
                next_try=local(self._house, send, found.next_at),
            )
        elif (held := contests.of_send(session, send.id)) and held.winner is None:
            at = local(self._house, send, held.decide_at)
            log.info("the rest waits for its subject", send=send.id, chosen=at)

    def no_room(self, why: str) -> None:
        """The disk is full: said at once, then once a minute."""
        now = self._house.clock()
        if self._room_at is None or now - self._room_at >= MINUTE:
            self._room_at = now
            log.error("sending waits for room on the disk", why=why)
