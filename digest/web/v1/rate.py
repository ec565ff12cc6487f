"""How often a token may be used: so many calls a minute, spread evenly, with bursts up to that number.

The generic cell rate algorithm: one moment a token is all that is kept. Each process counts for itself.
Headers: draft-ietf-httpapi-ratelimit-headers-10.
"""

from __future__ import annotations

import datetime as dt
import math
import threading
from dataclasses import dataclass

SPAN = dt.timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a token stands after a call. left: calls that may follow at once; reset_s: until all may; wait_s: 0 where this one may be."""

    quota: int
    left: int
    reset_s: int
    wait_s: int = 0

    @property
    def headers(self) -> dict[str, str]:
        span = int(SPAN.total_seconds())
        found = {
            "ratelimit-policy": f'"token";q={self.quota};w={span}',
            "ratelimit": f'"token";r={self.left};t={self.reset_s}',
        }
        return found | ({"retry-after": str(self.wait_s)} if self.wait_s else {})


class Rates:
    """The tokens that were used lately, each with the moment at which all of its calls may be made again."""

    def __init__(self, quota: int) -> None:
        self._quota = quota
        self._full_at: dict[int, dt.datetime] = {}
        self._lock = threading.Lock()

    def take(self, token: int, *, now: dt.datetime) -> Standing:
        """Count a call, if it may be made."""
        each = SPAN / self._quota
        with self._lock:
            before = max(self._full_at.get(token, now), now)
            after = before + each
            if after - now > SPAN:
                wait = math.ceil((after - now - SPAN).total_seconds())
                return Standing(self._quota, 0, _seconds(before - now), max(1, wait))
            self._full_at[token] = after
        left = int((SPAN - (after - now)) / each)
        return Standing(self._quota, left, _seconds(after - now))


def _seconds(span: dt.timedelta) -> int:
    return math.ceil(span.total_seconds())
