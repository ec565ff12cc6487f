"""What goes into a tick of the journal and what comes out of it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field

from digest.delivery.claims import Claim
from digest.delivery.verdicts import Job
from digest.model import Reader, SubscriberId
from digest.store.deliveries import Delivery
from digest.store.sends import SendStatus

#: A reader whose turn it is: the chunk in hand, the job, and where the mail goes.
Next = tuple[Claim, Job, Reader]


@dataclass(slots=True)
class Results:
    """What one claim's messages came to since the last tick."""

    claim: Claim
    plain: list[SubscriberId]
    verdicts: list[Delivery]


@dataclass(slots=True)
class Tick:
    """What one tick brought. ready: who may be handed over now. more: False where nothing is left to claim.

    fresh, over: the claims that it took and put down. again_at: when the pace allows more. looked: when it was
    looked who has left, by the loop's clock: once nobody else could write any more.
    """

    ready: list[Next] = field(default_factory=list)
    written: list[Results] = field(default_factory=list)
    status: SendStatus = SendStatus.OPEN
    more: bool = True
    granted: int = 0
    again_at: dt.datetime | None = None
    fresh: list[Claim] = field(default_factory=list)
    over: list[Claim] = field(default_factory=list)
    looked: float = 0.0
