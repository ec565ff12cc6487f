"""What the next server refused while it was being sent to: judged like what comes back later.

A 550 at RCPT is a bounce as much as a mail about it is; only nobody sends us that mail. It is judged when
its send has ended, for only then is it known how much of it was refused. Too much of it tells of that
server and not of readers: all of it is held back, and a person says what is true of it.
"""

from __future__ import annotations

import datetime as dt

from digest import logs
from digest.audience import bounces, tokens
from digest.audience.bounces import Verdict
from digest.delivery import reports as reporting
from digest.errors import Conflict
from digest.model import DeliveryState, Issue, Report, ReportKind
from digest.store import deliveries, events, refusals, sends
from digest.store.engine import Database, Session
from digest.store.refusals import Refusal
from digest.store.sends import SendStatus

log = logs.get(__name__)

#: The provider's name in these reports.
RELAY = "relay"

#: Sends that ended longer ago are judged no more.
LOOK_BACK = dt.timedelta(days=7)

#: Refusals that are judged in one transaction.
BATCH = 200


def judge_all(database: Database, *, key: bytes, now: dt.datetime) -> int:
    """Judge, or hold back, every refusal that is not judged yet; how many were. Harmless to repeat."""
    with database.read() as session:
        ended = refusals.ended_since(session, now - LOOK_BACK)
        ended = [send_id for send_id in ended if refusals.any_unjudged(session, send_id)]
    return sum(_judge_send(database, send_id, key=key, now=now) for send_id in ended)


def believe(
    database: Database, issue: Issue, *, key: bytes, by: str, now: dt.datetime
) -> tuple[int, int]:
    """A person says that what was held back of an issue is true: (judged, suppressed by it).

    Raises Conflict where nothing is held back.
    """
    with database.write() as session:
        send = sends.of_issue(session, issue.id)
        if not refusals.of_send(session, send.id, Verdict.HELD, after=0, limit=1):
            raise Conflict(f"nothing of {issue.newsletter}/{issue.period} is held back")
        subject = f"{issue.newsletter}/{issue.period}"
        events.record(session, at=now, actor=by, action="believed the refusals", subject=subject)
    return _judge(database, send.id, Verdict.HELD, key=key, now=now)


def _judge_send(database: Database, send_id: int, *, key: bytes, now: dt.datetime) -> int:
    with database.write() as session:
        held = _held_back(session, send_id, now)
    return held if held else _judge(database, send_id, "", key=key, now=now)[0]


def _held_back(session: Session, send_id: int, now: dt.datetime) -> int:
    """How many refusals were put aside, for there are too many of them."""
    if sends.status(session, send_id) is not SendStatus.DONE:  # a person had it sent again just now
        return 0
    counts = deliveries.counts(session, send_id)
    accepted, refused = counts[DeliveryState.ACCEPTED], counts[DeliveryState.FAILED]
    if not bounces.is_doubtful(accepted, refused):
        return 0
    held = refusals.hold_back(session, send_id, Verdict.HELD, now=now)
    log.error(
        "too much of a send was refused: nobody is suppressed for it",
        send=send_id,
        accepted=accepted,
        refused=refused,
        remedy="see `digest doctor`",
    )
    data = {"accepted": accepted, "refused": refused, "held": held}
    subject = f"send:{send_id}"
    events.record(
        session, at=now, actor="schedule", action="held refusals back", subject=subject, data=data
    )
    return held


def _judge(
    database: Database, send_id: int, outcome: str, *, key: bytes, now: dt.datetime
) -> tuple[int, int]:
    """Judge the refusals with this outcome beside them, "" for none yet: (judged, suppressed)."""
    judged = suppressed = last = 0
    while True:
        with database.read() as session:
            found = refusals.of_send(session, send_id, outcome, after=last, limit=BATCH)
        if not found:
            return judged, suppressed
        told = [_report(one, key, outcome) for one in found]
        done = reporting.apply(database, told, key=key, now=now)
        judged += sum(done.verdicts.values())
        suppressed += done.suppressed
        last = found[-1].subscriber_id


def _report(one: Refusal, key: bytes, outcome: str) -> Report:
    """One event an attempt: who is sent it again and refused again is refused anew."""
    proof = tokens.message_key(key, one.checksum, one.handle)
    return Report(
        provider=RELAY,
        event_id=f"{one.send_id}/{one.subscriber_id}/{one.attempts}{outcome}",
        kind=ReportKind.BOUNCED,
        at=one.at,
        ref=tokens.ref(one.handle, proof),
        status=bounces.code_of(one.reply),
        detail=one.reply,
    )
