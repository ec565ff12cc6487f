"""The breaker: where far more sign up than usual, everybody must prove work, and the editors hear of it.

It is on while the last hour's confirmation mails, and who was turned away since, reach the threshold:
so it stays on as long as a storm blows, and goes off by itself.
"""

from __future__ import annotations

import datetime as dt

from digest import logs, tell
from digest.audience import caps
from digest.store import counters, events
from digest.store.engine import Session

log = logs.get(__name__)

MAILS, TURNED_AWAY = "confirmation mails", "turned away"
WEEK = dt.timedelta(days=7)


def threshold(session: Session, *, least: int, now: dt.datetime) -> int:
    """How many an hour are too many: ten times the mean of the week before this hour, but not below `least`."""
    hour_ago = now - caps.HOUR
    before = counters.tallied(session, MAILS, hour_ago - WEEK, hour_ago)
    return max(least, round(caps.TIMES_THE_MEAN * before / (WEEK / caps.HOUR)))


def is_on(session: Session, *, least: int, now: dt.datetime) -> bool:
    """True while everybody must prove work."""
    found = _last_hour(session, now)
    return found >= least and found >= threshold(session, least=least, now=now)


def _last_hour(session: Session, now: dt.datetime) -> int:
    hour_ago = now - caps.HOUR
    return sum(counters.tallied(session, one, hour_ago, now) for one in (MAILS, TURNED_AWAY))


def mail_goes(
    session: Session, house: tell.TellingHouse, newsletter: str, *, least: int, now: dt.datetime
) -> None:
    """Count a confirmation mail; the one that turns the breaker on tells the editors, once a day."""
    found = _last_hour(session, now) + 1
    counters.tally(session, MAILS, now=now)
    if found < least or found != threshold(session, least=least, now=now):
        return
    log.warning("many sign-ups: proof of work is asked of everybody", an_hour=found)
    events.record(session, at=now, actor="sign-up", action="breaker on", data={"an_hour": found})
    url = f"{house.public_url}/desk/readers"
    data = {"count": str(found), "since": f"{now:%H:%M} UTC", "desk_url": url}
    about = f"storm:{now:%Y-%m-%d}"
    tell.everybody(session, "storm", newsletter=newsletter, about=about, data=data, now=now)


def turned_away(session: Session, *, now: dt.datetime) -> None:
    """Count somebody who came without a proof of work while the breaker was on."""
    counters.tally(session, TURNED_AWAY, now=now)
