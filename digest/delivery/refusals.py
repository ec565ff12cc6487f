"""What the next server refused while it was being sent to: judged like what comes back later.

A 550 at RCPT is a bounce as much as a mail about it is; only nobody sends us that mail.
"""

from __future__ import annotations

import datetime as dt

from digest.audience import bounces, tokens
from digest.delivery import reports as reporting
from digest.model import Report, ReportKind
from digest.store import reports
from digest.store.engine import Database
from digest.store.reports import Refusal

#: The provider's name in these reports.
RELAY = "relay"

#: Sends that began longer ago are judged no more.
LOOK_BACK = dt.timedelta(days=7)

#: Refusals that are judged in one transaction.
BATCH = 200


def judge_all(database: Database, *, key: bytes, now: dt.datetime) -> int:
    """Judge every refusal that is not judged yet; how many there were. Harmless to repeat."""
    total = 0
    while True:
        with database.read() as session:
            found = reports.unjudged_refusals(session, since=now - LOOK_BACK, limit=BATCH)
        if not found:
            return total
        told = [_report(one, key) for one in found]
        new = sum(reporting.apply(database, told, key=key, now=now).verdicts.values())
        total += new
        if not new:  # never so, but a loop must end
            return total


def _report(one: Refusal, key: bytes) -> Report:
    proof = tokens.message_key(key, one.checksum, one.handle)
    return Report(
        provider=RELAY,
        event_id=f"{one.send_id}/{one.subscriber_id}",
        kind=ReportKind.BOUNCED,
        at=one.at,
        ref=tokens.ref(one.handle, proof),
        status=bounces.code_of(one.reply),
        detail=one.reply,
    )
