"""What takes long to count, counted now and then by one worker and kept: whoever asks for it looks it up.

Never more often than once a minute, and so seldom that it takes at most a fiftieth of the time.
"""

from __future__ import annotations

import datetime as dt
import json
import time
from dataclasses import asdict, dataclass, field

from digest.model import SubscriptionStatus
from digest.store import amounts, deliveries, heartbeats, reports, subscribers, watching
from digest.store.engine import Database, Session

MINUTE = dt.timedelta(minutes=1)
WEEK = dt.timedelta(days=7)
#: One part in so many of the time may be spent on counting.
SHARE = 50
_NAME = "measures"


@dataclass(frozen=True, slots=True)
class Counted:
    """The newest send of a newsletter: readers by state, `waiting` among them, and what became of copies later."""

    send: int
    done: bool
    audience: int
    states: dict[str, int]
    outcomes: dict[str, int]


@dataclass(frozen=True, slots=True)
class Measures:
    """at: when it was counted. took: in seconds. reports: of the last seven days, by kind. size: of the database."""

    at: dt.datetime
    took: float
    size: int
    sends: dict[str, Counted] = field(default_factory=dict)
    subscriptions: dict[str, dict[str, int]] = field(default_factory=dict)
    reports: dict[str, int] = field(default_factory=dict)


def refresh(database: Database, newsletters: list[str], *, now: dt.datetime) -> bool:
    """Count anew where it is time; True where this call did."""
    with database.read() as session:
        last = kept(session)
        if last is not None and now - last.at < max(
            MINUTE, dt.timedelta(seconds=SHARE * last.took)
        ):
            return False
        begun = time.monotonic()
        found = _counted(session, newsletters, last, now=now)
        took = time.monotonic() - begun
    told = asdict(found) | {"took": took, "at": now.isoformat()}
    with database.write() as session:
        heartbeats.beat(session, _NAME, now=now, detail=json.dumps(told))
    return True


def kept(session: Session) -> Measures | None:
    """What was counted last; None where nothing was."""
    text = heartbeats.detail(session, _NAME)
    if not text:
        return None
    told = json.loads(text)
    told["at"] = dt.datetime.fromisoformat(told["at"])
    told["sends"] = {name: Counted(**one) for name, one in told["sends"].items()}
    return Measures(**told)


def confirmed(session: Session, newsletter: str) -> int | None:
    """Confirmed readers as they were counted last; where those were none, as it is now. None before the first count."""
    found = kept(session)
    if found is None:
        return None
    number = found.subscriptions.get(newsletter, {}).get(SubscriptionStatus.CONFIRMED.value, 0)
    return number or subscribers.counts(session, newsletter)[SubscriptionStatus.CONFIRMED]


def _counted(
    session: Session, newsletters: list[str], last: Measures | None, *, now: dt.datetime
) -> Measures:
    return Measures(
        at=now,
        took=0.0,
        size=amounts.size(session),
        sends={
            name: _send(session, number, audience, done=done, before=_of(last, name))
            for name, number, done, audience in watching.newest_sends(session)
        },
        subscriptions={
            key: {status.value: n for status, n in subscribers.counts(session, key).items()}
            for key in newsletters
        },
        reports=watching.reports_since(session, now - WEEK),
    )


def _of(last: Measures | None, newsletter: str) -> Counted | None:
    return last.sends.get(newsletter) if last else None


def _send(
    session: Session, number: int, audience: int, *, done: bool, before: Counted | None
) -> Counted:
    """A send that was done then is not counted again; what comes back later is."""
    if before is not None and before.send == number and before.done and done:
        states = before.states
    else:
        states = {state.value: n for state, n in deliveries.counts(session, number).items()}
        states["waiting"] = audience - sum(states.values())
    return Counted(number, done, audience, states, reports.outcome_counts(session, number))
