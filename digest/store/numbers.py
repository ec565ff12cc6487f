"""What became of issues and of the list, as sums: never a row about one reader leaves here."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import ColumnElement, case, func, literal_column, select
from sqlmodel import Session, col

from digest import numbers
from digest.model import DeliveryState, Issue, IssueStatus, SubscriptionStatus
from digest.numbers import IssueNumbers, Week
from digest.store import clicks, contests, deliveries, issues, reports, sends
from digest.store.sends import Send
from digest.store.tables import MembershipRow, SendRow, SubscriptionRow

#: What `outcome` says of a copy that came back (digest.audience.bounces.Verdict).
_BOUNCED, _COMPLAINT = ("hard", "soft", "held", "ours"), "complaint"
Tally = Mapping[DeliveryState, int]
#: By send and when it ended: one that is opened again ends anew.
Tallies = dict[tuple[int, dt.datetime], Tally]

_GONE_OUT = frozenset({IssueStatus.SENDING, IssueStatus.SENT})


def of_newsletter(
    session: Session,
    newsletter: str,
    *,
    limit: int,
    until: str = "",
    known: Tallies | None = None,
) -> list[IssueNumbers]:
    """The newest issues that went out, newest first. until: the period of the newest one.

    known: what sends came to that are done, which is kept there: to count a million lines takes a while.
    """
    tallies: Tallies = {} if known is None else known
    chosen = _gone_out(session, newsletter, limit, until)
    begun = {one.id: sends.of_issue(session, one.id) for one in chosen}
    opened = clicks.of_issues(session, list(begun))
    moments = sorted(_started(session, list(begun.values())))
    left = _by_span(session, newsletter, col(MembershipRow.until), moments)
    why = _reasons(session, newsletter, moments)
    found = []
    for issue in chosen:
        span = moments.index(begun[issue.id].started_at)
        send = begun[issue.id]
        counts = _tally(session, send, tallies)
        told = _issue(session, issue, send, opened.get(issue.id), counts)
        over = span + 1 < len(moments)
        found.append(replace(told, left=left.get(span, 0), why=why.get(span, {}), is_over=over))
    return found


def _tally(session: Session, send: Send, known: Tallies) -> Tally:
    """How many readers stand where: of a send that is done, as it was counted when it ended."""
    if send.finished_at is None:
        return deliveries.counts(session, send.id)
    key = (send.id, send.finished_at)
    if key not in known:
        known[key] = deliveries.counts(session, send.id)
    return known[key]


def _gone_out(session: Session, newsletter: str, limit: int, until: str) -> list[Issue]:
    """A few more are looked at: those that are open, skipped, or have lost their send."""
    few = limit + 4
    if until:
        newest = issues.get(session, newsletter, until)
        older = issues.told_before(session, newsletter, before_period=until, limit=few)
        found = [*([newest] if newest else []), *older]
    else:
        found = issues.recent(session, newsletter, limit=few)
    out = (one for one in found if one.status in _GONE_OUT and sends.if_begun(session, one.id))
    return contests.as_told(session, list(out)[:limit])


def _started(session: Session, chosen: Sequence[Send]) -> list[dt.datetime]:
    """When these sends began, and when the next one after them did."""
    if not chosen:
        return []
    newest = max(chosen, key=lambda send: send.started_at)
    after = select(func.min(col(SendRow.started_at))).where(
        col(SendRow.newsletter) == newest.newsletter, col(SendRow.started_at) > newest.started_at
    )
    following = session.scalar(after)
    return [*(send.started_at for send in chosen), *([following] if following else [])]


def _issue(
    session: Session,
    issue: Issue,
    send: Send,
    opened: numbers.Clicks | None,
    counts: Tally,
) -> IssueNumbers:
    after = reports.outcome_counts(session, send.id)
    return IssueNumbers(
        period=issue.period,
        number=issue.number,
        subject=issue.edition.rendered.subject if issue.edition else "",
        audience=send.audience,
        accepted=counts.get(DeliveryState.ACCEPTED, 0),
        failed=counts.get(DeliveryState.FAILED, 0),
        skipped=counts.get(DeliveryState.SKIPPED, 0),
        uncertain=counts.get(DeliveryState.UNCERTAIN, 0),
        waiting=send.audience - sum(counts.values()) + counts.get(DeliveryState.QUEUED, 0),
        bounced=sum(after.get(kind, 0) for kind in _BOUNCED),
        complaints=after.get(_COMPLAINT, 0),
        left=0,
        counted=opened is not None,
        stories=numbers.of_stories(issue.content, opened or {}) if issue.content else (),
    )


def _reasons(
    session: Session, newsletter: str, moments: Sequence[dt.datetime]
) -> dict[int, dict[str, int]]:
    """The reasons of who left, the commonest first, by the span that they left in."""
    if not moments:
        return {}
    span, at = _span(col(SubscriptionRow.changed_at), moments), col(SubscriptionRow.changed_at)
    counted, why = func.count(), col(SubscriptionRow.left_for)
    asked = (
        select(span, why, counted)
        .where(
            col(SubscriptionRow.newsletter) == newsletter,
            col(SubscriptionRow.status) == SubscriptionStatus.UNSUBSCRIBED.value,
            why != "",
            at >= moments[0],
        )
        .group_by(span, why)
        .order_by(counted.desc(), why)
    )
    found: dict[int, dict[str, int]] = {}
    for place, reason, count in session.execute(asked):
        found.setdefault(place, {})[reason] = count
    return found


def growth(
    session: Session, newsletter: str, mondays: Sequence[dt.date], moments: Sequence[dt.datetime]
) -> list[Week]:
    """Who joined and left, week by week. moments: when each of the weeks begins; the last one is open."""
    joined = _by_span(session, newsletter, col(MembershipRow.since), moments)
    left = _by_span(session, newsletter, col(MembershipRow.until), moments)
    return [Week(day, joined.get(n, 0), left.get(n, 0)) for n, day in enumerate(mondays)]


def _by_span(
    session: Session, newsletter: str, at: Any, moments: Sequence[dt.datetime]
) -> dict[int, int]:
    """How many memberships begin or end in which span: one look at the table, however many spans."""
    if not moments:
        return {}
    span = _span(at, moments)
    asked = (
        select(span, func.count())
        .where(col(MembershipRow.newsletter) == newsletter, at >= moments[0])
        .group_by(span)
    )
    return {place: count for place, count in session.execute(asked)}  # noqa: C416  typed so


def _span(at: Any, moments: Sequence[dt.datetime]) -> ColumnElement[int]:
    """The number of the span that a time falls into; the last one has no end."""
    newest_first = reversed(list(enumerate(moments)))
    return case(*((at >= begins, literal_column(str(n))) for n, begins in newest_first))
