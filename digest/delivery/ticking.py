"""The ticking of one send in one process: readers come in and results go out, until there are no more.

The loop is never kept waiting: the journal's ticks run beside the wire, and say when it is over.
"""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
from abc import abstractmethod
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from digest.delivery.claims import Claim
from digest.delivery.journal import Journal
from digest.delivery.ticks import Next, Results, Tick
from digest.delivery.trial import Trial
from digest.delivery.verdicts import Job
from digest.store.sends import SendStatus

#: By this name where it is asked for every message: an enum's attribute takes long before Python 3.12.
_OPEN = SendStatus.OPEN

#: Results are on record after so many seconds at the latest.
TICK_S = 0.05

#: A look at who has left is good for so long.
STALE_S = 1.0

#: Readers are looked at ahead for so many seconds of sending.
AHEAD_S = 0.3

#: Where the pace lets nobody go for longer, in seconds, the send is paused until then.
LONG_PAUSE_S = 60.0


@dataclass(kw_only=True)
class Ticking:
    """What a send knows of itself while it goes. in_flight: C, all channels together.

    Afterwards: halted: this provider can send nothing until somebody mends it. resting: it can send
    nothing just now (by_policy: in its own words). stopped: too many readers were refused.
    paced_until: more may leave only then. broken: the ledger cannot be written. _looks: when those who are
    ready were looked at, in their order, with how many at once.
    """

    journal: Journal
    trial: Trial[tuple[Claim, Job]]
    stop: Callable[[], bool]
    in_flight: int
    told: Callable[[Results], None]
    halted: str = ""
    stopped: str = ""
    resting: str = ""
    by_policy: bool = False
    broken: Exception | None = None
    paced_until: dt.datetime | None = None
    _again: float | None = None
    _ready: deque[Next] = field(default_factory=deque)
    _returned: list[Next] = field(default_factory=list)
    _drawn: dict[str, Next] = field(default_factory=dict)
    _dry: bool = False
    _over: bool = False
    _looks: deque[tuple[float, int]] = field(default_factory=deque)
    _rate: float = 0.0
    _low: int = 1
    _proven: bool = False
    _last: float = 0.0
    _stale_s: float = STALE_S
    _status: SendStatus = SendStatus.OPEN
    _wanted: asyncio.Event = field(default_factory=asyncio.Event)
    _waiters: list[asyncio.Future[None]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._last = self._loop.time()
        self._proven = self.journal.send.proven

    @abstractmethod
    def _fail(self, claim: Claim, job: Job, reply: str) -> None:
        """A reader was refused, and it is believed."""

    def halt(self, reason: str) -> None:
        """Nothing can be sent by this provider until somebody mends it."""
        self.halted = self.halted or reason
        self._wake()

    @property
    def _stopped(self) -> bool:
        if self.halted or self.stopped or self.resting or self.broken:
            return True
        return self._status is not _OPEN or self.stop()

    async def keep(self) -> None:
        """Tick until nothing is left to do; then everything is written and every chunk put down.

        Where the ledger cannot be written `broken` says why; claims and maps stay as they are, and what
        is on the wire is still seen through to its marks.
        """
        try:
            while not await self._tick():
                await self._pause()
            self._leave_ready()
            await asyncio.to_thread(self.journal.put_down)
        except Exception as error:
            self.broken = error
        finally:
            self._over = True
            self._wake()

    def _leave_ready(self) -> None:
        """Nobody draws any more: who was ready stays in the ledger, and the pace has his share back."""
        self.journal.unused += self._ready
        self._ready.clear()
        self._looks.clear()

    async def _tick(self) -> bool:
        """One tick of the journal; True where it was the last."""
        self._wanted.clear()
        results = self._collected()
        wanted = max(0, self._target() - len(self._ready)) if self._hungry else 0
        proven = self.trial.proven and not self._proven
        found = await self.journal.tick(results, wanted=wanted, proven=proven)
        self._apply(found)
        # longer than a second only where a tick takes so long that nobody could be mailed
        self._stale_s = max(STALE_S, 2 * (self._loop.time() - found.looked))
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
        self._again = self._in_loop_time(found.again_at)
        self._measure(sum(len(one.plain) + len(one.verdicts) for one in found.written))
        for one in found.written:
            self.told(one)
        if found.ready:
            self._ready += found.ready
            self._looks.append((found.looked, len(found.ready)))
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
            self.paced_until = None
            return None
        wait_s = (moment - self._now()).total_seconds()
        self.paced_until = moment if wait_s > LONG_PAUSE_S else None
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

    def _now(self) -> dt.datetime:
        return self.journal.house.clock()
