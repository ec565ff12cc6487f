"""What a person does to a send on its way: pause it, let it go on, end it, have the rest sent again.

Each leaves a line in the audit log. A running sender hears of it within a second; what is on the wire
is finished first.
"""

from __future__ import annotations

import datetime as dt
import time
from typing import NamedTuple

from digest.audience.bounces import Verdict
from digest.delivery import claims, finish, verdicts
from digest.delivery.claims import Claim
from digest.delivery.flight import Busy, FlightMap
from digest.delivery.house import DeliveryHouse
from digest.delivery.owner import owner_of
from digest.delivery.verdicts import SENT_AGAIN, Job, Terms
from digest.errors import Conflict, NotFound
from digest.model import DeliveryState, Issue, IssueStatus, UncertainPolicy
from digest.store import chunks, deliveries, events, issues, refusals, rests, sends
from digest.store.chunks import Chunk
from digest.store.engine import Session
from digest.store.locks import ChunkLocks
from digest.store.sends import Pause, Send, SendStatus

#: How long `cancel` waits for a running sender to put its chunks down, in seconds.
PATIENCE_S = 20.0

#: What stands beside a copy that was not refused, or is no matter of the copy.
NOT_OF_A_REFUSAL = (Verdict.DELIVERED, Verdict.LEFT, Verdict.COMPLAINT)

FAILED, UNCERTAIN = DeliveryState.FAILED, DeliveryState.UNCERTAIN


class Resent(NamedTuple):
    """How many are in line again. paused: they wait until somebody resumes the send. suppressed: left out."""

    failed: int
    uncertain: int
    paused: bool
    suppressed: int = 0


def pause(
    house: DeliveryHouse, issue: Issue, *, by: str, why: str, now: dt.datetime, actor: str = ""
) -> None:
    """Hand nothing more over until somebody resumes it, also where the program had paused it.

    by: the name that others are told. actor: the same person in the audit log, where that is another word.

    Raises Conflict where it is over, or paused by a person already.
    """
    reason = f"paused by {by}" + (f": {why}" if why else "")
    with house.database.write() as session:
        send = _locked(session, issue)
        if not sends.hold(session, send.id, Pause(reason=reason, by=by, at=now)):
            raise Conflict(f"the send of {issue.period} is {_told(send)}")
        _record(session, issue, actor or by, "paused the send", now=now, why=why)


def resume(house: DeliveryHouse, issue: Issue, *, by: str, now: dt.datetime) -> str:
    """Let a paused send go on; returns why it had stopped. Raises Conflict where it is not paused."""
    with house.database.write() as session:
        send = _locked(session, issue)
        if send.status is not SendStatus.PAUSED:
            raise Conflict(f"the send of {issue.period} is {_told(send)}")
        _resume(session, issue, send, by=by, now=now)
    house.rests.clear()
    return send.reason


def go_on(house: DeliveryHouse, issue: Issue, *, by: str, now: dt.datetime) -> Send:
    """Let a send go on that the program stopped for a person; returns how it stood.

    One that goes on by itself is left alone. Raises Conflict where a person paused it.
    """
    with house.database.write() as session:
        send = _locked(session, issue)
        if send.paused_by:
            raise Conflict(
                f"the send of {issue.period} is {send.reason}; only `digest resume` lets it go on"
            )
        lifts = send.status is SendStatus.PAUSED and send.resume_at is None
        if lifts:
            _resume(session, issue, send, by=by, now=now)
    if lifts:
        house.rests.clear()
    return send


def _resume(session: Session, issue: Issue, send: Send, *, by: str, now: dt.datetime) -> None:
    sends.resume(session, send.id, now=now)
    rests.end_all(session)
    stopped = "by a person" if send.paused_by else send.reason  # who, says the line of the pause
    _record(session, issue, by, "resumed the send", now=now, stopped=stopped)


def ask_again(house: DeliveryHouse, *, by: str, now: dt.datetime) -> int:
    """Have every provider asked again now: none rests any more. Returns how many did.

    A send that the program paused for such a rest goes on; one that waits for a person waits.
    """
    with house.database.write() as session:
        resting = [one.provider for one in rests.now_resting(session, now=now)]
        rests.ask_again(session, now=now)
        sends.hasten(session, resting, now=now)
        data = {"rested": ", ".join(resting)}
        events.record(session, at=now, actor=by, action="had providers asked again", data=data)
    house.rests.clear()
    return len(resting)


def cancel(
    house: DeliveryHouse, issue: Issue, *, by: str, now: dt.datetime, actor: str = ""
) -> int:
    """End a send: who was not handed over yet is skipped. Returns how many; what was sent stays sent.

    by, actor: as in `pause`.

    Raises Conflict where it is over already, or where messages are still on the wire: then it is paused.
    """
    with house.database.write() as session:
        send = _locked(session, issue)
        if send.status is SendStatus.DONE:
            raise Conflict(f"the send of {issue.period} is {_told(send)}")
        sends.hold(session, send.id, Pause(reason=f"cancelled by {by}", by=by, at=now))
        _record(session, issue, actor or by, "cancelled the send", now=now)
    with ChunkLocks(house.database) as locks:
        skipped = _Cancelling(house, send, locks, by).skip_the_rest()
    with house.database.write() as session:
        sends.cancelled(session, send.id, by=by)
        sends.resume(session, send.id, now=house.clock())
    finish.finish(house, now=house.clock())
    return skipped


