"""`drain`: notices first, then every chunk that is due, until nothing more can be sent now."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass

from digest import logs
from digest.delivery import notices
from digest.delivery.claims import Claim, claimed
from digest.delivery.compile import Compiled, compile_edition, envelope_of
from digest.delivery.flight import Busy
from digest.delivery.house import DeliveryHouse
from digest.delivery.lines import Door, Line
from digest.delivery.owner import owner_of
from digest.delivery.results import Results
from digest.delivery.sending import ChunkRun
from digest.delivery.verdicts import Terms
from digest.errors import Conflict
from digest.model import FINAL, DeliveryState, UncertainPolicy
from digest.protocols import Progress, silent
from digest.store import deliveries, issues, sends
from digest.store.deliveries import Delivery
from digest.store.sends import Chunk, Send, SendStatus

log = logs.get(__name__)

#: How long `until_empty` waits at the most before it looks again.
LOOK_AGAIN_S = 1.0


@dataclass(slots=True)
class Drained:
    """What one drain did: results written for readers of sends, and notices settled.

    busy: chunks that another process had in hand.
    """

    handed_over: int = 0
    notices: int = 0
    busy: int = 0


class _NotMade(Exception):
    """A send whose mail cannot be made: for a person to look at."""


def _never() -> bool:
    return False


def drain(
    house: DeliveryHouse,
    *,
    progress: Progress = silent,
    until_empty: bool = False,
    stop: Callable[[], bool] = _never,
) -> Drained:
    """Send what is due. `until_empty`: stay until every reader is final, also those deferred.

    `stop` is asked between messages; what is on the wire is finished first, also after Ctrl-C. Runs
    its own loop, so it must not be called from one. Raises what the database raises.
    """
    if not until_empty and not _anything(house):
        return Drained()
    try:
        import uvloop
    except ImportError:
        factory = None
    else:
        factory = uvloop.new_event_loop
    work = _Drain(house, progress, until_empty, stop)
    with asyncio.Runner(loop_factory=factory) as runner:
        return runner.run(work.seen_through())


def _anything(house: DeliveryHouse) -> bool:
    now, owner = house.clock(), owner_of(house.flight)
    with house.database.read() as session:
        opened = [s for s in sends.unfinished(session) if s.status is SendStatus.OPEN]
        return notices.any_due(session, owner=owner, now=now) or any(
            sends.due_chunks(session, send.id, now=now) for send in opened
        )


class _Drain:
    """One drain: rounds over the open sends, chunk by chunk, notices between them."""

    def __init__(
        self,
        house: DeliveryHouse,
        progress: Progress,
        until_empty: bool,
        stop: Callable[[], bool],
    ) -> None:
        self.house, self.progress, self.until_empty = house, progress, until_empty
        self.done = Drained()
        self._interrupted = False
        self._stop = stop
        self._owner = owner_of(house.flight)
        self._compiled: dict[int, Compiled] = {}
        self._told: dict[int, int] = {}
        self._proven: dict[int, bool] = {}
        self._elsewhere: set[tuple[int, int]] = set()

    def stop(self) -> bool:
        return self._interrupted or self._stop()

    async def seen_through(self) -> Drained:
        """The drain; an interruption stops it as `stop` does, once the wire is empty."""
        work = asyncio.ensure_future(self._run())
        try:
            return await asyncio.shield(work)
        except asyncio.CancelledError:
            self._interrupted = True
            await work
            raise

    async def _run(self) -> Drained:
        provider = self.house.provider
        pause_s = min(1.0, self.house.retry_base_s)
        async with AsyncExitStack() as stack:
            door = Door(provider, pause_s=pause_s, stop=self.stop)
            lines = [Line(door) for _ in range(provider.channels)]
            for line in lines:
                stack.push_async_callback(line.close)
            while not self.stop():
                door.knock_again()
                await self._round(lines)
                if not self.until_empty or not await self._wait_for_more():
                    break
        return self.done

    async def _round(self, lines: list[Line]) -> None:
        await self._notices(lines[0])
        for send in self._open_sends():
            self._say_what_is_elsewhere(send)
            await self._work_on(send, lines)

    async def _notices(self, line: Line) -> None:
        self.done.notices += await notices.send_due(self.house, line, stop=self.stop)

    def _open_sends(self) -> list[Send]:
        with self.house.database.read() as session:
            return [s for s in sends.unfinished(session) if s.status is SendStatus.OPEN]

    def _say_what_is_elsewhere(self, send: Send) -> None:
        """Chunks of another machine are its own to finish: it has their maps."""
        with self.house.database.read() as session:
            found = sends.claimed_elsewhere(session, send.id, owner=self._owner)
        new = [one for one in found if (one.send_id, one.no) not in self._elsewhere]
        for one in new:
            self._elsewhere.add((one.send_id, one.no))
            log.warning("claimed elsewhere", send=send.id, chunk=one.no, owner=one.owner)

    # ------------------------------------------------------------ one send

    async def _work_on(self, send: Send, lines: list[Line]) -> None:
        """Every due chunk of one send, until it must stop."""
        with self.house.database.read() as session:
            due = sends.due_chunks(session, send.id, now=self.house.clock())
            counts = deliveries.counts(session, send.id)
        if not due:
            return
        try:
            compiled, terms = self._compile(send), self._terms(send)
        except _NotMade as error:
            self._pause(send, f"the mail cannot be made: {error}")
            return
        self._told[send.id] = sum(counts[state] for state in FINAL)
        self._proven[send.id] = counts[DeliveryState.ACCEPTED] > 0
        self.progress("deliver", self._told[send.id], send.audience)
        for chunk in due:
            if self.stop() or not await self._chunk(send, chunk, compiled, terms, lines):
                return
            await self._notices(lines[0])

    async def _chunk(
        self, send: Send, chunk: Chunk, compiled: Compiled, terms: Terms, lines: list[Line]
    ) -> bool:
        """One chunk as far as it goes now; False when the whole send must stop."""
        try:
            with claimed(self.house, send, chunk, owner=self._owner, terms=terms) as claim:
                run = self._chunk_run(send, claim, compiled)
                await run.run(claim.recover(), lines)
                self._proven[send.id] = run.proven
                if run.broken is not None:
                    raise run.broken
        except Busy:
            self.done.busy += 1
            return True
        except Conflict as error:
            log.error("a chunk is left alone", send=send.id, chunk=chunk.no, why=str(error))
            return True
        if run.halted:
            self._pause(send, run.halted)
        return not (run.halted or run.gave_up)

    def _chunk_run(self, send: Send, claim: Claim, compiled: Compiled) -> ChunkRun:
        def written(result: Delivery) -> None:
            claim.written(result)
            self._tell(send, result)

        results = Results(self.house.database, claim.chunk, owner=self._owner, written=written)
        return ChunkRun(
            house=self.house,
            send=send,
            compiled=compiled,
            flight=claim.flight,
            results=results,
            terms=claim.terms,
            stop=self.stop,
            held=claim.held,
            proven=self._proven[send.id],
        )

    def _tell(self, send: Send, result: Delivery) -> None:
        self.done.handed_over += 1
        if result.state in FINAL:
            self._told[send.id] += 1
        self.progress("deliver", self._told[send.id], send.audience)

    def _terms(self, send: Send) -> Terms:
        """A provider that knows the key again is always replayed; no other ever is."""
        policy = self.house.schedules[send.newsletter].deliver.uncertain
        if self.house.provider.replays:
            policy = UncertainPolicy.REPLAY
        elif policy is UncertainPolicy.REPLAY:
            policy = UncertainPolicy.HOLD
        give_up = send.started_at + dt.timedelta(seconds=self.house.give_up_s)
        return Terms(policy=policy, base_s=self.house.retry_base_s, give_up_at=give_up)

    def _compile(self, send: Send) -> Compiled:
        """The send's own edition, compiled once a drain. Raises _NotMade."""
        if send.id in self._compiled:
            return self._compiled[send.id]
        with self.house.database.read() as session:
            issue = issues.by_id(session, send.issue_id)
        schedule = self.house.schedules.get(send.newsletter)
        if schedule is None:
            raise _NotMade(f"the newsletter {send.newsletter} has no schedule any more")
        if issue.edition is None or issue.edition.id != send.edition_id:
            raise _NotMade("the edition that was frozen is not the issue's any more")
        try:
            envelope = envelope_of(schedule, issue.moments.send_at, self.house.public_url)
            compiled = compile_edition(issue.edition.rendered, envelope, key=self.house.key)
        except Exception as error:
            log.exception("an edition cannot be compiled", send=send.id)
            raise _NotMade(repr(error)) from error
        self._compiled[send.id] = compiled
        return compiled

    def _pause(self, send: Send, reason: str) -> None:
        log.error("send paused", send=send.id, why=reason)
        with self.house.database.write() as session:
            sends.pause(session, send.id, reason)

    # ------------------------------------------------------------ waiting

    async def _wait_for_more(self) -> bool:
        """True when another round may find work: a chunk waits, or another process here holds one.

        A clock that stands still while we wait brings nothing: so does a simulated one.
        """
        now = self.house.clock()
        soonest = self._soonest(now)
        if soonest is None:
            return False
        wait_s = (soonest - now).total_seconds()
        await self._sleep(min(max(wait_s, 0.05), LOOK_AGAIN_S))
        return wait_s <= 0 or self.house.clock() > now

    async def _sleep(self, seconds: float) -> None:
        while seconds > 0 and not self.stop():
            await asyncio.sleep(min(seconds, 0.1))
            seconds -= 0.1

    def _soonest(self, now: dt.datetime) -> dt.datetime | None:
        """When the next chunk that is ours to send is due; None where there is none to wait for."""
        with self.house.database.read() as session:
            opened = [s for s in sends.unfinished(session) if s.status is SendStatus.OPEN]
            dues = [sends.next_due(session, s.id, owner=self._owner, now=now) for s in opened]
        return min((due for due in dues if due is not None), default=None)
