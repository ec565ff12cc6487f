"""Where every newsletter stands, as plain data: for `digest status` on a screen or as JSON."""

from __future__ import annotations

from typing import Any

from digest.bootstrap import House
from digest.delivery import ledger
from digest.store import heartbeats, issues, notices, polls, subscribers, suppressions


def standing(house: House, newsletter: str | None = None) -> dict[str, Any]:
    """Readers, issues with their deliveries, sources, and how fresh all this is."""
    keys = [house.schedule(newsletter).key] if newsletter else list(house.schedules)
    with house.database.read() as session:
        return {
            "newsletters": [_newsletter(house, session, key) for key in keys],
            "notices_waiting": notices.pending(session),
            "reconciled_at": heartbeats.last(session, "reconcile"),
        }


def _newsletter(house: House, session: Any, key: str) -> dict[str, Any]:
    schedule = house.schedule(key)
    return {
        "key": key,
        "name": schedule.newsletter.name,
        "readers": {str(k): n for k, n in subscribers.counts(session, key).items()},
        "suppressed": suppressions.count(session, key, at=house.clock()),
        "issues": [
            {
                "period": issue.period,
                "status": str(issue.status),
                "reason": issue.reason,
                "checksum": issue.edition.checksum if issue.edition else None,
                "deliveries": {str(k): n for k, n in ledger.counts(session, issue.id).items()},
                "after": ledger.after(session, issue.id),
            }
            for issue in issues.recent(session, key, limit=8)
        ],
        "sources": [
            {"key": one.source, "health": one.error or f"polled {one.succeeded_at:%d %b %H:%M} UTC"}
            if one.succeeded_at or one.error
            else {"key": one.source, "health": "not polled yet"}
            for one in polls.health(session, schedule.source_keys)
        ],
    }
