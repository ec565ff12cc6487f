"""The journal of one send in this process: every 50 ms one transaction writes, settles, and claims anew.

One tick does everything that touches the database, while the wire goes on with what the last one
gave: results are written, chunks without work are put down, others are claimed, the readers
whose turn comes next are looked at once more (who has left is skipped), and how far the hand-over may
come before the next tick is on record. So nothing is ever sent on the strength of a ledger that
cannot be written.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import functools
import itertools
import sys
from collections import deque
from collections.abc import Iterable
from contextlib import ExitStack
from dataclasses import dataclass, field

from digest import logs
from digest.delivery import claims, verdicts
from digest.delivery.claims import Claim
from digest.delivery.flight import Busy, FlightMap
from digest.delivery.house import DeliveryHouse
from digest.delivery.verdicts import Job, Terms
from digest.errors import Conflict
from digest.model import Reader, SubscriberId
from digest.store import audiences, deliveries, sends
from digest.store.deliveries import Delivery
from digest.store.engine import Session
from digest.store.locks import ChunkLocks
from digest.store.sends import Chunk, ChunkState, Send, SendStatus

log = logs.get(__name__)

#: So long a chunk of a sender that was lost is left to it: it may come back, and it has the map.
GRACE = dt.timedelta(seconds=5)

#: Chunks in hand at once; more would only be waiting.
MOST_CLAIMS = 12

Next = tuple[Claim, Job, Reader]


@dataclass(slots=True)
class Results:
    """What one claim's messages came to since the last tick."""

    claim: Claim
    plain: list[SubscriberId]
    verdicts: list[Delivery]


@dataclass(slots=True)
class Tick:
    """What one tick brought. ready: who may be handed over now. more: False where nothing is left to claim.

    fresh, over: the claims that it took and put down.
    """

    ready: list[Next] = field(default_factory=list)
    written: list[Results] = field(default_factory=list)
    status: SendStatus = SendStatus.OPEN
    more: bool = True
    fresh: list[Claim] = field(default_factory=list)
    over: list[Claim] = field(default_factory=list)


