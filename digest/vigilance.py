"""What an operator asked to be watched, and where to tell it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from digest.domains.records import Finding


@dataclass(frozen=True, slots=True, kw_only=True)
class Vigilance:
    """operators: addresses that are told of risks. workers: how many should be alive. backup_every: how old the newest
    backup may get; None: nobody looks. ping_url: what is asked after each healthy reconcile, at most every `ping_every`.
    ask_dns: what DNS says of our domains; None: it is not asked.
    """

    operators: tuple[str, ...] = ()
    workers: int = 1
    backup_every: dt.timedelta | None = None
    ping_url: str = field(default="", repr=False)
    ping_every: dt.timedelta = dt.timedelta(minutes=5)
    ask_dns: Callable[[], Iterator[Finding]] | None = None
