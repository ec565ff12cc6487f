"""Where every newsletter stands, as plain data: for `digest status` on a screen or as JSON."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from digest import remedies
from digest.bootstrap import House
from digest.delivery import ledger
from digest.masking import masked
from digest.model import DeliveryState, Issue, IssueStatus
from digest.store import (
    deliveries,
    heartbeats,
    issues,
    notices,
    polls,
    rests,
    sends,
    subscribers,
    suppressions,
)
from digest.store.engine import Session
from digest.store.sends import Send


def standing(house: House, newsletter: str | None = None) -> dict[str, Any]:
    """Readers, issues with their deliveries, sources, providers that rest, and how fresh all this is.

    Times are ISO 8601: of a send by its newsletter's clocks, else UTC.
    """
    keys = [house.schedule(newsletter).key] if newsletter else list(house.schedules)
    with house.database.read() as session:
        last = heartbeats.last(session, "reconcile")
        return {
            "newsletters": [_newsletter(house, session, key) for key in keys],
            "resting": _resting(house, session),
            "notices_waiting": notices.pending(session),
            "reconciled_at": last.isoformat(timespec="seconds") if last else None,
        }


def _newsletter(house: House, session: Session, key: str) -> dict[str, Any]:
    schedule = house.schedule(key)
    zone = schedule.calendar.zone
    return {
        "key": key,
        "name": schedule.newsletter.name,
        "readers": {str(k): n for k, n in subscribers.counts(session, key).items()},
        "suppressed": suppressions.count(session, key, at=house.clock()),
        "issues": [_issue(session, one, zone) for one in issues.recent(session, key, limit=8)],
        "sources": [
            {"key": one.source, "health": one.error or f"polled {one.succeeded_at:%d %b %H:%M} UTC"}
            if one.succeeded_at or one.error
            else {"key": one.source, "health": "not polled yet"}
            for one in polls.health(session, schedule.source_keys)
        ],
    }


def _issue(session: Session, issue: Issue, zone: dt.tzinfo) -> dict[str, Any]:
    send = sends.if_begun(session, issue.id)
    ended = issue.status is IssueStatus.SENT and send is not None and send.cancelled_by
    return {
        "period": issue.period,
        "status": "cancelled" if ended else str(issue.status),
        "reason": issue.reason,
        "checksum": issue.edition.checksum if issue.edition else None,
        "deliveries": by_state(ledger.counts(session, issue.id)),
        "after": ledger.after(session, issue.id),
        "send": _send(session, send, zone) if send else None,
    }


def _send(session: Session, send: Send, zone: dt.tzinfo) -> dict[str, Any]:
    """How a send stands. waits_for_a_person: it does not go on by itself; remedy: what to look at."""
    waits = send.waits_for_a_person
    found = deliveries.deferred(session, send.id)
    return {
        "status": str(send.status),
        "reason": send.reason,
        "waits_for_a_person": waits,
        "until": _iso(send.resume_at if send.reason else None, zone),
        "since": _iso(send.paused_at, zone),
        "by": send.paused_by,
        "provider": send.paused_with,
        "remedy": remedies.paused(send.reason, send.paused_with) if waits else "",
        "cancelled_by": send.cancelled_by,
        "deferred": found
        and {
            "readers": found.readers,
            "reply": found.reply,
            "next_try": _iso(found.next_at, zone),
        },
    }


def _resting(house: House, session: Session) -> list[dict[str, Any]]:
    """The providers that are left alone for now."""
    return [
        {
            "provider": one.provider,
            "until": _iso(one.until, dt.UTC),
            "why": masked(one.why),
            "instead": one.instead,
            "remedy": remedies.remedy(one.why, one.provider),
        }
        for one in rests.now_resting(session, now=house.clock())
    ]


def by_state(counts: Mapping[str, int]) -> dict[str, int]:
    """Readers by state; whose turn has not come is queued, as in the ledger's lines."""
    found = {state: n for state, n in counts.items() if state != ledger.WAITING}
    found[DeliveryState.QUEUED.value] += counts.get(ledger.WAITING, 0)
    return found


def told(counts: Mapping[str, int]) -> str:
    """`68 accepted, 132 skipped`."""
    return ", ".join(f"{n} {state}" for state, n in by_state(counts).items() if n)


def _iso(moment: dt.datetime | None, zone: dt.tzinfo) -> str | None:
    return moment.astimezone(zone).isoformat(timespec="minutes") if moment else None
