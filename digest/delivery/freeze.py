"""Freezing: the approved edition and its audience become a send, in one transaction, and so do the jobs that wake workers."""

from __future__ import annotations

import datetime as dt

from digest import logs
from digest.delivery import big_weeks, waves
from digest.delivery.house import DeliveryHouse
from digest.errors import Conflict
from digest.model import Issue, IssueStatus
from digest.store import chunks, events, issues, jobs, sends
from digest.store.chunks import Terms

log = logs.get(__name__)


def freeze(house: DeliveryHouse, issue: Issue, *, now: dt.datetime) -> None:
    """Approved → sending: audience at `now`, chunks made. Raises Conflict where that does not fit.

    The consent must be to the very edition that goes out.
    """
    schedule = house.schedules[issue.newsletter]
    with house.database.write() as session:
        fresh = issues.by_id(session, issue.id)
        if fresh.edition is None or fresh.approval is None:
            raise Conflict(f"issue {issue.period} has no approved edition")
        if fresh.approval.checksum != fresh.edition.checksum:
            raise Conflict(f"issue {issue.period} was approved as another edition than the current")
        issues.move(session, issue.id, to=IssueStatus.SENDING, now=now)
        send = sends.freeze(
            session,
            issue_id=issue.id,
            edition_id=fresh.edition.id,
            newsletter=issue.newsletter,
            cut_off=now,
            terms=Terms(
                waves.due_of(schedule, issue.moments.send_at, now=now),
                big_weeks.is_big(session, fresh, schedule),
                schedule.only,
            ),
        )
        if send is None:
            raise Conflict(f"issue {issue.period} has a send already")
        woken = jobs.announce(session, send.id, chunks=-(-send.audience // chunks.CHUNK))
        events.record(
            session,
            at=now,
            actor="schedule",
            action="froze the audience",
            subject=f"{issue.newsletter}/{issue.period}",
            data={
                "audience": send.audience,
                "checksum": fresh.edition.checksum,
                **({"segment": schedule.audience.segment} if schedule.audience.segment else {}),
            },
        )
    log.info("audience frozen", issue=issue.id, audience=send.audience, jobs=woken)
