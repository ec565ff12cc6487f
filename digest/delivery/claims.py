"""A chunk in hand: locked, claimed, its map recovered, and put down as its rows say."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from digest import logs
from digest.delivery import chunks
from digest.delivery.chunks import Rows
from digest.delivery.flight import Busy, FlightMap, Mark
from digest.delivery.house import DeliveryHouse
from digest.delivery.verdicts import Job, Terms
from digest.errors import Conflict
from digest.model import FINAL, DeliveryState, SubscriberId
from digest.store import deliveries, locks, sends
from digest.store.deliveries import Delivery
from digest.store.engine import Session
from digest.store.sends import Chunk, ChunkState, Send

log = logs.get(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """One chunk that this process alone may send. held: whether its lock is still ours."""

    house: DeliveryHouse
    chunk: Chunk
    owner: str
    ids: tuple[SubscriberId, ...]
    flight: FlightMap
    terms: Terms
    held: Callable[[], bool]

    def recover(self) -> list[Job]:
        """Write what an earlier process left in the map; returns who is to be mailed now."""
        chunk, now = self.chunk, self.house.clock()
        with self.house.database.write() as session:
            rows = self._rows(session)
            found = list(chunks.recovered(self.ids, rows, self.flight, self.terms, now=now))
            deliveries.put(session, chunk.send_id, found)
        if found:
            log.warning("recovered", send=chunk.send_id, chunk=chunk.no, readers=len(found))
        for one in found:
            self.written(one)
        rows.update((one.subscriber_id, one) for one in found)
        return chunks.jobs(self.ids, rows, now=now)

    def written(self, result: Delivery) -> None:
        """A deferred reader's row is committed: the map may forget the attempt that it tells."""
        if result.state is DeliveryState.QUEUED:
            self.flight[self.ids.index(result.subscriber_id)] = Mark.UNTRIED

    def put_down(self) -> None:
        """Settle the chunk as its rows say: done, waiting for deferred readers, or open.

        Raises Conflict where the map knows more than the rows: then neither may go.
        """
        chunk = self.chunk
        with self.house.database.write() as session:
            rows = self._rows(session)
            if chunks.unwritten(self.ids, rows, self.flight):
                raise Conflict(f"chunk {chunk.no} of send {chunk.send_id} has unwritten results")
            state, due = self._standing(rows)
            if not sends.settle(session, chunk, owner=self.owner, state=state, due_at=due):
                raise Conflict(f"chunk {chunk.no} of send {chunk.send_id} is no longer ours")

    def _standing(self, rows: Rows) -> tuple[ChunkState, dt.datetime | None]:
        told = [row for row in (rows.get(one) for one in self.ids) if row is not None]
        if len(told) < len(self.ids):
            return ChunkState.OPEN, None
        if all(row.state in FINAL for row in told):
            return ChunkState.DONE, None
        return ChunkState.WAITING, chunks.next_due(rows, base_s=self.terms.base_s)

    def _rows(self, session: Session) -> dict[SubscriberId, Delivery]:
        return deliveries.of_range(session, self.chunk.send_id, self.chunk.lo, self.chunk.hi)


@contextmanager
def claimed(
    house: DeliveryHouse, send: Send, chunk: Chunk, *, owner: str, terms: Terms
) -> Iterator[Claim]:
    """Hold a chunk for as long as the block lasts, and put it down if it ends well.

    Raises Busy where another process has it, Conflict where its map cannot be trusted. If the block
    raises, the claim and the map stay for whoever comes next on this folder.
    """
    with locks.chunk_lock(house.database, send.id, chunk.no) as held:
        if held is None:
            raise Busy(f"chunk {chunk.no} is being sent by another process")
        with house.database.read() as session:
            ids = sends.reader_ids(session, chunk)
        flight = _map_of(house, send, chunk, ids, owner=owner)
        remove = False
        try:
            with house.database.write() as session:
                remove = not sends.claim(session, chunk, owner=owner)
            if remove:
                raise Busy(f"chunk {chunk.no} is done, or its map lies on another machine")
            claim = Claim(
                house=house,
                chunk=chunk,
                owner=owner,
                ids=ids,
                flight=flight,
                terms=terms,
                held=held,
            )
            yield claim
            claim.put_down()
            remove = True
        finally:
            flight.close(remove=remove)


def _map_of(
    house: DeliveryHouse, send: Send, chunk: Chunk, ids: tuple[SubscriberId, ...], *, owner: str
) -> FlightMap:
    identity = f"{send.id} {chunk.no} {send.edition_id} {send.cut_off.isoformat()}"
    used = chunk.state is ChunkState.CLAIMED and chunk.owner == owner
    name = f"{send.id}-{chunk.no}"
    return FlightMap.open(house.flight, name, ids, identity=identity, used=used)