def resend(
    house: DeliveryHouse, issue: Issue, *, by: str, uncertain: bool, now: dt.datetime
) -> Resent:
    """Put the failed in line again, and the uncertain where the person says so.

    Who was suppressed is left out and keeps state and reply; who has left is skipped. An uncertain reader
    may get a second copy: under the same Message-ID. A paused send stays paused. Raises Conflict where there
    is nobody to send to, and while the send is on its way: its senders would not hear of it.
    """
    with house.database.write() as session:
        send = _locked(session, issue)
        moves = send.status is SendStatus.OPEN and not chunks.is_worked_through(session, send.id)
        if moves or chunks.any_in_hand(session, send.id):
            raise Conflict(
                f"the send of {issue.period} is on its way: wait for its end, or pause it"
            )
        left_out = deliveries.suppressed_in(session, send.id, FAILED, now=now)
        failed = deliveries.requeue(session, send.id, FAILED, note="sent again", now=now)
        refusals.forget(session, send.id, but=NOT_OF_A_REFUSAL)
        doubtful = 0
        if uncertain:
            left_out += deliveries.suppressed_in(session, send.id, UNCERTAIN, now=now)
            doubtful = deliveries.requeue(session, send.id, UNCERTAIN, note=SENT_AGAIN, now=now)
        if not failed + doubtful:
            told = _nobody(session, issue, send, uncertain=uncertain)
            but = f"; {left_out} of them are suppressed and left out" if left_out else ""
            raise Conflict(told + but)
        sends.reopen(session, send.id, now=now)
        if send.status is SendStatus.DONE:
            issues.move(session, issue.id, to=IssueStatus.SENDING, now=now)
        _record(session, issue, by, "had it sent again", now=now, failed=failed, uncertain=doubtful)
    return Resent(failed, doubtful, send.status is SendStatus.PAUSED, left_out)


class _Cancelling:
    """Every chunk that is not done, claimed as for sending and put down with its readers skipped."""

    def __init__(self, house: DeliveryHouse, send: Send, locks: ChunkLocks, by: str) -> None:
        self.house, self.send, self.locks, self.by = house, send, locks, by
        self.owner = owner_of(house.flight)
        self.terms = Terms(UncertainPolicy.HOLD, house.retry_base_s, house.give_up_s)

    def skip_the_rest(self) -> int:
        """How many were skipped. Raises Conflict where a sender does not put its chunks down."""
        skipped, until = 0, time.monotonic() + PATIENCE_S
        while True:
            with self.house.database.read() as session:
                left = chunks.left(session, self.send.id)
            if not left:
                return skipped
            done = [self._skip(chunk) for chunk in left]
            skipped += sum(one for one in done if one is not None)
            if None in done and time.monotonic() > until:
                raise Conflict("messages are still on the wire: say it again in some minutes")
            if None in done:
                time.sleep(0.2)

    def _skip(self, chunk: Chunk) -> int | None:
        """How many of a chunk were skipped; None where another process has it."""
        if not self.locks.take(self.send.id, chunk.no):
            return None
        try:
            return self._skip_locked(chunk)
        except Busy:
            return None
        finally:
            self.locks.drop(self.send.id, chunk.no)

    def _skip_locked(self, chunk: Chunk) -> int:
        now = self.house.clock()
        with self.house.database.write() as session:
            chunk = chunks.again(session, chunk)  # its sender may have put it down since
            ids = chunks.reader_ids(session, chunk)
            flight = FlightMap.of(self.house.flight, self.send, chunk, ids, owner=self.owner)
            try:
                claim = claims.claim(
                    session, chunk, ids, flight, self.terms, owner=self.owner, now=now
                )
                rows = [verdicts.ended(job, self.by, now=now) for job in _untold(claim)]
                deliveries.put(session, self.send.id, rows)
                claim.written([], rows)
                claims.put_down(session, claim, owner=self.owner, base_s=self.terms.base_s)
            except BaseException:
                flight.close(remove=False)
                raise
        flight.close(remove=True)
        return len(rows)


def _untold(claim: Claim) -> list[Job]:
    """Who has no final state: never tried, or deferred, due or not."""
    jobs = {job.id: job for job in claim.jobs}
    for slot, reader in enumerate(claim.ids):
        row = claim.queued.get(reader)
        if row is not None:
            jobs[reader] = Job(slot, reader, row.attempts, row.reply)
    claim.jobs.clear()
    return list(jobs.values())


def _locked(session: Session, issue: Issue) -> Send:
    """The issue's send, for this transaction alone. Raises NotFound that names the issue."""
    try:
        return sends.locked(session, issue.id)
    except NotFound:
        raise NotFound(f"{issue.period} has no send: it is {issue.status}") from None


def _told(send: Send) -> str:
    over = f"over: it was cancelled by {send.cancelled_by}" if send.cancelled_by else "over"
    return {"open": "on its way", "paused": f"paused ({send.reason})", "done": over}[send.status]


def _nobody(session: Session, issue: Issue, send: Send, *, uncertain: bool) -> str:
    """Why nobody is in line again, and what there is."""
    found = deliveries.counts(session, send.id)
    told = ", ".join(f"{n} {state}" for state, n in found.items() if n) or "nobody"
    ended = f"; it was cancelled by {send.cancelled_by}" if send.cancelled_by else ""
    hint = ", --uncertain takes those in doubt" if found[UNCERTAIN] and not uncertain else ""
    return f"nobody of {issue.period} failed: there are {told}{hint}{ended}"


def _record(
    session: Session, issue: Issue, by: str, action: str, *, now: dt.datetime, **data: object
) -> None:
    subject = f"{issue.newsletter}/{issue.period}"
    events.record(session, at=now, actor=by, action=action, subject=subject, data=data)
