"""Which issues are big: they go to readers who want only such weeks as well."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import NamedTuple

from digest.model import Issue
from digest.schedules import Schedule
from digest.store import issues, preferences
from digest.store.engine import Session

#: Leads of so many issues before are looked at, half a year of them; with fewer than FEWEST each issue is big.
LOOKED_AT, FEWEST = 26, 4
#: A lead that stands above all but this share of them is big.
SHARE = 0.25


def is_big(session: Session, issue: Issue, schedule: Schedule) -> bool:
    """True where the issue leads with a story that readers who want only big news are told of."""
    lead = issue.content.lead if issue.content else None
    if lead is None:
        return False
    bound = schedule.preferences.big_story
    if bound is not None:
        return lead.score >= bound
    earlier = issues.lead_scores(
        session, issue.newsletter, before_period=issue.period, limit=LOOKED_AT
    )
    return stands_out(lead.score, earlier)


class BigWeek(NamedTuple):
    """Whether an issue is big as it stands, and how many readers want only such ones."""

    big: bool
    waiting: int


def foreseen(
    session: Session, issue: Issue, schedule: Schedule, *, now: dt.datetime
) -> BigWeek | None:
    """What the issue would be to who wants only big weeks; None where nobody does."""
    waiting = preferences.waiting_for_big(session, issue.newsletter, now=now)
    return BigWeek(is_big(session, issue, schedule), waiting) if waiting else None


def stands_out(score: float, earlier: Sequence[float]) -> bool:
    """True for a score of the highest quarter. By places, since a scale of scores is each site's own."""
    if len(earlier) < FEWEST:
        return True
    return sum(one >= score for one in earlier) < len(earlier) * SHARE
