"""A chunk in hand: locked, claimed, its map recovered, and put down as its rows say."""

from __future__ import annotations

import datetime as dt
from collections import deque
from dataclasses import dataclass, field

from digest import logs
from digest.delivery import recovery
from digest.delivery.flight import Busy, FlightMap, Mark
from digest.delivery.verdicts import Job, Terms
from digest.errors import Conflict
from digest.model import FINAL, DeliveryState, SubscriberId
from digest.store import chunks, deliveries
from digest.store.chunks import Chunk, ChunkState
from digest.store.deliveries import Delivery
from digest.store.engine import Session

log = logs.get(__name__)


@dataclass(slots=True, eq=False)
class Claim:
    """One chunk that this process alone may send, and what it knows of its readers.

    jobs: who is to be mailed and was not looked at yet. under_way: looked at, and without a written
    verdict yet. since: when it was taken. finals, queued: what the rows say. plain, verdicts: results that wait to be written.
    ahead: so many of its readers, in order, may have been handed over. parked: whose domain must wait.
    """

    chunk: Chunk
    ids: tuple[SubscriberId, ...]
    flight: FlightMap
    jobs: deque[Job]
    finals: int
    since: dt.datetime
    queued: dict[SubscriberId, Delivery]
    under_way: int = 0
    ahead: int = 0
    parked: list[tuple[dt.datetime, Job]] = field(default_factory=list)
    plain: list[SubscriberId] = field(default_factory=list)
    verdicts: list[Delivery] = field(default_factory=list)

    def written(self, plain: list[SubscriberId], verdicts: list[Delivery]) -> None:
        """These results are in the transaction; the map knows them until it is committed."""
        self.under_way -= len(plain) + len(verdicts)
        self.finals += len(plain)
        for reader in plain if self.queued else ():
            self.queued.pop(reader, None)
        for row in verdicts:
            if row.state in FINAL:
                self.finals += 1
                self.queued.pop(row.subscriber_id, None)
            else:
                self.queued[row.subscriber_id] = row

    def forget(self, verdicts: list[Delivery]) -> None:
        """These are committed: the map may forget an attempt that put its reader off."""
        for row in verdicts:
            if row.state not in FINAL:
                self.flight[self.ids.index(row.subscriber_id)] = Mark.UNTRIED

    @property
    def is_done(self) -> bool:
        return self.finals == len(self.ids)

    def standing(self, *, base_s: float) -> tuple[ChunkState, dt.datetime | None]:
        """How the chunk is put down: done, waiting for deferred or parked readers, or open."""
        if self.is_done:
            return ChunkState.DONE, None
        if self.parked and not self.jobs:
            return ChunkState.WAITING, min(again_at for again_at, _ in self.parked)
        if self.jobs or self.finals + len(self.queued) < len(self.ids):
            return ChunkState.OPEN, None
        return ChunkState.WAITING, recovery.next_due(self.queued, base_s=base_s)


def claim(
    session: Session,
    chunk: Chunk,
    ids: tuple[SubscriberId, ...],
    flight: FlightMap,
    terms: Terms,
    *,
    owner: str,
    now: dt.datetime,
) -> Claim:
    """Take a chunk whose lock and map we hold, and write what an earlier holder left unwritten.

    Raises Busy where it is done or another's.
    """
    elsewhere = chunk.state is ChunkState.CLAIMED and chunk.owner != owner
    lost = chunk.state is ChunkState.CLAIMED and (elsewhere or flight.is_new)
    if not chunks.claim(
        session, chunk, owner=owner, ahead=0, now=now, take_over=elsewhere, born=flight.born
    ):
        raise Busy(f"chunk {chunk.no} of send {chunk.send_id} is done or another's")
    rows = _rows(session, chunk, ids)
    found: list[Delivery] = []
    if lost:
        found = list(recovery.orphaned(ids, rows, chunk, terms, now=now))
    elif not flight.is_new:
        found = list(recovery.recovered(ids, rows, flight, terms, now=now))
    if found:
        deliveries.put(session, chunk.send_id, found)
        log.warning("recovered", send=chunk.send_id, chunk=chunk.no, readers=len(found), lost=lost)
        rows.update((one.subscriber_id, one) for one in found)
    return _claimed(chunk, ids, flight, rows, now=now)


def _rows(
    session: Session, chunk: Chunk, ids: tuple[SubscriberId, ...]
) -> dict[SubscriberId, Delivery]:
    """What is on record of these readers; between the first and the last there may be those of other waves."""
    rows = deliveries.of_range(session, chunk.send_id, chunk.lo, chunk.hi)
    mine = frozenset(ids) if rows else frozenset()
    return {reader: row for reader, row in rows.items() if reader in mine}


def _claimed(
    chunk: Chunk,
    ids: tuple[SubscriberId, ...],
    flight: FlightMap,
    rows: dict[SubscriberId, Delivery],
    *,
    now: dt.datetime,
) -> Claim:
    waiting = {reader: row for reader, row in rows.items() if row.state is DeliveryState.QUEUED}
    told = len(rows) - len(waiting)
    jobs = deque(recovery.jobs(ids, rows, now=now))
    return Claim(
        chunk=chunk, ids=ids, flight=flight, jobs=jobs, finals=told, since=now, queued=waiting
    )


def forget_attempts(claim: Claim) -> None:
    """After the commit of a claim: the map may forget the attempts that put readers off."""
    if claim.queued:
        for slot, reader in enumerate(claim.ids):
            if reader in claim.queued:
                claim.flight[slot] = Mark.UNTRIED


def put_down(session: Session, claim: Claim, *, owner: str, base_s: float) -> None:
    """Settle a chunk whose results are all written. Raises Conflict where it is no longer ours."""
    state, due = claim.standing(base_s=base_s)
    if not chunks.settle(session, claim.chunk, owner=owner, state=state, due_at=due):
        raise Conflict(f"chunk {claim.chunk.no} of send {claim.chunk.send_id} is no longer ours")
