"""The operator hears of each risk once, and once more when it is over; and somebody outside hears that all is well.

One mail for all that is new in a look. What goes away for less than half an hour and comes back is the same risk.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Sequence

from digest import logs
from digest.delivery import room
from digest.delivery.pauses import in_quotes
from digest.errors import NoRoom
from digest.model import HookKind
from digest.risks import SEVERE, Risk, WatchedHouse, standing
from digest.store import heartbeats, hooks, notices, risks
from digest.store.engine import Session
from digest.store.risks import Standing

log = logs.get(__name__)

#: A risk is over when it was not seen for so long.
CALM = dt.timedelta(minutes=30)
#: Healthy is who reconciled within this time.
FRESH = dt.timedelta(minutes=2)
_PING = "ping"


def look(house: WatchedHouse, *, now: dt.datetime) -> tuple[list[str], list[str]]:
    """Look for risks; tell what is new and what is over. Returns their keys."""
    found = {risk.key: risk for risk in standing(house, now=now)}
    if not found:
        with house.database.read() as session:
            if not risks.all(session):
                return [], []
    with house.database.write() as session:
        for risk in found.values():
            # where the program was off meanwhile, that is no time that it stood
            calm = max(CALM, risk.patience)
            risks.seen(session, risk.key, risk.subject, risk.text, now=now, calm=calm)
        known = risks.all(session)
        new = [
            risk
            for key, risk in found.items()
            if _is_due(risk, known[key], now) and risks.tell(session, key, now=now)
        ]
        over = [
            one
            for key, one in known.items()
            if key not in found and now - one.seen_at >= CALM and risks.over(session, key)
        ]
        told = [one for one in over if one.told_at is not None]
        if new or told:
            _mail(session, house, new, told, now=now)
        _tell(session, house, new, now=now)
    for risk in new:
        log.error("a risk", risk=risk.subject, why=risk.text)
    for one in told:
        log.info("a risk is over", risk=one.subject)
    return [risk.key for risk in new], [one.key for one in told]


def _is_due(risk: Risk, known: Standing, now: dt.datetime) -> bool:
    return known.told_at is None and now - known.began_at >= risk.patience


def _tell(session: Session, house: WatchedHouse, new: Sequence[Risk], *, now: dt.datetime) -> None:
    """Webhooks hear of what is new: those of the newsletter that it is about, or of all. Of themselves they need not."""
    for risk in new:
        about = risk.key.partition(" ")[2].partition("/")[0]
        known = [about] if about in house.schedules else list(house.schedules)
        data = {"risk": risk.subject, "detail": risk.text}
        for newsletter in known if not risk.key.startswith("webhook ") else ():
            hooks.tell(session, newsletter, HookKind.ISSUE_AT_RISK, now=now, data=data)


def _mail(
    session: Session,
    house: WatchedHouse,
    new: Sequence[Risk],
    over: Sequence[Standing],
    *,
    now: dt.datetime,
) -> None:
    """One notice for each operator, in the look of the first newsletter."""
    newsletter = next(iter(house.schedules), "")
    if not newsletter:
        return
    first = new[0].subject if new else f"Over again: {over[0].subject}"
    more = len(new) + len(over) - 1
    data = {
        "summary": first + (f" (and {more} more)" if more else ""),
        "standing": "\n".join(f"{one.subject}: {in_quotes(one.text)}." for one in new),
        "over": "\n".join(f"{one.subject}." for one in over),
        "desk_url": f"{house.public_url}/desk",
    }
    keys = "\n".join([*(one.key for one in new), "", *(one.key for one in over)])
    about = hashlib.sha256(f"{keys}\n{now.isoformat()}".encode()).hexdigest()[:16]
    for address in house.vigilance.operators:
        notices.queue(
            session,
            kind="risk",
            newsletter=newsletter,
            address=address,
            dedupe=f"risk:{about}:{address}",
            data=data,
            now=now,
        )


def is_time_to_ping(house: WatchedHouse, *, now: dt.datetime) -> bool:
    """True where all is well and nobody outside was told so for a while. Says by that that this call tells it."""
    wanted = house.vigilance
    if not wanted.ping_url or not is_well(house, now=now):
        return False
    with house.database.write() as session:
        last = heartbeats.last(session, _PING)
        if last is not None and now - last < wanted.ping_every:
            return False
        heartbeats.beat(session, _PING, now=now)
    return True


def is_well(house: WatchedHouse, *, now: dt.datetime) -> bool:
    """Whether the next issue can go out: the clock is looked at, there is room, and no severe risk was told."""
    try:
        room.look(house.flight)
    except NoRoom:
        return False
    with house.database.read() as session:
        last = heartbeats.last(session, "reconcile")
        told = [key for key, one in risks.all(session).items() if one.told_at]
    fresh = last is not None and now - last < FRESH
    return fresh and not any(key.startswith(SEVERE) for key in told)
