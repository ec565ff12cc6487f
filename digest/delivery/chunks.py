"""One chunk of a send: what its map and its rows say about each reader, and what is still to do."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

from digest.delivery.flight import FlightMap, Mark
from digest.model import FINAL, DeliveryState, Reader, SubscriberId, UncertainPolicy
from digest.store.deliveries import Delivery

#: What stands in the row of a reader who is sent a second copy because the first one's fate is unknown.
SENT_AGAIN = "uncertain: sent once more with the same Message-ID"
HANDED_OVER = "handed over; the answer was lost"


@dataclass(frozen=True, slots=True)
class Job:
    """One reader to be mailed: the slot in the map, how often it was tried, and its row's note."""

    slot: int
    reader: Reader
    attempts: int
    note: str | None = None

    @property
    def sent_again(self) -> bool:
        """True where this is the one second copy that `resend` allows."""
        return self.note == SENT_AGAIN


def recovered(
    readers: list[Reader],
    rows: dict[SubscriberId, Delivery],
    flight: FlightMap,
    *,
    policy: UncertainPolicy,
    now: dt.datetime,
) -> Iterator[Delivery]:
    """What an earlier process knew and had not written: the rows that the map's marks call for."""
    for slot, reader in enumerate(readers):
        row = rows.get(reader.id)
        if row is not None and row.state in FINAL:
            continue
        state, reply = _meaning(flight[slot], row, policy)
        if state is not None:
            yield Delivery(
                subscriber_id=reader.id,
                state=state,
                attempts=(row.attempts if row else 0) + 1,
                at=now,
                reply=reply,
                due_at=now if state is DeliveryState.QUEUED else None,
            )


def _meaning(
    mark: Mark, row: Delivery | None, policy: UncertainPolicy
) -> tuple[DeliveryState | None, str | None]:
    if mark is Mark.ACCEPTED:
        return DeliveryState.ACCEPTED, None
    if mark is Mark.REFUSED:
        return DeliveryState.FAILED, "refused; the reply was lost in a crash"
    if mark is Mark.LATER:
        return DeliveryState.QUEUED, "deferred; the reply was lost in a crash"
    if mark is Mark.HANDED:
        return in_doubt(policy, sent_again=row is not None and row.reply == SENT_AGAIN)
    return None, None


def in_doubt(policy: UncertainPolicy, *, sent_again: bool) -> tuple[DeliveryState, str]:
    """What becomes of a message that was handed over and not answered, by policy.

    `resend` does it once: a second doubt about the same reader is held.
    """
    if policy is UncertainPolicy.REPLAY:
        return DeliveryState.QUEUED, "replayed under the same key"
    if policy is UncertainPolicy.RESEND and not sent_again:
        return DeliveryState.QUEUED, SENT_AGAIN
    return DeliveryState.UNCERTAIN, HANDED_OVER


def jobs(
    readers: list[Reader], rows: dict[SubscriberId, Delivery], *, now: dt.datetime
) -> list[Job]:
    """The readers who can be mailed now: never tried, or deferred and due."""
    found = []
    for slot, reader in enumerate(readers):
        row = rows.get(reader.id)
        if row is None:
            found.append(Job(slot, reader, 0))
        elif row.state is DeliveryState.QUEUED and (row.due_at is None or row.due_at <= now):
            found.append(Job(slot, reader, row.attempts, row.reply))
    return found


#: Minutes, at the default base of 60 s, before each next attempt (RFC 5321 §4.5.4.1); the last repeats.
RETRY_FACTORS = (1, 5, 30, 120)


def retry_at(
    now: dt.datetime, attempts: int, *, base_s: float, asked_s: float | None
) -> dt.datetime:
    """When a deferred reader is tried again, never before the provider asked for."""
    factor = RETRY_FACTORS[min(attempts, len(RETRY_FACTORS)) - 1]
    return now + dt.timedelta(seconds=max(base_s * factor, asked_s or 0.0))