class Journal:
    """See the module. Used by one thread at a time."""

    def __init__(
        self, house: DeliveryHouse, send: Send, terms: Terms, *, owner: str, locks: ChunkLocks
    ) -> None:
        self.house, self.send, self.terms, self.owner = house, send, terms, owner
        self.claims: list[Claim] = []
        self.busy = 0
        self._locks = locks
        self._refused: set[int] = set()
        self._due: deque[Chunk] = deque()
        self._warned: set[int] = set()

    async def tick(self, results: Iterable[Results], *, wanted: int, proven: bool) -> Tick:
        """Write `results`, put down what is done with, and find `wanted` more readers to mail.

        Raises Conflict where a chunk is no longer ours, and what the database raises: then nothing was
        written and nothing may be handed over. What waits (for a lock, for the disk, for a server) waits in
        a thread; statements that do not wait run here, since two threads of Python only take turns.
        """
        with ExitStack() as undo:
            transaction = self.house.database.write()
            session = await asyncio.to_thread(transaction.__enter__)
            found = Tick()
            undo.callback(self._undo, found)
            work = functools.partial(self._work, session, found, results, wanted, proven=proven)
            try:
                if self.house.database.is_sqlite:
                    work()
                else:
                    await asyncio.to_thread(work)
            except BaseException:
                await asyncio.to_thread(transaction.__exit__, *sys.exc_info())
                raise
            await asyncio.to_thread(transaction.__exit__, None, None, None)
            undo.pop_all()
        self._keep(found)
        return found

    def _work(
        self,
        session: Session,
        found: Tick,
        results: Iterable[Results],
        wanted: int,
        *,
        proven: bool,
    ) -> None:
        now = self.house.clock()
        self._due.clear()
        if not self._locks.held():
            raise Conflict(f"the locks on send {self.send.id} were lost")
        found.status = sends.status(session, self.send.id)
        self._write(session, results, found)
        found.over += [c for c in self.claims if not (c.jobs or c.under_way)]
        self._settle(session, found.over)
        if proven:
            sends.prove(session, self.send.id)
        if found.status is SendStatus.OPEN and wanted > 0:
            self._look(session, found, wanted, now=now)
        self._write_ahead(session, found.fresh, now=now)

    def _keep(self, found: Tick) -> None:
        """It is committed."""
        for claim in found.over:
            self._let_go(claim, remove=True)
        self.claims += found.fresh
        for claim in found.fresh:
            claims.forget_attempts(claim)

    def _undo(self, found: Tick) -> None:
        """Nothing of it was written."""
        for claim in found.fresh:
            self._let_go(claim, remove=claim.flight.is_new)

    def put_down(self) -> None:
        """Settle every claim as it stands: its results are written, and nothing of it is on the wire."""
        with self.house.database.write() as session:
            over = list(self.claims)
            self._settle(session, over)
        for claim in over:
            self._let_go(claim, remove=True)

    def _settle(self, session: Session, over: list[Claim]) -> None:
        done = [claim.chunk.no for claim in over if claim.is_done]
        if not sends.settle_done(session, self.send.id, done, owner=self.owner):
            raise Conflict(f"a chunk of send {self.send.id} is no longer ours")
        for claim in over:
            if not claim.is_done:
                claims.put_down(session, claim, owner=self.owner, base_s=self.terms.base_s)
        self.claims = [claim for claim in self.claims if claim not in over]

    def abandon(self) -> None:
        """Let go of everything as it is: claims and maps stay for whoever comes next on this folder."""
        for claim in self.claims:
            self._let_go(claim, remove=False)
        self.claims = []

    # ------------------------------------------------------------ inside a tick

    def _write(self, session: Session, results: Iterable[Results], found: Tick) -> None:
        given = list(results)
        plain = list(itertools.chain.from_iterable(one.plain for one in given))
        deliveries.put_accepted(session, self.send.id, plain, at=self.house.clock())
        rows = list(itertools.chain.from_iterable(one.verdicts for one in given))
        deliveries.put(session, self.send.id, rows)
        for one in given:
            self._told(one, found)

    def _told(self, one: Results, found: Tick) -> None:
        one.claim.written(one.plain, one.verdicts)
        found.written.append(one)

    def _look(self, session: Session, found: Tick, wanted: int, *, now: dt.datetime) -> None:
        """Readers of the chunks in hand, then of new ones, until there are enough."""
        for one in self.claims:
            found.ready += self._next_of(session, one, wanted - len(found.ready), found, now=now)
        while len(found.ready) < wanted and len(self.claims) + len(found.fresh) < MOST_CLAIMS:
            claim = self._claim_one(session, found.fresh, now=now)
            if claim is None:
                found.more = False
                return
            found.fresh.append(claim)
            found.ready += self._next_of(session, claim, wanted - len(found.ready), found, now=now)

    def _next_of(
        self, session: Session, claim: Claim, wanted: int, found: Tick, *, now: dt.datetime
    ) -> list[Next]:
        """The next readers of one chunk, looked at now: who left is skipped, who cannot be replayed held."""
        jobs = _taken(claim.jobs, wanted)
        if not jobs:
            return []
        ids = [job.id for job in jobs]
        here = audiences.readers(session, self.send.newsletter, ids, now=now)
        told = list(self._settled(jobs, here, now=now))
        claim.under_way += len(jobs)
        if told:
            deliveries.put(session, self.send.id, told)
            self._told(Results(claim, [], told), found)
        claim.ahead = max(claim.ahead, 1 + max(job.slot for job in jobs))
        if not told:
            return [(claim, job, here[job.id]) for job in jobs]
        done = {row.subscriber_id for row in told}
        return [(claim, job, here[job.id]) for job in jobs if job.id not in done]

    def _settled(
        self, jobs: list[Job], here: dict[SubscriberId, Reader], *, now: dt.datetime
    ) -> Iterable[Delivery]:
        if len(here) == len(jobs) and not any(job.note for job in jobs):
            return
        broken = {
            job.replay.batch for job in jobs if job.in_doubt and job.replay and job.id not in here
        }
        for job in jobs:
            replay = job.replay if job.in_doubt else None
            if replay and not verdicts.replayable(replay, self.terms, now=now):
                yield verdicts.held(job, "it can no longer be replayed", now=now)
            elif replay and replay.batch and replay.batch in broken:
                yield verdicts.held(job, "its request cannot be made again as it was", now=now)
            elif job.id not in here:
                yield verdicts.skipped(job, now=now)

    def _claim_one(self, session: Session, fresh: list[Claim], *, now: dt.datetime) -> Claim | None:
        """The next chunk that nobody else has, locked and claimed."""
        while True:
            if not self._due:
                held = {claim.chunk.no for claim in (*self.claims, *fresh)} | self._refused
                found = sends.due_chunks(
                    session, self.send.id, now=now, but=held, limit=MOST_CLAIMS
                )
                self._due.extend(found)
            if not self._due:
                return None
            while self._due:
                chunk = self._due.popleft()
                claim = self._try(session, chunk, now=now) if self._is_free(chunk, now) else None
                if claim is not None:
                    return claim
                self._refused.add(chunk.no)

    def _is_free(self, chunk: Chunk, now: dt.datetime) -> bool:
        """False for another machine's chunk that it may still come back to."""
        if chunk.state is not ChunkState.CLAIMED or chunk.owner == self.owner:
            return True
        if chunk.no not in self._warned:
            self._warned.add(chunk.no)
            log.warning("claimed elsewhere", send=self.send.id, chunk=chunk.no, owner=chunk.owner)
        stale = chunk.beat_at is None or now - chunk.beat_at > GRACE
        return stale and not self.house.database.is_sqlite

    def _try(self, session: Session, chunk: Chunk, *, now: dt.datetime) -> Claim | None:
        if not self._locks.take(self.send.id, chunk.no):
            self.busy += 1
            return None
        flight: FlightMap | None = None
        try:
            ids = sends.reader_ids(session, chunk)
            flight = self._map_of(chunk, ids)
            return claims.claim(session, chunk, ids, flight, self.terms, owner=self.owner, now=now)
        except Busy:
            self.busy += 1
        except Conflict as error:
            log.error("a chunk is left alone", send=self.send.id, chunk=chunk.no, why=str(error))
        if flight is not None:
            flight.close(remove=flight.is_new)
        self._locks.drop(self.send.id, chunk.no)
        return None

    def _map_of(self, chunk: Chunk, ids: tuple[SubscriberId, ...]) -> FlightMap:
        send = self.send
        identity = f"{send.id} {chunk.no} {send.edition_id} {send.cut_off.isoformat()}"
        used = chunk.state is ChunkState.CLAIMED and chunk.owner == self.owner
        name = f"{send.id}-{chunk.no}"
        return FlightMap.open(self.house.flight, name, ids, identity=identity, used=used)

    def _write_ahead(self, session: Session, fresh: list[Claim], *, now: dt.datetime) -> None:
        ahead = {claim.chunk.no: claim.ahead for claim in (*self.claims, *fresh)}
        if not sends.beat(session, self.send.id, ahead, owner=self.owner, now=now):
            raise Conflict(f"a chunk of send {self.send.id} is no longer ours")

    def _let_go(self, claim: Claim, *, remove: bool) -> None:
        claim.flight.close(remove=remove)
        self._locks.drop(self.send.id, claim.chunk.no)


def _taken(jobs: deque[Job], wanted: int) -> list[Job]:
    """The first `wanted` jobs, and whoever must go in one request with the last of them."""
    taken = [jobs.popleft() for _ in itertools.repeat(None, min(max(wanted, 0), len(jobs)))]
    last = taken[-1].replay if taken and taken[-1].in_doubt else None
    while last and last.batch and jobs and jobs[0].replay and jobs[0].replay.batch == last.batch:
        taken.append(jobs.popleft())
    return taken
