"""`drain`: notices first, then every chunk that is due, until nothing more can be sent now."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from digest import logs
from digest.delivery import chunks, notices
from digest.delivery.compile import Compiled, compile_edition, envelope_of
from digest.delivery.flight import Busy, FlightMap, Mark
from digest.delivery.house import DeliveryHouse
from digest.delivery.lines import Line
from digest.delivery.owner import owner_of
from digest.delivery.results import Results
from digest.delivery.sending import ChunkRun
from digest.errors import Conflict
from digest.model import FINAL, DeliveryState, Reader, SubscriberId, UncertainPolicy
from digest.protocols import Progress, silent
from digest.store import deliveries, issues, locks, sends
from digest.store.deliveries import Delivery
from digest.store.sends import Chunk, ChunkState, Send, SendStatus

log = logs.get(__name__)

#: How long `until_empty` waits at the most before it looks again.
LOOK_AGAIN_S = 1.0


@dataclass(slots=True)
class Drained:
    """What one drain did: results written for readers of sends, and notices settled."""

    handed_over: int = 0
    notices: int = 0
    busy: int = 0


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

    `stop` is asked between messages; what is on the wire is finished first. Runs its own loop, so
    it must not be called from one.
    """
    return _run(_Drain(house, progress, until_empty, stop).run())


def _run(work: object) -> Drained:
    try:
        import uvloop
    except ImportError:
        return asyncio.run(work)  # type: ignore[arg-type]
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(work)  # type: ignore[arg-type]


