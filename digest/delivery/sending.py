"""One chunk on its way: C lines take readers one after another, the map and the ledger follow each."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from digest import logs
from digest.delivery import verdicts
from digest.delivery.compile import Compiled
from digest.delivery.flight import FlightMap, Mark
from digest.delivery.house import DeliveryHouse
from digest.delivery.lines import Line
from digest.delivery.results import Results
from digest.delivery.verdicts import Job, Terms
from digest.errors import Conflict, Refused, SendHalted, TryLater, Uncertain
from digest.model import Reader, SubscriberId
from digest.store import audiences
from digest.store.deliveries import Delivery
from digest.store.sends import Send

log = logs.get(__name__)

#: Readers whose leaving is looked up together, right before their turn.
BLOCK = 50

#: So many refusals by policy with no acceptance in between are about us, and nobody fails by them.
SUSPECTS = 5


@dataclass(kw_only=True)
class ChunkRun:
    """The sending of one claimed chunk by this process.

    held: whether the lock on the chunk is still ours. proven: this provider has accepted a message
    of this send before.
    """

    house: DeliveryHouse
    send: Send
    compiled: Compiled
    flight: FlightMap
    results: Results
    terms: Terms
    stop: Callable[[], bool]
    held: Callable[[], bool]
    proven: bool
    halted: str = ""
    gave_up: bool = False
    broken: Exception | None = None
    _suspects: list[tuple[Job, str]] = field(default_factory=list)
    _queue: asyncio.Queue[tuple[Job, Reader] | None] = field(
        default_factory=lambda: asyncio.Queue(1)
    )

    async def run(self, jobs: Sequence[Job], lines: Sequence[Line]) -> None:
        """Send to every job's reader, unless told to stop; returns when the wire is empty.

        Whatever goes wrong, messages on the wire are seen through to their answers.
        """
        flusher = asyncio.create_task(self.results.keep_flushing())
        workers = [asyncio.create_task(self._work(line)) for line in lines]
        try:
            await self._offer(jobs)
        except Exception as error:
            self.broken = error
        for _ in workers:
            await self._queue.put(None)
        await asyncio.gather(*workers)
        self._end_suspicion()
        self.results.no_more()
        await flusher
        self.broken = self.broken or self.results.broken

    def _over(self) -> bool:
        broken = self.broken is not None or self.results.broken is not None
        return bool(self.halted) or self.gave_up or broken or self.stop()

    async def _offer(self, jobs: Sequence[Job]) -> None:
        """Give the lines one reader after another, block by block; who has left is skipped."""
        for start in range(0, len(jobs), BLOCK):
            if self._over():
                return
            block = jobs[start : start + BLOCK]
            here = await asyncio.to_thread(self._look_again, [job.id for job in block])
            for job in block:
                if self._over():
                    return
                reader = here.get(job.id)
                if reader is None:
                    self._note(verdicts.skipped(job, now=self.house.clock()))
                else:
                    await self._queue.put((job, reader))

    def _look_again(self, ids: list[SubscriberId]) -> dict[SubscriberId, Reader]:
        """Who of a block may still be mailed, asked while the chunk is surely ours."""
        if not self.held():
            raise Conflict(f"the lock on a chunk of send {self.send.id} was lost")
        with self.house.database.read() as session:
            return audiences.readers(session, self.send.newsletter, ids, now=self.house.clock())

    async def _work(self, line: Line) -> None:
        while (item := await self._queue.get()) is not None:
            if not self._over():
                await self._deliver(line, *item)

    async def _deliver(self, line: Line, job: Job, reader: Reader) -> None:
        slot, flight = job.slot, self.flight

        def on_wire() -> None:
            flight[slot] = Mark.HANDED

        def off_wire() -> None:
            flight[slot] = Mark.UNTRIED

        try:
            message = self.compiled.message(reader)
            await line.send(message, on_wire=on_wire, off_wire=off_wire)
        except TryLater as error:
            self._later(job, error)
        except Refused as error:
            self._refused(job, error)
        except Uncertain as error:
            self._note(verdicts.doubt(job, error.reply, self.terms, now=self.house.clock()))
        except SendHalted as error:
            off_wire()
            self.halted = self.halted or error.reply
        except Exception as error:
            self._unexpected(job, error)
        else:
            flight[slot] = Mark.ACCEPTED
            self._note(verdicts.accepted(job, now=self.house.clock()))
            self.proven = True
            self._fail_suspects()

    def _later(self, job: Job, error: TryLater) -> None:
        if not error.counts:
            if not self.gave_up:
                log.warning("the provider cannot be reached", send=self.send.id, why=error.reply)
            self.gave_up = True
            return
        verdict = verdicts.later(job, error, self.terms, now=self.house.clock())
        self.flight[job.slot] = Mark.LATER if verdict.due_at else Mark.REFUSED
        self._note(verdict)

    def _refused(self, job: Job, error: Refused) -> None:
        """A plain refusal is the reader's; one by policy waits for what others are told."""
        if not error.policy:
            self._fail(job, error.reply)
            return
        self.flight[job.slot] = Mark.UNTRIED
        self._suspects.append((job, error.reply))
        if len(self._suspects) >= SUSPECTS:
            self.halted = self.halted or error.reply

    def _end_suspicion(self) -> None:
        """The end of the chunk with few refusals by policy: believed where this send was welcome before."""
        if self._suspects and self.proven and not self.halted:
            self._fail_suspects()
        elif self._suspects and not self._over():
            self.halted = self._suspects[0][1]

    def _fail_suspects(self) -> None:
        """Another reader was accepted, so these refusals spoke of their readers."""
        suspects, self._suspects = self._suspects, []
        for job, reply in suspects:
            self._fail(job, reply)

    def _fail(self, job: Job, reply: str) -> None:
        self.flight[job.slot] = Mark.REFUSED
        self._note(verdicts.refused(job, reply, now=self.house.clock()))

    def _unexpected(self, job: Job, error: Exception) -> None:
        """An error of ours about one message never stops the others; nor is one handed over forgotten."""
        log.error("a message raised", send=self.send.id, reader=job.id, why=type(error).__name__)
        now = self.house.clock()
        if self.flight[job.slot] is Mark.HANDED:
            self._note(verdicts.doubt(job, repr(error), self.terms, now=now))
        else:
            self._note(verdicts.unexpected(job, error, self.terms, now=now))

    def _note(self, verdict: Delivery) -> None:
        self.results.add(verdict)
