"""What an answer means for a reader's row: pure, so that the promise can be read and tested in one place."""

from __future__ import annotations

import dataclasses
import datetime as dt
import re
from dataclasses import dataclass
from typing import NamedTuple

from digest.errors import TryLater
from digest.model import DeliveryState, SubscriberId, UncertainPolicy
from digest.store.deliveries import Delivery

ACCEPTED, FAILED, QUEUED = DeliveryState.ACCEPTED, DeliveryState.FAILED, DeliveryState.QUEUED
SKIPPED, UNCERTAIN = DeliveryState.SKIPPED, DeliveryState.UNCERTAIN

#: What stands in the row of a reader who is sent a second copy because the first one's fate is unknown.
SENT_AGAIN = "uncertain: sent once more with the same Message-ID"
#: And of one whose request is made again: by whom, until when the provider knows it, in which company.
REPLAYED = "uncertain: replayed by {provider} until {until}{batch}"
_REPLAYED = re.compile(r"uncertain: replayed by (\S+) until (\S+?)(?:, batch (\S+))?")
HANDED_OVER = "handed over; the answer was lost"

#: Minutes, at the default base of 60 s, before each next attempt (RFC 5321 §4.5.4.1); the last repeats.
RETRY_FACTORS = (1, 5, 30, 120)

#: Ten years: a provider of ours that never forgets a key.
LONGEST_REPLAY_S = 10 * 365 * 86_400.0

#: A message that raised what nobody expected is tried this often, then put aside.
QUARANTINE = 3
_UNEXPECTED = re.compile(r"unexpected \((\d+)\): ")


class Job(NamedTuple):
    """One reader to be mailed: the slot in the map, how often and since when it was tried, its row's note."""

    slot: int
    id: SubscriberId
    attempts: int = 0
    note: str | None = None
    first_at: dt.datetime | None = None

    @property
    def in_doubt(self) -> bool:
        """True where a first copy may have arrived: nothing but an acceptance makes that certain."""
        return self.note is not None and self.note.startswith("uncertain: ")

    @property
    def replay(self) -> Replay | None:
        """What its request must look like, where it is made again."""
        found = _REPLAYED.fullmatch(self.note or "")
        if found is None:
            return None
        return Replay(found[1], dt.datetime.fromisoformat(found[2]), found[3] or "")


@dataclass(frozen=True, slots=True)
class Replay:
    """A request that is made again: by which provider, until when, and the label of its batch."""

    provider: str
    until: dt.datetime
    batch: str


@dataclass(frozen=True, slots=True)
class Terms:
    """The rules of one send by one provider. base_s: seconds before the first retry.

    give_up_s: a reader is tried for so long, counted from the first attempt: a send that its pace spreads
    over days gives the last one as much time as the first. replay_s: for how long the provider knows a key
    again, where the policy is to replay.
    """

    policy: UncertainPolicy
    base_s: float
    give_up_s: float
    provider: str = ""
    replay_s: float = 24 * 3600.0

    def give_up_at(self, job: Job, now: dt.datetime) -> dt.datetime:
        """When it is too late for this reader."""
        return (job.first_at or now) + dt.timedelta(seconds=self.give_up_s)


def retry_at(
    now: dt.datetime, attempts: int, *, base_s: float, asked_s: float | None = None
) -> dt.datetime:
    """When attempt number `attempts` is followed by the next, never before the provider asked for."""
    factor = RETRY_FACTORS[min(max(attempts, 1), len(RETRY_FACTORS)) - 1]
    return now + dt.timedelta(seconds=max(base_s * factor, asked_s or 0.0))


def accepted(job: Job, *, now: dt.datetime) -> Delivery:
    """The next server has it. Its words are not kept: a million of them say the same."""
    return _row(job, ACCEPTED, None, now=now)


def refused(job: Job, reply: str, *, now: dt.datetime) -> Delivery:
    """Never; but where a first copy may have arrived, nobody can say that it failed."""
    return _final(job, FAILED, reply, now=now)


def ended(job: Job, by: str, *, now: dt.datetime) -> Delivery:
    """The send was cancelled before this reader's turn; one in doubt stays so."""
    row = _final(job, SKIPPED, f"cancelled by {by}", now=now)
    return _changed(row, attempts=job.attempts)


