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
from collections import Counter, deque
from collections.abc import Iterable
from contextlib import ExitStack

from digest import logs
from digest.delivery import claims, followed, next_up, transactions
from digest.delivery.claims import Claim
from digest.delivery.flight import Busy, FlightMap
from digest.delivery.house import DeliveryHouse
from digest.delivery.pace import Pace
from digest.delivery.ticks import Next, Results, Tick
from digest.delivery.transactions import Acts
from digest.delivery.verdicts import Job, Terms
from digest.errors import Conflict
from digest.store import audiences, chunks, deliveries, sends
from digest.store.chunks import Chunk, ChunkState
from digest.store.engine import Session
from digest.store.locks import ChunkLocks
from digest.store.sends import Send, SendStatus

log = logs.get(__name__)

#: So long a chunk of a sender that was lost is left to it: it may come back, and it has the map.
GRACE = dt.timedelta(seconds=5)

#: A chunk that was not to be had is asked for again after so long: its holder may be dead by then.
ASK_AGAIN = dt.timedelta(seconds=1)

#: Chunks in hand at once; more would only be waiting.
MOST_CLAIMS = 12

#: Who must wait for longer than this waits in the database and not in a process.
LONG_WAIT = dt.timedelta(seconds=5)


class Journal:
    """See the module. Used by one thread at a time."""

    def __init__(
        self,
        house: DeliveryHouse,
        send: Send,
        terms: Terms,
        *,
        owner: str,
        locks: ChunkLocks,
        pace: Pace,
        choices: bool = False,
    ) -> None:
        """choices: readers may have chosen a form of the mail."""
        self.house, self.send, self.terms, self.owner = house, send, terms, owner
        self.pace, self.choices = pace, choices
        self.unused: list[Next] = []
        self.trouble = 0
        self.claims: list[Claim] = []
        self.busy = 0
        self._locks = locks
        self._refused: dict[int, dt.datetime] = {}
        self._orphans_at = house.clock() + ASK_AGAIN
        self._due: deque[Chunk] = deque()
        self._warned: set[int] = set()

    async def tick(self, results: Iterable[Results], *, wanted: int, proven: bool) -> Tick:
        """Write `results`, put down what is done with, and find `wanted` more readers to mail.

        Raises Conflict where a chunk is no longer ours, and what the database raises: then nothing was
        written and nothing may be handed over. What waits (for a lock, for the disk, for a server) waits in
        a thread; statements that do not wait run here, since two threads of Python only take turns.
        """
        work = functools.partial(self._work, results=results, wanted=wanted, proven=proven)
        time = asyncio.get_running_loop().time
        acts = Acts(work, self._keep, self._undo)
        if self.house.database.is_sqlite:
            found = await transactions.beside_the_wire(self.house.database, acts, time)
        else:
            found = await asyncio.to_thread(
                transactions.in_a_thread, self.house.database, acts, time
            )
        for claim in found.over:
            self.claims.remove(claim)
        self.claims += found.fresh
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
        found.over += [
            c for c in self.claims if not (c.jobs or c.under_way) and self._is_over(c, now)
        ]
        self._settle(session, found.over)
        if proven:
            sends.prove(session, self.send.id)
        unused, self.unused = self.unused, []
        trouble, self.trouble = self.trouble, 0
        if found.status is SendStatus.OPEN and now >= self._orphans_at:
            found.fresh += self._orphan(session, now=now)
        if found.status is SendStatus.OPEN and wanted > 0:
            self._look(session, found, self._granted(session, found, wanted, now=now), now=now)
        self._write_ahead(session, self._in_hand(found), now=now)
        if not self.pace.is_free:
            self._account(session, found, unused, trouble, now=now)

    def _is_over(self, claim: Claim, now: dt.datetime) -> bool:
        """A chunk with nothing but parked readers is put down where they wait long, or where others wait."""
        crowded = len(self.claims) > MOST_CLAIMS // 2
        soonest = min((again_at for again_at, _ in claim.parked), default=None)
        return soonest is None or crowded or soonest - now > LONG_WAIT

    def _keep(self, found: Tick) -> None:
        """It is committed. In a thread: on some file systems a file that goes waits for the disk."""
        for one in found.written:
            one.claim.forget(one.verdicts)
        for claim in found.fresh:
            claims.forget_attempts(claim)
        for claim in found.over:
            claim.flight.close(remove=True)
        self._unlock(claim.chunk.no for claim in found.over)

    def _undo(self, found: Tick) -> None:
        """Nothing of it was written, or its answer was lost: then the rows name these maps, so they stay."""
        for claim in found.fresh:
            self._let_go(claim, remove=False)

    @property
    def has_jobs(self) -> bool:
        """True where a chunk in hand has readers that can be looked at now."""
        now = self.house.clock()
        return any(
            claim.jobs or any(again_at <= now for again_at, _ in claim.parked)
            for claim in self.claims
        )

    def put_down(self) -> None:
        """Settle every claim as it stands: its results are written, and nothing of it is on the wire.

        What was granted and not handed over goes back to the pace.
        """
        with self.house.database.write() as session:
            self._settle(session, self.claims)
            if not self.pace.is_free:
                self._account(session, Tick(), self.unused, self.trouble, now=self.house.clock())
        self.unused, self.trouble = [], 0
        for claim in self.claims:
            self._let_go(claim, remove=True)
        self.claims = []

    def _settle(self, session: Session, over: list[Claim]) -> None:
        done = [claim.chunk.no for claim in over if claim.is_done]
        if not chunks.settle_done(session, self.send.id, done, owner=self.owner):
            raise Conflict(f"a chunk of send {self.send.id} is no longer ours")
        for claim in over:
            if not claim.is_done:
                claims.put_down(session, claim, owner=self.owner, base_s=self.terms.base_s)

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
        for one in self._in_hand(found):
            next_up.unpark(one, now)
            found.ready += self._next_of(session, one, wanted - len(found.ready), found, now=now)
        while len(found.ready) < wanted and len(self._in_hand(found)) < MOST_CLAIMS:
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
        jobs = next_up.taken(claim.jobs, wanted)
        if not jobs:
            return []
        ids = [job.id for job in jobs]
        newsletter, chosen = self.send.newsletter, self.choices
        here = audiences.readers(session, newsletter, ids, now=now, choices=chosen)
        if len(here) < len(jobs):
            here |= followed.readers(session, self.send, jobs, here, now=now, choices=chosen)
        told = list(next_up.unmailable(jobs, here, self.terms, now=now))
        claim.under_way += len(jobs)
        if told:
            deliveries.put(session, self.send.id, told)
            self._told(Results(claim, [], told), found)
        claim.ahead = max(claim.ahead, 1 + max(job.slot for job in jobs))
        done = {row.subscriber_id for row in told}
        left: list[Next] = [(claim, job, here[job.id]) for job in jobs if job.id not in done]
        if (
            chosen
        ):  # so that one request holds many of one choice; who was in one before stays there
            left.sort(key=lambda one: "" if _company(one[1]) else one[2].choice)
        return self._by_domain(session, left, found, now=now) if self.pace.domains else left

    # ------------------------------------------------------------ the pace

    def _granted(self, session: Session, found: Tick, wanted: int, *, now: dt.datetime) -> int:
        if self.pace.is_free:
            return wanted
        grant = self.pace.grant(session, wanted=wanted, now=now)
        found.granted, found.again_at = grant.count, grant.again_at
        return grant.count

    def _by_domain(
        self, session: Session, left: list[Next], found: Tick, *, now: dt.datetime
    ) -> list[Next]:
        """Those whose domain may be mailed now; the others are parked until it may."""
        groups = [self.pace.limited(reader.address.rpartition("@")[2]) for _, _, reader in left]
        wanted = Counter(group for group in groups if group)
        grants = self.pace.grant_domains(session, wanted, now=now)
        room = {group: grant.count for group, grant in grants.items()}
        kept: list[Next] = []
        for one, group in zip(left, groups, strict=True):
            if group is None or room[group] > 0 or _company(one[1]):
                kept.append(one)
                room[group or ""] = room.get(group or "", 0) - 1
            else:
                claim, job, _ = one
                claim.under_way -= 1
                claim.parked.append((grants[group].again_at or now, job))
        return kept

    def _account(
        self, session: Session, found: Tick, unused: list[Next], trouble: int, *, now: dt.datetime
    ) -> None:
        """Give back what was granted and not used, and tell how it went."""
        spare = max(0, found.granted - len(found.ready))
        since = min((claim.since for claim, _, _ in unused), default=now)
        self.pace.give_back(session, unused=len(unused), since=since, spare=spare, now=now)
        if unused and self.pace.domains:
            domains = Counter(reader.address.rpartition("@")[2] for _, _, reader in unused)
            self.pace.give_back_domains(session, domains, since=since, now=now)
        good = sum(len(one.plain) for one in found.written)
        self.pace.note(session, good=good, trouble=trouble, now=now)

    def _claim_one(self, session: Session, fresh: list[Claim], *, now: dt.datetime) -> Claim | None:
        """The next chunk that nobody else has, locked and claimed."""
        while True:
            if not self._due:
                held = {claim.chunk.no for claim in (*self.claims, *fresh)}
                held |= {no for no, at in self._refused.items() if now - at < ASK_AGAIN}
                found = chunks.due_chunks(
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
                self._refused[chunk.no] = now

    def _orphan(self, session: Session, *, now: dt.datetime) -> list[Claim]:
        """A chunk whose holder is dead, taken also by who has enough in hand: its readers wait."""
        self._orphans_at = now + ASK_AGAIN
        held = {claim.chunk.no for claim in self.claims}
        for chunk in chunks.orphans(session, self.send.id, before=now - GRACE):
            if chunk.no in held or not self._is_free(chunk, now):
                continue
            if (claim := self._try(session, chunk, now=now)) is not None:
                return [claim]
        return []

    def _is_free(self, chunk: Chunk, now: dt.datetime) -> bool:
        """False for another machine's chunk that it may still come back to."""
        if chunk.state is not ChunkState.CLAIMED or chunk.owner == self.owner:
            return True
        if chunk.no not in self._warned:
            self._warned.add(chunk.no)
            log.debug("claimed elsewhere", send=self.send.id, chunk=chunk.no, owner=chunk.owner)
        stale = chunk.beat_at is None or now - chunk.beat_at > GRACE
        return stale and not self.house.database.is_sqlite

    def _try(self, session: Session, chunk: Chunk, *, now: dt.datetime) -> Claim | None:
        if not self._locks.take(self.send.id, chunk.no):
            self._note_busy(chunk)
            return None
        with ExitStack() as undo:
            undo.callback(self._locks.drop, self.send.id, chunk.no)
            try:
                claim = self._locked(session, chunk, undo, now=now)
            except Busy:
                self._note_busy(chunk)
            except Conflict as error:
                if chunk.no not in self._refused:
                    log.error(
                        "a chunk is left alone", send=self.send.id, chunk=chunk.no, why=str(error)
                    )
            else:
                undo.pop_all()
                return claim
        return None

    def _locked(
        self, session: Session, chunk: Chunk, undo: ExitStack, *, now: dt.datetime
    ) -> Claim:
        """The claim of a chunk whose lock we hold; `undo` lets go of its map where that fails.

        Its last holder may have put it down between our look and our lock: then nothing is lost.
        """
        if not self.house.database.is_sqlite:
            chunk = chunks.again(session, chunk)
            if not self._is_free(chunk, now):
                raise Busy(f"chunk {chunk.no} of send {chunk.send_id} is another's")
        ids = chunks.reader_ids(session, chunk)
        flight = FlightMap.of(self.house.flight, self.send, chunk, ids, owner=self.owner)
        undo.callback(flight.close, remove=False)
        return claims.claim(session, chunk, ids, flight, self.terms, owner=self.owner, now=now)

    def _note_busy(self, chunk: Chunk) -> None:
        """Counted once, however often it is asked for."""
        self.busy += chunk.no not in self._refused

    def _in_hand(self, found: Tick) -> list[Claim]:
        """The claims as they will be once this tick is committed."""
        return [one for one in self.claims if one not in found.over] + found.fresh

    def _write_ahead(self, session: Session, held: list[Claim], *, now: dt.datetime) -> None:
        ahead = {claim.chunk.no: claim.ahead for claim in held}
        if not chunks.beat(session, self.send.id, ahead, owner=self.owner, now=now):
            raise Conflict(f"a chunk of send {self.send.id} is no longer ours")

    def _let_go(self, claim: Claim, *, remove: bool) -> None:
        claim.flight.close(remove=remove)
        self._unlock([claim.chunk.no])

    def _unlock(self, numbers: Iterable[int]) -> None:
        """On PostgreSQL a question to the server for each."""
        for number in numbers:
            self._locks.drop(self.send.id, number)


def _company(job: Job) -> str:
    """The label of the request that is made again as it was, whole."""
    return job.replay.batch if job.in_doubt and job.replay else ""
