"""What a server answered when it was asked for a link of the mail."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum


class LinkState(StrEnum):
    """How a link stands.

    THERE: it answered. MISSING: the server says that there is nothing. FAILING: it answers, and not as it should.
    SILENT: nobody answered. REFUSED: it answers no program, which tells nothing of readers. BARRED: not on the internet.
    """

    THERE = "there"
    MISSING = "missing"
    FAILING = "failing"
    SILENT = "silent"
    REFUSED = "refused"
    BARRED = "barred"


@dataclass(frozen=True, slots=True)
class LinkAnswer:
    """One link's newest answer. said: by the server, or why there was none."""

    url: str
    state: LinkState
    said: str
    asked_at: dt.datetime
