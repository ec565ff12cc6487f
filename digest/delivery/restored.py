"""A house out of a backup: what its sends knew is written down, and nothing of it leaves before a person says so.

The backup is of one moment; the house that it was made of may have gone on. So every send that was not
over is held, and who may have been on the wire is in doubt and stays so.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from dataclasses import dataclass
from pathlib import Path

from digest import logs
from digest.delivery import recovery
from digest.delivery.flight import FlightMap
from digest.delivery.verdicts import Terms
from digest.model import FINAL, DeliveryState, UncertainPolicy
from digest.store import chunks, deliveries, events, notices, sends, wishes
from digest.store.chunks import Chunk, ChunkState
from digest.store.engine import Session
from digest.store.sends import Pause, Send

log = logs.get(__name__)

#: Who paused them: a person's pause, which nothing but a person's word lifts.
BY = "restore"
#: How the reason begins; `remedies.py` knows it again.
REASON = "restored from a backup of"
NOT_SENT = "not sent after a restore: the house that the backup is of may have sent it"

#: Whatever the newsletter's own rule: nobody is sent a second copy by a restore.
_TERMS = Terms(policy=UncertainPolicy.HOLD, base_s=60.0, give_up_s=48 * 3600.0)


@dataclass(frozen=True, slots=True)
class Held:
    """One send that waits for a person: how many readers stand where; `waiting` had no result by then."""

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


def settle(session: Session, maps: Path, *, made_at: dt.datetime, now: dt.datetime) -> Settled:
    """Hold back all that might leave a second time. maps: the state maps of the backup."""
    held = tuple(
        _hold(session, send, maps, made_at=made_at, now=now) for send in sends.unfinished(session)
    )
    return Settled(held, notices.give_up_all(session, why=NOT_SENT), wishes.drop_all(session))


def _hold(
    session: Session, send: Send, maps: Path, *, made_at: dt.datetime, now: dt.datetime
) -> Held:
    for chunk in chunks.left(session, send.id):
        _write_down(session, send, chunk, maps, now=now)
    reason = f"{REASON} {made_at:%d %b %Y %H:%M:%S} UTC: who was mailed later is not known here"
    sends.hold(session, send.id, Pause(reason=reason, by=BY, at=now))
    events.record(session, at=now, actor=BY, action="held the send", subject=f"send {send.id}")
    counts = deliveries.counts(session, send.id)
    log.warning("a send is held after a restore", send=send.id, audience=send.audience)
    return Held(send, {state: counts.get(state, 0) for state in DeliveryState})


def _write_down(
    session: Session, send: Send, chunk: Chunk, maps: Path, *, now: dt.datetime
) -> None:
    """What the map of a chunk says of its readers; without one, all of a chunk in hand are in doubt.

    A map is a little newer than the database, so also one of a chunk that nobody had in hand tells the truth.
    """
    ids = chunks.reader_ids(session, chunk)
    flight = FlightMap.copied(maps, send, chunk, ids)
    in_hand = chunk.state is ChunkState.CLAIMED
    if flight is None and not in_hand:
        return
    rows = deliveries.of_range(session, chunk.send_id, chunk.lo, chunk.hi)
    if flight is not None:
        found = list(recovery.recovered(ids, rows, flight, _TERMS, now=now))
        flight.close(remove=False)
    else:
        whole = dataclasses.replace(chunk, ahead=len(ids))
        found = list(recovery.orphaned(ids, rows, whole, _TERMS, now=now))
    deliveries.put(session, send.id, found)
    if in_hand:
        chunks.let_go(session, chunk)
