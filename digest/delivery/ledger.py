"""The ledger as people ask it: how many stand where, and who."""

from __future__ import annotations

from collections.abc import Iterator

from digest.errors import NotFound
from digest.model import DeliveryState, IssueId
from digest.store import deliveries, reports, sends
from digest.store.deliveries import Line
from digest.store.engine import Database, Session

#: Readers of the audience whose turn has not come.
WAITING = "waiting"


def counts(session: Session, issue_id: IssueId) -> dict[str, int]:
    """Readers by state, and those still `waiting`; all zero where the issue was not sent. Sums to the audience."""
    try:
        send = sends.of_issue(session, issue_id)
    except NotFound:
        return {state.value: 0 for state in DeliveryState} | {WAITING: 0}
    found = deliveries.counts(session, send.id)
    by_name = {state.value: n for state, n in found.items()}
    return by_name | {WAITING: send.audience - sum(found.values())}


def how_it_was_cancelled(database: Database, issue_id: IssueId) -> str:
    """`cancelled by erin: 68 accepted, 132 skipped`; empty where nobody cancelled it."""
    with database.read() as session:
        send = sends.of_issue(session, issue_id)
        found = counts(session, issue_id)
    told = ", ".join(f"{n} {state}" for state, n in found.items() if n)
    return f"cancelled by {send.cancelled_by}: {told}" if send.cancelled_by else ""


def after(session: Session, issue_id: IssueId) -> dict[str, int]:
    """How many copies came back or were complained of since; empty where the issue was not sent."""
    try:
        send = sends.of_issue(session, issue_id)
    except NotFound:
        return {}
    return reports.outcome_counts(session, send.id)


def lines(session: Session, issue_id: IssueId) -> Iterator[Line]:
    """Every reader of the audience with state, attempts and reply. Raises NotFound where nothing was sent."""
    return deliveries.lines(session, sends.of_issue(session, issue_id).id)
