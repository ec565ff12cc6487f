"""What becomes of a row of an import, by what is known here of its reader. An import revives nobody."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from digest.audience.standings import SUPPRESSING, Standing
from digest.model import SubscriptionStatus


class Outcome(StrEnum):
    """What a row comes to."""

    NEW = "new"  # a confirmed reader from now on
    PENDING = "pending"  # noted as one who asked and never confirmed
    LEFT = "left"  # noted as one who left elsewhere
    BARRED = "barred"  # suppressed from now on
    ENDED = "ended"  # was confirmed or pending here, and has left by this row
    FILLED = "filled"  # was here; what was not known of them is now
    KNOWN = "known"  # was here; nothing changes
    HAS_LEFT = "has_left"  # left here, and stays away
    SUPPRESSED = "suppressed"  # must not be mailed here, and stays so
    DOUBLE = "double"  # stood further up in the file
    REFUSED = "refused"  # cannot be used; told with its line and the reason


class Incoming(NamedTuple):
    """A person as they come. hashed: the address's keyed hash. tags: a line each. left: see `decide`.

    joined: when they joined elsewhere, as `told_times.as_kept` writes it, or empty.
    """

    address: str
    key: str
    hashed: str
    standing: Standing = Standing.ACTIVE
    name: str = ""
    language: str = ""
    timezone: str = ""
    tags: str = ""
    joined: str = ""
    left: dt.datetime | None = None
    network: str = ""


@dataclass(frozen=True, slots=True)
class Known:
    """What is on file of an address. status: None where this newsletter never had it.

    own_word: when the reader last confirmed here themselves. moved: to another address.
    """

    id: int
    status: SubscriptionStatus | None = None
    name: str = ""
    language: str = ""
    timezone: str = ""
    tags: str = ""
    own_word: dt.datetime | None = None
    moved: bool = False


_FIRST_TIME = {
    Standing.ACTIVE: Outcome.NEW,
    Standing.PENDING: Outcome.PENDING,
    Standing.UNSUBSCRIBED: Outcome.LEFT,
}
#: Looked up once: nearly all rows of a file are such, and an enumeration's members are slow to ask for.
_ACTIVE, _NEW = Standing.ACTIVE, Outcome.NEW


def decide(
    standing: Standing, known: Known | None, *, left: dt.datetime | None, suppressed: bool
) -> Outcome:
    """What becomes of a row. left: when its reader left or bounced elsewhere, where that is told.

    suppressed: the address must not be mailed here; of a row that would suppress it, for the same reason
    and for good. Who confirmed here after leaving there is believed more than the file; who came here
    by an import is not.
    """
    if known is None and standing is _ACTIVE and not suppressed:
        return _NEW
    status = known.status if known is not None else None
    came_back = known is not None and bool(left and known.own_word and known.own_word > left)
    with_us = status in (SubscriptionStatus.PENDING, SubscriptionStatus.CONFIRMED)
    if standing is Standing.UNSUBSCRIBED and with_us and not came_back:
        return Outcome.ENDED  # also of who is suppressed: that may be lifted
    if suppressed:
        return Outcome.SUPPRESSED
    if standing in SUPPRESSING:
        return Outcome.KNOWN if came_back else Outcome.BARRED
    if status is None:
        return _FIRST_TIME[standing]
    return Outcome.KNOWN if with_us else Outcome.HAS_LEFT