@dataclass
class _Drain:
    house: DeliveryHouse
    progress: Progress
    until_empty: bool
    stop: Callable[[], bool]
    done: Drained = field(default_factory=Drained)
    _compiled: dict[int, Compiled] = field(default_factory=dict)
    _lines: list[Line] = field(default_factory=list)

    async def run(self) -> Drained:
        provider = self.house.provider
        pause_s = min(1.0, self.house.retry_base_s)
        self._lines = [Line(provider, pause_s=pause_s) for _ in range(provider.channels)]
        try:
            while not self.stop():
                self.done.notices += await notices.send_due(self.house, self._lines[0])
                for send in self._open_sends():
                    await self._work_on(send)
                if not self.until_empty or not await self._wait_for_more():
                    break
        finally:
            for line in self._lines:
                await line.close()
        return self.done

    def _open_sends(self) -> list[Send]:
        with self.house.database.read() as session:
            return [s for s in sends.unfinished(session) if s.status is SendStatus.OPEN]

    async def _wait_for_more(self) -> bool:
        """True when another round may find work: a chunk waits, or another process holds one."""
        soonest: list[float] = []
        with self.house.database.read() as session:
            for send in sends.unfinished(session):
                if send.status is SendStatus.OPEN and not sends.is_worked_through(session, send.id):
                    due = sends.next_due(session, send.id) or self.house.clock()
                    soonest.append((due - self.house.clock()).total_seconds())
        if not soonest:
            return False
        await asyncio.sleep(min(max(min(soonest), 0.05), LOOK_AGAIN_S))
        return True

    async def _work_on(self, send: Send) -> None:
        with self.house.database.read() as session:
            due = sends.due_chunks(session, send.id, now=self.house.clock())
            told = sum(deliveries.counts(session, send.id).values())
        if due:
            self.progress("deliver", told, send.audience)
        for chunk in due:
            if self.stop():
                return
            try:
                fine = await self._chunk(send, chunk)
            except Busy:
                self.done.busy += 1
                continue
            if not fine:
                return

    async def _chunk(self, send: Send, chunk: Chunk) -> bool:
        """One chunk as far as it goes now; False when the whole send must stop."""
        with self.house.database.read() as session:
            readers = sends.readers(session, send, chunk)
        if len(readers) != chunk.size:
            log.error("the audience changed", send=send.id, chunk=chunk.no, found=len(readers))
            raise Conflict(f"chunk {chunk.no} has {len(readers)} readers, not {chunk.size}")
        with self._claimed(send, chunk, readers) as flight:
            owner = owner_of(self.house.flight)
            rows = self._recover(send, chunk, readers, flight)
            run = self._chunk_run(send, chunk, readers, flight)
            now = self.house.clock()
            await run.run(chunks.jobs(readers, rows, now=now), self._lines)
            if run.results.broken is not None:
                raise run.results.broken
            self._settle(chunk, owner)
        if run.halted:
            self._pause(send, run.halted)
        return not (run.halted or run.gave_up)

    @contextmanager
    def _claimed(self, send: Send, chunk: Chunk, readers: list[Reader]) -> Iterator[FlightMap]:
        """The chunk's map, held by this process alone; removed if the block ends well."""
        database, owner = self.house.database, owner_of(self.house.flight)
        name = f"{send.id}-{chunk.no}"
        with locks.chunk_lock(database, send.id, chunk.no) as ours:
            if not ours:
                raise Busy(f"chunk {name} is being sent by another process")
            flight = FlightMap.open(self.house.flight, name, [reader.id for reader in readers])
            try:
                with database.write() as session:
                    if not sends.claim(session, chunk, owner=owner):
                        raise Busy(f"chunk {name} is done, or its map lies on another machine")
                yield flight
            except Busy:
                flight.close(remove=False)
                raise
            except BaseException:
                flight.close(remove=False)
                raise
            flight.close(remove=True)

    def _recover(
        self, send: Send, chunk: Chunk, readers: list[Reader], flight: FlightMap
    ) -> dict[SubscriberId, Delivery]:
        """Write what an earlier process left in the map; returns the rows as they are then."""
        policy = self._policy(send)
        with self.house.database.write() as session:
            rows = deliveries.of_range(session, send.id, chunk.lo, chunk.hi)
            now = self.house.clock()
            found = list(chunks.recovered(readers, rows, flight, policy=policy, now=now))
            deliveries.put(session, send.id, found)
            rows = deliveries.of_range(session, send.id, chunk.lo, chunk.hi)
        if found:
            log.warning("recovered from the map", send=send.id, chunk=chunk.no, readers=len(found))
        slots = {reader.id: slot for slot, reader in enumerate(readers)}
        for one in found:
            if one.state is DeliveryState.QUEUED:
                flight[slots[one.subscriber_id]] = Mark.UNTRIED
        return rows

    def _chunk_run(
        self, send: Send, chunk: Chunk, readers: list[Reader], flight: FlightMap
    ) -> ChunkRun:
        slots = {reader.id: slot for slot, reader in enumerate(readers)}

        def written(result: Delivery) -> None:
            """A deferred reader's row is safe now: the map may forget the last attempt."""
            if result.state is DeliveryState.QUEUED:
                flight[slots[result.subscriber_id]] = Mark.UNTRIED

        owner = owner_of(self.house.flight)
        return ChunkRun(
            house=self.house,
            send=send,
            compiled=self._compile(send),
            flight=flight,
            results=Results(self.house.database, chunk, owner=owner, written=written),
            policy=self._policy(send),
            stop=self.stop,
            told=lambda n: self._told(send, n),
        )

    def _told(self, send: Send, count: int) -> None:
        self.done.handed_over += count
        self.progress("deliver", min(self.done.handed_over, send.audience), send.audience)

    def _policy(self, send: Send) -> UncertainPolicy:
        """The schedule's policy; a provider that knows the key again is always replayed."""
        if self.house.provider.replays:
            return UncertainPolicy.REPLAY
        return self.house.schedules[send.newsletter].deliver.uncertain

    def _compile(self, send: Send) -> Compiled:
        if send.id not in self._compiled:
            with self.house.database.read() as session:
                issue = issues.by_id(session, send.issue_id)
            schedule = self.house.schedules[send.newsletter]
            when = issue.moments.send_at.astimezone(dt.UTC)
            envelope = envelope_of(schedule, when, self.house.public_url)
            if issue.edition is None or issue.edition.id != send.edition_id:
                raise Conflict(f"send {send.id} is of another edition than its issue's")
            self._compiled[send.id] = compile_edition(
                issue.edition.rendered, envelope, key=self.house.key
            )
        return self._compiled[send.id]

    def _settle(self, chunk: Chunk, owner: str) -> None:
        """Put the chunk down as its rows say: done, waiting for deferred readers, or open."""
        with self.house.database.write() as session:
            rows = deliveries.of_range(session, chunk.send_id, chunk.lo, chunk.hi)
            final = sum(row.state in FINAL for row in rows.values())
            waiting = [row.due_at for row in rows.values() if row.due_at is not None]
            state, due = ChunkState.OPEN, None
            if final == chunk.size:
                state = ChunkState.DONE
            elif len(rows) == chunk.size and waiting:
                state, due = ChunkState.WAITING, min(waiting)
            if not sends.settle(session, chunk, owner=owner, state=state, due_at=due):
                raise Conflict(f"chunk {chunk.no} is no longer ours")

    def _pause(self, send: Send, reason: str) -> None:
        log.error("send paused", send=send.id, why=reason)
        with self.house.database.write() as session:
            sends.pause(session, send.id, reason)
