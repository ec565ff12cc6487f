"""Spans and moments, in UTC."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Window:
    """A span of UTC time, half open: `start` is inside, `end` is not."""

    start: dt.datetime
    end: dt.datetime

    def __contains__(self, moment: dt.datetime) -> bool:
        return self.start <= moment < self.end


@dataclass(frozen=True, slots=True)
class Moments:
    """One period's moments in UTC. `period` is the local date of the send, as `2026-11-29`."""

    period: str
    window: Window
    draft_at: dt.datetime
    remind_at: dt.datetime
    deadline_at: dt.datetime
    send_at: dt.datetime
