"""The report of a send: what became of everybody, told to the editors once it is done, whoever finished it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from zoneinfo import ZoneInfo

from digest import tell
from digest.delivery import ledger
from digest.delivery.house import DeliveryHouse
from digest.model import Issue
from digest.store import contests, issues, sends
from digest.store.engine import Session
from digest.store.sends import Send

#: What was done longer ago is nobody's news.
NEWS = dt.timedelta(days=1)


def tell_editors(house: DeliveryHouse, *, now: dt.datetime) -> Iterator[Issue]:
    """Report every send that was done lately; gives the issues of those that were not reported yet.

    A send that was opened again, for those whom it did not reach, is reported again with new numbers.
    """
    with house.database.read() as session:
        found = sends.unreported(session, since=now - NEWS)
    for send in found:
        if schedule := house.schedules.get(send.newsletter):
            with house.database.write() as session:
                (issue,) = contests.as_told(session, [issues.by_id(session, send.issue_id)])
                reported = sends.report(session, send.id, now=now)
                data = _figures(session, send, issue, schedule.calendar.zone)
                told = reported and tell.editors(session, house, issue, "sent", now=now, **data)
            if told:
                yield issue


def _figures(session: Session, send: Send, issue: Issue, zone: ZoneInfo) -> dict[str, str]:
    counts = ledger.counts(session, issue.id)
    ended = send.finished_at or send.started_at
    return {
        "subject": issue.edition.rendered.subject if issue.edition else "",
        "began": _moment(send.started_at, ended, zone),
        "ended": _moment(ended, send.started_at, zone),
        "cancelled_by": send.cancelled_by,
        "audience": str(send.audience),
        **{state: str(counts[state]) for state in ("accepted", "failed", "skipped", "uncertain")},
    }


def _moment(one: dt.datetime, other: dt.datetime, zone: ZoneInfo) -> str:
    """The hour by the newsletter's clock; with its day where the other is of another day."""
    here = one.astimezone(zone)
    same = here.date() == other.astimezone(zone).date()
    return f"{here:%H:%M}" if same else f"{here:%A} {here:%H:%M}"
