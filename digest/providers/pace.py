"""When the next request may leave: all channels of one provider ask the same one."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from dataclasses import dataclass

#: The longest wait that nobody asked for, in seconds.
_LONGEST_S = 60.0
_TROUBLED = 3


@dataclass(slots=True)
class Pace:
    """Requests a second (0: as many as can be), and the waits that the provider asks for.

    first_s: the first wait where a provider says "too fast" and not for how long; it doubles each
    time. clock: seconds that only grow. chance: between 0 and 1, so that many channels do not all come
    back in the same moment.
    """

    per_s: float = 0.0
    first_s: float = 1.0
    clock: Callable[[], float] = time.monotonic
    chance: Callable[[], float] = random.random
    #: The last request is in doubt: the next one risks one message, not a whole batch.
    doubtful: bool = False
    _opens: float = float("-inf")
    _next: float = float("-inf")
    _in_a_row: int = 0

    def closed_s(self) -> float:
        """Seconds until anything may be sent at all; 0 where it may be now."""
        return max(0.0, self._opens - self.clock())

    def turn_s(self) -> float:
        """Take the next place in the row of requests; seconds until it comes."""
        if not self.per_s:
            return self.closed_s()
        now = self.clock()
        mine = max(now, self._next, self._opens)
        self._next = mine + 1 / self.per_s
        return mine - now

    def close(self, wait_s: float | None) -> float:
        """Nobody sends for so long; None: longer each time in a row. Returns the seconds."""
        wait = self.back_off_s(self._in_a_row)
        if wait_s is not None:
            wait = wait_s or min(wait, self.first_s)
        self._in_a_row += 1
        self.hold(wait)
        return wait

    def hold(self, wait_s: float) -> None:
        """Nobody sends for so long, though nothing went wrong: the limit is used up."""
        self._opens = max(self._opens, self.clock() + wait_s)

    def doubt(self) -> float:
        """Nobody knows what became of a request: go on slowly. Returns the seconds to wait."""
        self.doubtful = True
        return self.close(None)

    @property
    def troubled(self) -> bool:
        """It went wrong again and again: whoever knows another way should take it."""
        return self._in_a_row >= _TROUBLED

    def went_well(self) -> None:
        """A request was answered: the next wait that nobody names is a short one again."""
        self._in_a_row = 0
        self.doubtful = False

    def back_off_s(self, tries: int) -> float:
        """Seconds to wait after so many tries: doubling, with a half of it left to chance."""
        longest = min(_LONGEST_S, self.first_s * 2.0 ** min(tries, 16))
        return longest * (0.5 + 0.5 * self.chance())
