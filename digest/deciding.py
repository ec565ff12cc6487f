"""What a person decides about an issue beside approving it: take the approval back, hold it, skip it; each with its line."""

from __future__ import annotations

import datetime as dt

from digest.model import Issue, IssueStatus
from digest.store import events, issues
from digest.store.engine import Database


def withdraw(database: Database, issue: Issue, *, by: str, actor: str, now: dt.datetime) -> None:
    """Take the approval back: a draft again, or held once the deadline's rule would approve it. Raises Conflict.

    by: the name that the desk shows. actor: the same in the audit log, which names nobody.
    """
    why = f"the approval was withdrawn by {by}"
    with database.write() as session:
        if now < issue.moments.deadline_at:
            issues.withdraw(session, issue.id, why=why, now=now)
        else:
            issues.move(session, issue.id, to=IssueStatus.HELD, now=now, reason=why)
        events.record(
            session,
            at=now,
            actor=actor,
            action="withdrew the approval",
            subject=f"{issue.newsletter}/{issue.period}",
            data={"checksum": issue.approval.checksum if issue.approval else ""},
        )


def move(
    database: Database,
    issue: Issue,
    to: IssueStatus,
    *,
    reason: str,
    actor: str,
    now: dt.datetime,
) -> None:
    """Hold an issue, or skip it, and say why. Raises Conflict where it cannot be any more."""
    with database.write() as session:
        issues.move(session, issue.id, to=to, now=now, reason=reason)
        events.record(
            session,
            at=now,
            actor=actor,
            action=str(to),
            subject=f"{issue.newsletter}/{issue.period}",
            data={"reason": reason},
        )
