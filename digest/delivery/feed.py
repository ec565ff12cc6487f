"""What the channels of one send draw from: readers one after another, and their answers taken in.

Everything here happens on the event loop and never waits: the journal's ticks bring the readers whose
turn it is and carry the results to the ledger. The map of each chunk follows every message.
"""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from digest import logs
from digest.delivery import verdicts
from digest.delivery.claims import Claim
from digest.delivery.compile import Compiled
from digest.delivery.flight import Mark
from digest.delivery.journal import LONG_WAIT, Journal, Next, Results, Tick
from digest.delivery.trial import Trial
from digest.delivery.verdicts import Job
from digest.errors import Refused, SendHalted, TryLater, Uncertain
from digest.model import Message, UncertainPolicy
from digest.store.deliveries import Delivery
from digest.store.sends import SendStatus

log = logs.get(__name__)

#: Results are on record after so many seconds at the latest.
TICK_S = 0.05

#: A look at who has left is good for so long.
STALE_S = 1.0

#: Readers are looked at ahead for so many seconds of sending.
AHEAD_S = 0.3

#: How often one message may break its channel before it is deferred, so that it cannot hold up the others.
BREAKS = 4

#: How many channels may break in a row, with nothing accepted between them, before sending rests.
PATIENCE = 12


@dataclass(kw_only=True)
class SendFeed:
    """The feed of one send to one provider; see protocols.Feed. in_flight: C, all channels together.

    Afterwards: halted: this provider can send nothing until somebody mends it. resting: it can send
    nothing just now (by_policy: in its own words). stopped: too many readers were refused.
    paced_until: more may leave only then. broken: the ledger cannot be written.
    """

    journal: Journal
    compiled: Compiled
    trial: Trial[tuple[Claim, Job]]
    stop: Callable[[], bool]
    in_flight: int
    told: Callable[[Results], None]
    halted: str = ""
    stopped: str = ""
    resting: str = ""
    by_policy: bool = False
    broken: Exception | None = None
    progress: int = 0
    paced_until: dt.datetime | None = None
    _again: float | None = None
    _ready: deque[Next] = field(default_factory=deque)
    _returned: list[Next] = field(default_factory=list)
    _drawn: dict[str, Next] = field(default_factory=dict)
    _breaks: dict[str, int] = field(default_factory=dict)
    _broke_in_a_row: int = 0
    _dry: bool = False
    _over: bool = False
    _looked: float = 0.0
    _rate: float = 0.0
    _low: int = 1
    _proven: bool = False
    _last: float = 0.0
    _status: SendStatus = SendStatus.OPEN
    _wanted: asyncio.Event = field(default_factory=asyncio.Event)
    _waiters: list[asyncio.Future[None]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._last = self._loop.time()
        self._proven = self.journal.send.proven

    # ------------------------------------------------------------ drawing

    @property
    def overlaps(self) -> bool:
        return self.journal.terms.policy is not UncertainPolicy.RESEND

    def next(self) -> Message | None:
        while self._ready:
            if self._stopped:
                return None
            if self._loop.time() - self._looked > STALE_S:
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

    def _company_of(self, drawn: Next) -> tuple[int, str] | None:
        """Who may go in one request: of one chunk, and whoever was in one before. None: goes alone again."""
        claim, job, _ = drawn
        if job.in_doubt and job.replay and not job.replay.batch:
            return None
        return claim.chunk.no, self._batch_of(drawn)

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

    @property
    def _stopped(self) -> bool:
        if self.halted or self.stopped or self.resting or self.broken:
            return True
        return self._status is not SendStatus.OPEN or self.stop()

    def _made(self, drawn: Next) -> Message | None:
        claim, job, reader = drawn
        try:
            batch = self._batch_of(drawn)
            return self.compiled.message(reader, careful=job.in_doubt, batch=batch)
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
        self._wanted.set()

    # ------------------------------------------------------------ answers

    def handed(self, *messages: Message) -> None:
        if len(messages) == 1:
            claim, job, _ = self._drawn[messages[0].key]
            claim.flight.together([job.slot])
            return
        together: dict[int, tuple[Claim, list[int]]] = {}
        for message in messages:
            claim, job, _ = self._drawn[message.key]
            together.setdefault(id(claim), (claim, []))[1].append(job.slot)
        for claim, slots in together.values():
            claim.flight.together(slots)

    def accepted(self, message: Message) -> None:
        claim, job, _ = self._drawn.pop(message.key)
        claim.flight[job.slot] = Mark.ACCEPTED
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

    def halt(self, reason: str) -> None:
        """Nothing can be sent by this provider until somebody mends it."""
        self.halted = self.halted or reason
        self._wake()

    def rest(self, reason: str) -> None:
        """Nothing can be sent just now."""
        if not self.resting:
            log.warning("sending rests", send=self.journal.send.id, why=reason)
        self.resting = self.resting or reason
        self._wake()

    def _return(self, drawn: Next) -> None:
        self._ready.appendleft(drawn)
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

    def _now(self) -> dt.datetime:
        return self.journal.house.clock()

    # ------------------------------------------------------------ ticking

    async def keep(self) -> None:
        """Tick until nothing is left to do; then everything is written and every chunk put down.

        Where the ledger cannot be written `broken` says why; claims and maps stay as they are, and what
        is on the wire is still seen through to its marks.
        """
        try:
            while not await self._tick():
                await self._pause()
            await asyncio.to_thread(self.journal.put_down)
        except Exception as error:
            self.broken = error
        finally:
            self._over = True
            self._wake()

    async def _tick(self) -> bool:
        """One tick of the journal; True where it was the last."""
        self._wanted.clear()
        results = self._collected()
        wanted = max(0, self._target() - len(self._ready)) if self._hungry else 0
        proven = self.trial.proven and not self._proven
        self._apply(await self.journal.tick(results, wanted=wanted, proven=proven))
        self._proven = self._proven or proven
        return self._finished()

    async def _pause(self) -> None:
        """Until somebody is hungry or there is something to write; a sign of life every second."""
        rest_s = 0.0
        while rest_s < STALE_S:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(TICK_S):
                    await self._wanted.wait()
            rest_s += TICK_S
            if self._again is not None and not self._hungry:
                self._wanted.clear()
            if self._unwritten or self._hungry or self._stopped:
                return
            self._wanted.clear()

    @property
    def _unwritten(self) -> bool:
        return any(claim.plain or claim.verdicts for claim in self.journal.claims)

    @property
    def _hungry(self) -> bool:
        """Whether a look for more readers may find any."""
        if self._stopped or len(self._ready) >= self._low:
            return False
        if self._again is not None:
            return self._loop.time() >= self._again
        return not self._dry or self.journal.has_jobs

    def _target(self) -> int:
        return max(2 * self.in_flight, int(self._rate * AHEAD_S))

    def _collected(self) -> list[Results]:
        """The results so far, taken from the claims; and what went stale, given back to them."""
        for claim, job, _ in reversed(self._returned):
            claim.jobs.appendleft(job)
            claim.under_way -= 1
        self.journal.unused += self._returned
        self._returned.clear()
        found = []
        for claim in self.journal.claims:
            if claim.plain or claim.verdicts:
                found.append(Results(claim, claim.plain, claim.verdicts))
                claim.plain, claim.verdicts = [], []
        return found

    def _apply(self, found: Tick) -> None:
        self._status, self._dry = found.status, self._dry or not found.more
        self._looked = self._loop.time()
        self._again = self._in_loop_time(found.again_at)
        self._measure(sum(len(one.plain) + len(one.verdicts) for one in found.written))
        for one in found.written:
            self.told(one)
        if found.ready:
            self._ready += found.ready
        self._wake()

    def _measure(self, results: int) -> None:
        """Results a second, smoothed over a few ticks."""
        now = self._loop.time()
        spent, self._last = now - self._last, now
        if results:
            self._rate += (results / max(spent, 0.001) - self._rate) / 2
        self._low = max(self.in_flight, self._target() // 2)

    def _in_loop_time(self, moment: dt.datetime | None) -> float | None:
        if moment is None:
            return None
        wait_s = (moment - self._now()).total_seconds()
        if wait_s > LONG_WAIT.total_seconds():
            self.paced_until = moment
        return self._loop.time() + max(wait_s, TICK_S)

    def _finished(self) -> bool:
        if self._drawn or self._unwritten or self._returned:
            return False
        if self._stopped or (self.paced_until and not self._ready):
            return True
        if any(claim.parked for claim in self.journal.claims):
            return False
        if self._ready or not self._dry or self.journal.has_jobs:
            return False
        if self.trial.open:
            self._end_trial()
            return False
        return not self.journal.claims

    def _end_trial(self) -> None:
        believed, reason = self.trial.ended()
        for one, reply in believed:
            self._fail(*one, reply)
        if reason:
            self.halt(reason)

    def _wake(self) -> None:
        waiters, self._waiters = self._waiters, []
        for waiter in waiters:
            if not waiter.done():
                waiter.set_result(None)
