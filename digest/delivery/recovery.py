"""One chunk of a send: what its map and its rows say about each reader, and what is still to do."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence

from digest.delivery import verdicts
from digest.delivery.flight import FlightMap, Mark
from digest.delivery.verdicts import Job, Terms
from digest.errors import TryLater
from digest.model import FINAL, DeliveryState, SubscriberId, UncertainPolicy
from digest.store.chunks import Chunk
from digest.store.deliveries import Delivery

Rows = Mapping[SubscriberId, Delivery]


def recovered(
    ids: Sequence[SubscriberId], rows: Rows, flight: FlightMap, terms: Terms, *, now: dt.datetime
) -> Iterator[Delivery]:
    """What an earlier process knew and had not written: the rows that the map's marks call for."""
    for slot, reader in enumerate(ids):
        row, mark = rows.get(reader), flight[slot]
        if mark is Mark.UNTRIED or (row is not None and row.state in FINAL):
            continue
        yield _meaning(_job(slot, reader, row), mark, terms, now=now, batch=flight.label(slot))


def _meaning(job: Job, mark: Mark, terms: Terms, *, now: dt.datetime, batch: str) -> Delivery:
    if mark is Mark.ACCEPTED:
        return verdicts.accepted(job, now=now)
    if mark is Mark.REFUSED:
        return verdicts.refused(job, "refused; the reply was lost in a crash", now=now)
    if mark is Mark.LATER:
        lost = TryLater("deferred; the reply was lost in a crash")
        return verdicts.later(job, lost, terms, now=now)
    return verdicts.doubt(job, "the sender was killed", terms, now=now, batch=batch)


def orphaned(
    ids: Sequence[SubscriberId], rows: Rows, chunk: Chunk, terms: Terms, *, now: dt.datetime
) -> Iterator[Delivery]:
    """What is known of a chunk whose sender is gone with its map: only how far it may have come.

    Of the readers up to its write-ahead, those without a final row, and who were due when it began,
    may have been handed over; the others surely were not. Who was with whom in a request is not known any
    more, so none can be made again as it was.
    """
    begun, why = chunk.claimed_at or now, "the sender was lost with its machine"
    for slot, reader in enumerate(ids[: chunk.ahead]):
        row = rows.get(reader)
        untouched = row is not None and row.due_at is not None and row.due_at > begun
        if untouched or (row is not None and row.state in FINAL):
            continue
        job = _job(slot, reader, row)
        if terms.policy is UncertainPolicy.REPLAY:
            yield verdicts.held(job, why, now=now)
        else:
            yield verdicts.doubt(job, why, terms, now=now)


def in_doubt(
    ids: Sequence[SubscriberId], rows: Rows, *, why: str, now: dt.datetime
) -> Iterator[Delivery]:
    """Everybody without a final row: nobody knows what became of them elsewhere."""
    for slot, reader in enumerate(ids):
        row = rows.get(reader)
        if row is None or row.state not in FINAL:
            yield verdicts.held(_job(slot, reader, row), why, now=now)


def jobs(ids: Sequence[SubscriberId], rows: Rows, *, now: dt.datetime) -> list[Job]:
    """The readers who can be mailed now: never tried, or deferred and due."""
    if not rows:
        return [Job(slot, reader) for slot, reader in enumerate(ids)]
    due = _dues(rows)
    found = []
    for slot, reader in enumerate(ids):
        row = rows.get(reader)
        if row is None or (reader in due and due[reader] <= now):
            found.append(_job(slot, reader, row))
    return sorted(found, key=_company)


def _company(job: Job) -> str:
    """Those who were in one request stand together; the others keep their order."""
    return job.replay.batch if job.in_doubt and job.replay else ""


def _dues(rows: Rows) -> dict[SubscriberId, dt.datetime]:
    """When each deferred reader is due; those of one request when the last of them is."""
    companies: dict[str, list[Delivery]] = {}
    for row in rows.values():
        if row.state is DeliveryState.QUEUED:
            job = _job(0, row.subscriber_id, row)
            companies.setdefault(_company(job) or str(job.id), []).append(row)
    return {
        row.subscriber_id: max(one.due_at or one.at for one in company)
        for company in companies.values()
        for row in company
    }


def _job(slot: int, reader: SubscriberId, row: Delivery | None) -> Job:
    return Job(slot, reader, row.attempts, row.reply, row.first_at) if row else Job(slot, reader)


def next_due(rows: Rows, *, base_s: float) -> dt.datetime | None:
    """When the deferred readers are worth another round: soon after the first, with those close behind."""
    due = _dues(rows).values()
    if not due:
        return None
    return min(max(due), min(due) + dt.timedelta(seconds=base_s / 2))
