"""The end of a send: only when every reader is final and the states sum to the audience."""

from __future__ import annotations

import datetime as dt

from digest import logs
from digest.delivery.house import DeliveryHouse
from digest.model import FINAL, DeliveryState, IssueId, IssueStatus
from digest.store import chunks, contests, deliveries, events, issues, sends
from digest.store.sends import Send, SendStatus

log = logs.get(__name__)


def finish(house: DeliveryHouse, *, now: dt.datetime) -> list[IssueId]:
    """Close every send that is complete; returns their issues. One that does not add up stays open, loudly."""
    with house.database.read() as session:
        ready = [
            send
            for send in sends.unfinished(session)
            if send.status is SendStatus.OPEN and chunks.is_worked_through(session, send.id)
        ]
    return [send.issue_id for send in ready if _close(house, send, now)]


def _close(house: DeliveryHouse, send: Send, now: dt.datetime) -> bool:
    with house.database.write() as session:
        sends.locked(session, send.issue_id)
        counts = deliveries.counts(session, send.id)
        if counts[DeliveryState.QUEUED] and chunks.open_again(session, send.id):
            log.warning("readers are in line in chunks that were done", send=send.id)
            return False
        final = sum(n for state, n in counts.items() if state in FINAL)
        if final != send.audience:
            log.error("a send does not add up", send=send.id, audience=send.audience, final=final)
            return False
        if not sends.close(session, send.id, now=now):
            return False
        contests.end(session, send.id)
        issues.move(session, send.issue_id, to=IssueStatus.SENT, now=now)
        events.record(
            session,
            at=now,
            actor="schedule",
            action="finished the send",
            subject=f"send {send.id}",
            data={state.value: n for state, n in counts.items()},
        )
    log.info("send finished", send=send.id, **{state.value: n for state, n in counts.items()})
    return True
