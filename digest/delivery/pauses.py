"""A send that stands, or a provider that rests: written down, logged, and told to those who can mend it."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import replace

from digest import logs, remedies, tell
from digest.delivery.house import DeliveryHouse
from digest.moments import wall_clock
from digest.storable import storable
from digest.store import events, issues, rests, sends
from digest.store.engine import Session
from digest.store.rests import Rest
from digest.store.sends import Pause, Send

log = logs.get(__name__)

#: Who did it, in the audit log.
SENDER = "sender"


def pause(house: DeliveryHouse, send: Send, why: Pause) -> None:
    """Pause a send that is on its way. Where a person must let it go on, the editors hear of it, once a pause.

    Where it cannot be written down, all providers rest: else the next look would storm them.
    """
    _log(house, send, why)
    try:
        _write(house, send, replace(why, reason=storable(why.reason)))
    except Exception:
        log.exception("a send could not be paused", send=send.id)
        again = house.clock() + dt.timedelta(seconds=house.retry_base_s)
        for one in house.providers:
            house.rests.begin(one.name, again)


def _write(house: DeliveryHouse, send: Send, why: Pause) -> None:
    with house.database.write() as session:
        if not sends.pause(session, send.id, why):
            return
        data = {"why": why.reason, "provider": why.provider, "until": str(why.until or "")}
        _record(house, session, send, "paused the send", data)
        if why.until is None and send.newsletter in house.schedules:
            _tell(house, session, send, why)


def _log(house: DeliveryHouse, send: Send, why: Pause) -> None:
    told = {"send": send.id, "provider": why.provider, "why": why.reason}
    if why.until is None:
        remedy = remedies.paused(why.reason, why.provider)
        log.error("send paused", **told, until="somebody resumes it", remedy=remedy)
    else:
        log.warning("send paused", **told, until=local(house, send, why.until))


def _tell(house: DeliveryHouse, session: Session, send: Send, why: Pause) -> None:
    now = house.clock()
    tell.editors(
        session,
        house,
        issues.by_id(session, send.issue_id),
        "paused",
        now=now,
        reason=why.reason,
        remedy=in_quotes(remedies.remedy(why.reason, why.provider) or "what “digest status” says"),
        since=local(house, send, now),
    )


def in_quotes(remedy: str) -> str:
    """A remedy for a mail: commands stand in quotation marks."""
    return re.sub(r"`([^`]*)`", r"“\1”", remedy)


def pace_words(house: DeliveryHouse, provider: str) -> str:
    """That nobody may leave now, and by which limit."""
    with house.database.write() as session:
        limit = house.pace_of(provider).used_up(session, now=house.clock())
    return "as much as may leave has left" + (f": {limit}" if limit else "")


def rest(house: DeliveryHouse, send: Send, begun: Rest) -> None:
    """A provider that can send nothing just now is left alone for a while."""
    told = {"send": send.id, "why": begun.why, "until": local(house, send, begun.until)}
    remedy = remedies.remedy(begun.why, begun.provider)
    if begun.instead:
        names = {"rests": begun.provider, "instead": begun.instead}
        log.warning("the next provider takes over", **names, **told, remedy=remedy)
    else:
        log.warning("the provider is tried again later", provider=begun.provider, **told)
    with house.database.write() as session:
        rests.begin(session, begun)
        if begun.instead:
            data = {"rests": begun.provider, "instead": begun.instead, "why": begun.why}
            _record(house, session, send, "the next provider took over", data)


def end_rests(house: DeliveryHouse) -> None:
    """No provider is left alone any more."""
    with house.database.write() as session:
        rests.end_all(session)
    house.rests.clear()


def _record(
    house: DeliveryHouse, session: Session, send: Send, action: str, data: dict[str, str]
) -> None:
    subject, now = f"send {send.id}", house.clock()
    events.record(session, at=now, actor=SENDER, action=action, subject=subject, data=data)


def local(house: DeliveryHouse, send: Send, moment: dt.datetime) -> str:
    """A moment by the newsletter's own clock; UTC where its schedule is gone."""
    schedule = house.schedules.get(send.newsletter)
    return wall_clock(moment, schedule.calendar.zone if schedule else dt.UTC)
