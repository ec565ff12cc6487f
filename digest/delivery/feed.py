"""What the channels of one send draw from: readers one after another, and their answers taken in.

Everything here happens on the event loop and never waits: the journal's ticks bring the readers whose
turn it is and carry the results to the ledger. The map of each chunk follows every message.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from digest import logs
from digest.delivery import verdicts
from digest.delivery.choices import Arms, Made
from digest.delivery.claims import Claim
from digest.delivery.flight import Mark
from digest.delivery.ticking import Ticking
from digest.delivery.ticks import Next
from digest.delivery.verdicts import Job
from digest.errors import Refused, SendHalted, TryLater, Uncertain
from digest.model import Message, UncertainPolicy
from digest.store.deliveries import Delivery

log = logs.get(__name__)

#: How often one message may break its channel before it is deferred, so that it cannot hold up the others.
BREAKS = 4

#: How many channels may break in a row, with nothing accepted between them, before sending rests.
PATIENCE = 12


@dataclass(kw_only=True)
class SendFeed(Ticking):
    """The feed of one send to one provider; see protocols.Feed. progress: messages that had an answer."""

    compiled: Made | Arms
    progress: int = 0
    _breaks: dict[str, int] = field(default_factory=dict)
    _broke_in_a_row: int = 0

    # ------------------------------------------------------------ drawing

    @property
    def overlaps(self) -> bool:
        return self.journal.terms.policy is not UncertainPolicy.RESEND

    def next(self) -> Message | None:
        while self._ready:
            if self._stopped:
                return None
            if self._loop.time() - self._looks[0][0] > self._stale_s:
                self._send_back()
                return None
            message = self._draw()
            if message is not None:
                return message
        self._wanted.set()
        return None

    def _draw(self) -> Message | None:
        """The next one who is ready; None where its message cannot be made."""
        drawn = self._ready.popleft()
        looked, left = self._looks.popleft()
        if left > 1:
            self._looks.appendleft((looked, left - 1))
        message = self._made(drawn)
        if message is not None:
            self._drawn[message.key] = drawn
        if len(self._ready) < self._low:
            self._wanted.set()
        return message

    def take(self, most: int) -> list[Message]:
        """See Feed. In the order of one chunk, so that the same request can be made again."""
        first = self.next()
        if first is None:
            return []
        company, found = self._company_of(self._drawn[first.key]), [first]
        while self._ready and (first.batch or len(found) < most):
            if not company or self._company_of(self._ready[0]) != company:
                break
            message = self._draw()
            if message is not None:
                found.append(message)
        return sorted(found, key=self._slot_of)

    def _company_of(self, drawn: Next) -> tuple[int, str, str] | None:
        """Who may go in one request: of one chunk and one choice, and whoever was in one before. None: goes alone again."""
        claim, job, reader = drawn
        if job.in_doubt and job.replay and not job.replay.batch:
            return None
        batch = self._batch_of(drawn)
        return claim.chunk.no, batch, "" if batch else reader.choice

    def _slot_of(self, message: Message) -> int:
        return self._drawn[message.key][1].slot

    async def more(self) -> bool:
        while not (self._over or self._stopped):
            if self._ready:
                return True
            waiter = self._loop.create_future()
            self._waiters.append(waiter)
            self._wanted.set()
            await waiter
        return False

    def _made(self, drawn: Next) -> Message | None:
        claim, job, reader = drawn
        try:
            made = self.compiled
            if isinstance(made, Arms):
                made = made.of(claim.chunk)
            if job.note is None:
                return made.message(reader)
            batch = self._batch_of(drawn)
            return made.message(reader, careful=job.in_doubt, batch=batch)
        except Refused as error:
            self._fail(claim, job, error.reply)
        except Exception as error:
            self._odd(claim, job, error)
        return None

    @staticmethod
    def _batch_of(drawn: Next) -> str:
        job = drawn[1]
        return job.replay.batch if job.in_doubt and job.replay else ""

    def _send_back(self) -> None:
        """Too long since it was looked who has left: look again before anybody is mailed."""
        self._returned += self._ready
        self._ready.clear()
        self._looks.clear()
        self._wanted.set()

    # ------------------------------------------------------------ answers

    def handed(self, *messages: Message) -> None:
        if len(messages) == 1:
            claim, job, _ = self._drawn[messages[0].key]
            claim.flight.alone(job.slot)
            return
        together: dict[int, tuple[Claim, list[int]]] = {}
        for message in messages:
            claim, job, _ = self._drawn[message.key]
            together.setdefault(id(claim), (claim, []))[1].append(job.slot)
        for claim, slots in together.values():
            claim.flight.together(slots)

    def accepted(self, message: Message) -> None:
        claim, job, _ = self._drawn.pop(message.key)
        claim.flight.accepted(job.slot)
        if job.attempts:
            claim.verdicts.append(verdicts.accepted(job, now=self._now()))
        else:
            claim.plain.append(job.id)
        self.progress += 1
        self._broke_in_a_row = 0
        for believed, reply in self.trial.accepted():
            self._fail(*believed, reply)

    def answered(self, message: Message, answer: Exception) -> None:
        claim, job, _ = drawn = self._drawn.pop(message.key)
        if isinstance(answer, TryLater):
            self._later(drawn, message, answer)
        elif isinstance(answer, Refused):
            self._refused(claim, job, answer)
        elif isinstance(answer, Uncertain):
            self._doubt(claim, job, answer.reply)
        elif isinstance(answer, SendHalted):
            claim.flight[job.slot] = Mark.UNTRIED
            self._return(drawn)
            self.halt(answer.reply)
        else:
            self._odd(claim, job, answer)

    def give_back(self, message: Message, reason: str = "") -> None:
        claim, job, _ = drawn = self._drawn.pop(message.key)
        claim.flight[job.slot] = Mark.UNTRIED
        if reason:
            self._breaks[message.key] = self._breaks.get(message.key, 0) + 1
        if self._breaks.get(message.key, 0) >= BREAKS:
            del self._breaks[message.key]
            self._put_off(claim, job, TryLater(reason))
        else:
            self._return(drawn)

    def lines_ended(self) -> None:
        """No channel is left: what they drew and did not answer is told by the map."""
        for drawn in list(self._drawn.values()):
            claim, job, _ = drawn
            if claim.flight[job.slot] is Mark.HANDED:
                self._doubt(claim, job, "the channel ended without a word")
            else:
                self._return(drawn)
        self._drawn.clear()
        self._wanted.set()

    def channel_broke(self, reason: str) -> None:
        """A channel ended before its time; so many of them in a row, and sending rests."""
        self._broke_in_a_row += 1
        self.journal.trouble += 1
        if self._broke_in_a_row >= PATIENCE:
            self.rest(reason)

    def rest(self, reason: str) -> None:
        """Nothing can be sent just now."""
        if not self.resting:
            log.warning("sending rests", send=self.journal.send.id, why=reason)
        self.resting = self.resting or reason
        self._wake()

    def _return(self, drawn: Next) -> None:
        """Ready again, and to be looked at again: it may have been on a channel for minutes."""
        self._ready.appendleft(drawn)
        self._looks.appendleft((-math.inf, 1))
        self._wake()

    def _later(self, drawn: Next, message: Message, error: TryLater) -> None:
        claim, job, _ = drawn
        if not error.counts:
            self._drawn[message.key] = drawn
            self.give_back(message, error.reply)
            return
        reason = self.trial.deferred(error.reply) if error.policy else ""
        if reason:
            claim.flight[job.slot] = Mark.UNTRIED
            self._return(drawn)
            self.by_policy = True
            self.rest(reason)
        else:
            self._put_off(claim, job, error)

    def _put_off(self, claim: Claim, job: Job, error: TryLater) -> None:
        verdict = verdicts.later(job, error, self.journal.terms, now=self._now())
        claim.flight[job.slot] = Mark.LATER if verdict.due_at else Mark.REFUSED
        self.journal.trouble += 1
        self._note(claim, verdict)

    def _refused(self, claim: Claim, job: Job, error: Refused) -> None:
        """Believed at once, or when others were welcome; too many, and the send stops with nobody blamed."""
        claim.flight[job.slot] = Mark.UNTRIED
        reason = self.trial.refused((claim, job), error.reply, policy=error.policy)
        if reason and error.policy:
            self.halt(reason)
        elif reason:
            self.stopped = reason
            self._wake()
        if reason:
            return
        for believed, reply in self.trial.settled():
            self._fail(*believed, reply)

    def _fail(self, claim: Claim, job: Job, reply: str) -> None:
        claim.flight[job.slot] = Mark.REFUSED
        self._note(claim, verdicts.refused(job, reply, now=self._now()))

    def _doubt(self, claim: Claim, job: Job, reply: str) -> None:
        batch = claim.flight.label(job.slot)
        terms, now = self.journal.terms, self._now()
        self._note(claim, verdicts.doubt(job, reply, terms, now=now, batch=batch))

    def _odd(self, claim: Claim, job: Job, error: Exception) -> None:
        """An error of ours about one message never stops the others; nor is one handed over forgotten."""
        log.error("a message raised", send=self.journal.send.id, reader=job.id, why=repr(error))
        if claim.flight[job.slot] is Mark.HANDED:
            self._doubt(claim, job, repr(error))
        else:
            verdict = verdicts.unexpected(job, error, self.journal.terms, now=self._now())
            self._note(claim, verdict)

    def _note(self, claim: Claim, verdict: Delivery) -> None:
        claim.verdicts.append(verdict)
        self.progress += 1
