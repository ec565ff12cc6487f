"""Freezing: the approved edition and its audience become a send, in one transaction, and so do the jobs that wake workers."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import NamedTuple

from digest import contests as rules
from digest import logs
from digest.delivery import big_weeks, contests, waves
from digest.delivery.house import DeliveryHouse
from digest.errors import Conflict
from digest.model import Contest, Issue, IssueStatus
from digest.store import chunks, editions, events, issues, jobs, sends
from digest.store.chunks import Split, Terms
from digest.store.engine import Session

log = logs.get(__name__)


class _Contest(NamedTuple):
    """A contest of two subjects as it begins. why_not: it is not held; then nothing is split."""

    contest: Contest
    rest_at: dt.datetime
    why_not: str
    split: Split | None

    @property
    def told(self) -> str:
        return self.why_not or self.contest.terms


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
        big = big_weeks.is_big(session, fresh, schedule)
        trial = _contest(session, house, fresh, big=big, now=now)
        send = sends.freeze(
            session,
            issue_id=issue.id,
            edition_id=fresh.edition.id,
            newsletter=issue.newsletter,
            cut_off=now,
            terms=Terms(
                waves.due_of(schedule, issue.moments.send_at, now=now),
                big,
                schedule.only,
                trial.split if trial else None,
            ),
        )
        if send is None:
            raise Conflict(f"issue {issue.period} has a send already")
        if trial:
            contests.begin(session, send, trial.contest, trial.why_not, rest_at=trial.rest_at)
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
                **({"contest": trial.told} if trial else {}),
                **({"segment": schedule.audience.segment} if schedule.audience.segment else {}),
            },
        )
    log.info("audience frozen", issue=issue.id, audience=send.audience, jobs=woken)


def _contest(
    session: Session, house: DeliveryHouse, issue: Issue, *, big: bool, now: dt.datetime
) -> _Contest | None:
    """The contest that was approved; where it can teach nothing by now, everybody gets the first subject."""
    contest = issue.content.contest if issue.content else None
    if contest is None or issue.edition is None:
        return None
    setting = contests.setting(session, house, issue, now=now, big=big)
    rest_at = rules.rest_at(contest, now)
    why_not = rules.obstacle(contest, replace(setting, begins_at=now))
    if not why_not and editions.second(session, issue.edition.id) is None:
        why_not = "the edition was made without its second subject"
    checksum = issue.edition.checksum
    split = None if why_not else contests.split(contest, house.key, checksum, rest_at=rest_at)
    return _Contest(contest, rest_at, why_not, split)