def skipped(job: Job, *, now: dt.datetime) -> Delivery:
    """Left, was suppressed or erased since the freeze; not handed over, so no attempt."""
    row = _final(job, SKIPPED, "left or was suppressed since", now=now)
    return _changed(row, attempts=job.attempts)


def later(job: Job, error: TryLater, terms: Terms, *, now: dt.datetime) -> Delivery:
    """Deferred, until it is too late for a weekly's news."""
    attempts, end = job.attempts + 1, terms.give_up_at(job, now)
    if now >= end:
        reply = f"given up after {attempts} attempts: {error.reply}"
        return _final(job, FAILED, reply, now=now)
    due = retry_at(now, attempts, base_s=terms.base_s, asked_s=error.wait_s)
    note = job.note if job.in_doubt else error.reply
    return _row(job, QUEUED, note, now=now, due_at=min(due, end))


def doubt(job: Job, reply: str, terms: Terms, *, now: dt.datetime, batch: str = "") -> Delivery:
    """Handed over and not answered. `resend` sends one more copy; a second doubt is held.

    `replay` makes the same request again for as long as the provider knows it. batch: the label of the
    request that it was in, where it was not alone.
    """
    due = retry_at(now, job.attempts + 1, base_s=terms.base_s)
    note = _again(job, terms, now=now, batch=batch)
    if note is None or now >= terms.give_up_at(job, now):
        words = f"{HANDED_OVER}: {reply}" if reply else HANDED_OVER
        return _row(job, UNCERTAIN, words, now=now)
    return _row(job, QUEUED, note, now=now, due_at=due)


def _again(job: Job, terms: Terms, *, now: dt.datetime, batch: str) -> str | None:
    """What stands in the row of a reader who is tried again although in doubt; None: held."""
    if terms.policy is UncertainPolicy.RESEND:
        return None if job.in_doubt else SENT_AGAIN
    if terms.policy is not UncertainPolicy.REPLAY or job.note == SENT_AGAIN:
        return None
    before = job.replay
    if before is not None:
        return job.note if replayable(before, terms, now=now) else None
    known_s = min(terms.replay_s, LONGEST_REPLAY_S)
    until = (now + dt.timedelta(seconds=known_s)).replace(microsecond=0)
    where = f", batch {batch}" if batch else ""
    return REPLAYED.format(provider=terms.provider, until=until.isoformat(), batch=where)


def replayable(replay: Replay, terms: Terms, *, now: dt.datetime) -> bool:
    """True while the same request to the same provider is harmless."""
    replays = terms.policy is UncertainPolicy.REPLAY and replay.provider == terms.provider
    return replays and now < replay.until


def held(job: Job, why: str, *, now: dt.datetime) -> Delivery:
    """In doubt, and nothing more can be done about it by itself. It is no attempt."""
    row = _row(job, UNCERTAIN, f"{HANDED_OVER}; {why}", now=now)
    return _changed(row, attempts=job.attempts)


def unexpected(job: Job, error: Exception, terms: Terms, *, now: dt.datetime) -> Delivery:
    """An error of ours about one message that was not handed over: three times, then put aside."""
    found = _UNEXPECTED.match(job.note or "")
    times = int(found[1]) + 1 if found else 1
    if times >= QUARANTINE or job.in_doubt:
        return _final(job, FAILED, f"quarantined: {error!r}", now=now)
    due = retry_at(now, times, base_s=terms.base_s)
    return _row(job, QUEUED, f"unexpected ({times}): {error!r}", now=now, due_at=due)


def _final(job: Job, state: DeliveryState, reply: str, *, now: dt.datetime) -> Delivery:
    if job.in_doubt:
        return _row(job, UNCERTAIN, f"{HANDED_OVER}; then {state.value}: {reply}", now=now)
    return _row(job, state, reply, now=now)


def _row(
    job: Job,
    state: DeliveryState,
    reply: str | None,
    *,
    now: dt.datetime,
    due_at: dt.datetime | None = None,
) -> Delivery:
    return Delivery(
        subscriber_id=job.id,
        state=state,
        attempts=job.attempts + 1,
        at=now,
        reply=reply[:500] if reply else reply,
        due_at=due_at,
        first_at=(job.first_at or now) if state is QUEUED else None,
    )


def _changed(row: Delivery, *, attempts: int) -> Delivery:
    return dataclasses.replace(row, attempts=attempts)
