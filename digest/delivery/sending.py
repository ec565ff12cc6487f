"""One chunk on its way: C lines take readers one after another, the map and the ledger follow each."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from digest import logs
from digest.delivery import chunks
from digest.delivery.chunks import Job
from digest.delivery.compile import Compiled
from digest.delivery.flight import FlightMap, Mark
from digest.delivery.house import DeliveryHouse
from digest.delivery.lines import Line
from digest.delivery.results import Results
from digest.errors import Refused, SendHalted, TryLater, Uncertain
from digest.model import DeliveryState, UncertainPolicy
from digest.store import sends
from digest.store.deliveries import Delivery
from digest.store.sends import Send

log = logs.get(__name__)

#: Readers whose leaving is looked up together, right before their turn.
BLOCK = 50

#: A message that raised what nobody expected is tried this often, then put aside.
QUARANTINE = 3


@dataclass(kw_only=True)
class ChunkRun:
    """The sending of one claimed chunk by this process."""

    house: DeliveryHouse
    send: Send
    compiled: Compiled
    flight: FlightMap
    results: Results
    policy: UncertainPolicy
    stop: Callable[[], bool]
    told: Callable[[int], None]
    halted: str = ""
    gave_up: bool = False
    _queue: asyncio.Queue[Job | None] = field(default_factory=lambda: asyncio.Queue(1))

    async def run(self, jobs: Sequence[Job], lines: Sequence[Line]) -> None:
        """Send to every job's reader, unless told to stop; returns when the wire is empty."""
        flusher = asyncio.create_task(self.results.keep_flushing())
        workers = [asyncio.create_task(self._work(line)) for line in lines]
        try:
            await self._offer(jobs)
            for _ in workers:
                await self._queue.put(None)
            await asyncio.gather(*workers)
        finally:
            for task in (flusher, *workers):
                task.cancel()
            await asyncio.gather(flusher, *workers, return_exceptions=True)
        await self.results.flush()

    @property
    def _over(self) -> bool:
        return bool(self.halted or self.gave_up or self.results.broken is not None or self.stop())

    async def _offer(self, jobs: Sequence[Job]) -> None:
        """Give the lines one reader after another, block by block; who has left is skipped."""
        for start in range(0, len(jobs), BLOCK):
            block = jobs[start : start + BLOCK]
            if self._over:
                return
            gone = await asyncio.to_thread(self._gone, [job.reader.id for job in block])
            for job in block:
                if self._over:
                    return
                if job.reader.id in gone:
                    self._note(job, DeliveryState.SKIPPED, "left or was suppressed since")
                else:
                    await self._queue.put(job)

    def _gone(self, ids: list[int]) -> set[int]:
        with self.house.database.read() as session:
            return sends.gone(session, self.send.newsletter, ids, now=self.house.clock())

    async def _work(self, line: Line) -> None:
        while (job := await self._queue.get()) is not None:
            if not self._over:
                await self._deliver(line, job)

    async def _deliver(self, line: Line, job: Job) -> None:
        slot, flight = job.slot, self.flight

        def on_wire() -> None:
            flight[slot] = Mark.HANDED

        def off_wire() -> None:
            flight[slot] = Mark.UNTRIED

        try:
            message = self.compiled.message(job.reader)
            receipt = await line.send(message, on_wire=on_wire, off_wire=off_wire)
        except TryLater as error:
            self._later(job, error)
        except Refused as error:
            flight[slot] = Mark.REFUSED
            self._note(job, DeliveryState.FAILED, error.reply)
        except Uncertain as error:
            self._doubt(job, error)
        except SendHalted as error:
            off_wire()
            self.halted = error.reply
        except Exception as error:
            self._quarantine(job, error)
        else:
            flight[slot] = Mark.ACCEPTED
            self._note(job, DeliveryState.ACCEPTED, receipt.reply)

    def _later(self, job: Job, error: TryLater) -> None:
        if not error.counts:
            log.warning("no line to the provider", send=self.send.id, why=error.reply)
            self.gave_up = True
            return
        now = self.house.clock()
        if (now - self.send.started_at).total_seconds() > self.house.give_up_s:
            self.flight[job.slot] = Mark.REFUSED
            tried = f"given up after {job.attempts + 1} attempts: {error.reply}"
            self._note(job, DeliveryState.FAILED, tried)
            return
        self.flight[job.slot] = Mark.LATER
        reply = job.note if job.sent_again else error.reply
        self._note(job, DeliveryState.QUEUED, reply, due_at=self._retry_at(job, error.wait_s))

    def _doubt(self, job: Job, error: Uncertain) -> None:
        """A lost answer. The second copy under `resend` waits, so that a slow first one is not doubled."""
        state, reply = chunks.in_doubt(self.policy, sent_again=job.sent_again)
        due = self._retry_at(job, None) if state is DeliveryState.QUEUED else None
        if state is DeliveryState.UNCERTAIN:
            reply = f"{reply}: {error.reply}"
        self._note(job, state, reply, due_at=due)

    def _quarantine(self, job: Job, error: Exception) -> None:
        """An error of ours about one message never stops the others."""
        log.error("a message could not be sent", send=self.send.id, why=type(error).__name__)
        handed = self.flight[job.slot] is Mark.HANDED
        if handed:
            self._doubt(job, Uncertain(repr(error)))
        elif job.attempts + 1 >= QUARANTINE:
            self._note(job, DeliveryState.FAILED, f"quarantined: {error!r}")
        else:
            due = self._retry_at(job, None)
            self._note(job, DeliveryState.QUEUED, f"{error!r}", due_at=due)

    def _retry_at(self, job: Job, asked_s: float | None) -> dt.datetime:
        return chunks.retry_at(
            self.house.clock(),
            job.attempts + 1,
            base_s=self.house.retry_base_s,
            asked_s=asked_s,
        )

    def _note(
        self,
        job: Job,
        state: DeliveryState,
        reply: str | None,
        *,
        due_at: dt.datetime | None = None,
    ) -> None:
        self.results.add(
            Delivery(
                subscriber_id=job.reader.id,
                state=state,
                attempts=job.attempts + (0 if state is DeliveryState.SKIPPED else 1),
                at=self.house.clock(),
                reply=reply,
                due_at=due_at,
            )
        )
        self.told(1)
