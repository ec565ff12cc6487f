"""A house out of a backup: what its sends knew is written down, and nothing of it leaves before a person says so.

The backup is of one moment; the house that it was made of may have gone on. So every send that was not
over is held, and all its readers without a result are in doubt and stay so, unless a person knows that the old
house sent nothing since: then only those who may have been on the wire.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from digest import logs
from digest.delivery import recovery
from digest.delivery.flight import FlightMap
from digest.delivery.verdicts import Terms
from digest.model import FINAL, DeliveryState, SubscriberId, UncertainPolicy
from digest.store import chunks, deliveries, events, notices, sends, wishes
from digest.store.chunks import Chunk, ChunkState
from digest.store.deliveries import Delivery
from digest.store.engine import Session
from digest.store.sends import Pause, Send

log = logs.get(__name__)

#: Who paused them: a person's pause, which nothing but a person's word lifts.
BY = "restore"
#: How the reason begins; `remedies.py` knows it again.
REASON = "restored from a backup of"
SINCE = "the house that the backup is of may have sent it since"
NOT_SENT = "not sent after a restore: the house that the backup is of may have sent it"

#: Whatever the newsletter's own rule: nobody is sent a second copy by a restore.
_TERMS = Terms(policy=UncertainPolicy.HOLD, base_s=60.0, give_up_s=48 * 3600.0)


@dataclass(frozen=True, slots=True)
class Backup:
    """What a restore knows. maps: the folder of the state maps. last_word: the old house sent nothing since."""

    maps: Path
    made_at: dt.datetime
    last_word: bool = False


@dataclass(frozen=True, slots=True)
class Held:
    """One send that waits for a person: how many readers stand where; `waiting` surely had nothing."""

    send: Send
    counts: dict[DeliveryState, int]

    @property
    def waiting(self) -> int:
        return self.send.audience - sum(self.counts[state] for state in FINAL)


@dataclass(frozen=True, slots=True)
class Settled:
    """What a restore held back: sends, notices that were not sent, wishes that nobody had looked at."""

    sends: tuple[Held, ...]
    notices: int
    wishes: int


def settle(session: Session, backup: Backup, *, now: dt.datetime) -> Settled:
    """Hold back all that might leave a second time."""
    held = tuple(_hold(session, send, backup, now=now) for send in sends.unfinished(session))
    return Settled(held, notices.give_up_all(session, why=NOT_SENT), wishes.drop_all(session))


def _hold(session: Session, send: Send, backup: Backup, *, now: dt.datetime) -> Held:
    for chunk in chunks.left(session, send.id):
        ids = chunks.reader_ids(session, chunk)
        rows = deliveries.of_range(session, chunk.send_id, chunk.lo, chunk.hi)
        found = _known(send, chunk, ids, rows, backup, now=now)
        if not backup.last_word:
            rows.update((one.subscriber_id, one) for one in found)
            found += recovery.in_doubt(ids, rows, why=SINCE, now=now)
        deliveries.put(session, send.id, found)
        waits = chunk.state is ChunkState.HELD  # for its subject, whatever became of its readers
        if not waits and (found or chunk.state is ChunkState.CLAIMED):
            chunks.let_go(session, chunk)
    reason = (
        f"{REASON} {backup.made_at:%d %b %Y %H:%M:%S} UTC: who was mailed later is not known here"
    )
    sends.hold(session, send.id, Pause(reason=reason, by=BY, at=now))
    events.record(session, at=now, actor=BY, action="held the send", subject=f"send {send.id}")
    log.warning("a send is held after a restore", send=send.id, audience=send.audience)
    return Held(send, deliveries.counts(session, send.id))


def _known(
    send: Send,
    chunk: Chunk,
    ids: tuple[SubscriberId, ...],
    rows: Mapping[SubscriberId, Delivery],
    backup: Backup,
    *,
    now: dt.datetime,
) -> list[Delivery]:
    """What the map of a chunk says of its readers; without one, all of a chunk in hand are in doubt.

    A map is a little newer than the database, so also one of a chunk that nobody had in hand tells the truth.
    """
    flight = FlightMap.copied(backup.maps, send, chunk, ids)
    if flight is not None:
        found = list(recovery.recovered(ids, rows, flight, _TERMS, now=now))
        flight.close(remove=False)
        return found
    if chunk.state is ChunkState.CLAIMED:
        whole = dataclasses.replace(chunk, ahead=len(ids))
        return list(recovery.orphaned(ids, rows, whole, _TERMS, now=now))
    return []
