"""`reconcile()`: what should have happened by now, and has not? The database decides who does it.

The alarm clock only wakes it. Each newsletter's coming period is opened early, its draft grows
with the week, and every moment that has passed is acted on once, by a conditional change that only
one process can win. Doing it twice, late, or from two machines is harmless: docs/design.md.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Protocol

from digest import approve, logs, pipeline
from digest.delivery import finish, freeze
from digest.delivery.house import DeliveryHouse
from digest.errors import Conflict, RenderError
from digest.model import Issue, IssueId, IssueStatus, Moments
from digest.protocols import Progress, Summariser, silent
from digest.schedules import Schedule
from digest.store import articles, editors, heartbeats, issues, newsletters, notices
from digest.store.engine import Session

log = logs.get(__name__)

#: Who approves where the schedule's rule does and no person.
DEADLINE_RULE = "deadline rule"

#: A draft of a week that is not over is made again at most this often.
REFRESH = dt.timedelta(hours=1)


class ReconcileHouse(DeliveryHouse, Protocol):
    """What reconcile needs; `bootstrap.House` has it all."""

    def summariser(self, newsletter: str) -> Summariser:
        """The summariser that the newsletter's schedule names."""


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that reconcile did, in a word or two."""

    newsletter: str
    period: str
    did: str


@dataclass(frozen=True, slots=True)
class Turn:
    """One newsletter's turn in one run of reconcile."""

    house: ReconcileHouse
    schedule: Schedule
    now: dt.datetime
    progress: Progress = silent

    @property
    def catch_up(self) -> dt.timedelta:
        return dt.timedelta(seconds=self.schedule.deliver.catch_up)


def reconcile(
    house: ReconcileHouse, *, now: dt.datetime, progress: Progress = silent
) -> tuple[Step, ...]:
    """Bring every newsletter to where it should be at `now`; says what it did."""
    done: list[Step] = []
    for schedule in house.schedules.values():
        turn = Turn(house, schedule, now, progress)
        _open_periods(turn)
        with house.database.read() as session:
            unfinished = issues.unfinished(session, schedule.key)
        for issue in unfinished:
            done += [Step(schedule.key, issue.period, did) for did in _advance(turn, issue.id)]
    done += _finished(house, now)
    with house.database.write() as session:
        heartbeats.beat(session, "reconcile", now=now)
    for step in done:
        log.info("issue moved", newsletter=step.newsletter, period=step.period, did=step.did)
    return tuple(done)


def _finished(house: ReconcileHouse, now: dt.datetime) -> Iterator[Step]:
    for issue_id in finish.finish(house, now=now):
        with house.database.read() as session:
            issue = issues.by_id(session, issue_id)
        yield Step(issue.newsletter, issue.period, "sent")


def _open_periods(turn: Turn) -> None:
    """Open the newest period whose week is over, and the one that is still growing."""
    calendar, key = turn.schedule.calendar, turn.schedule.key
    with turn.house.database.write() as session:
        since = newsletters.first_seen(session, key, now=turn.now)
        over = calendar.period_at(turn.now)
        for day in (over, over + dt.timedelta(days=7)):
            last_end = issues.last_window_end(session, key, before_period=day.isoformat())
            moments = calendar.moments(day, last_end)
            if moments.send_at < since:
                continue  # planned before we were there: nobody's debt
            if day > over and not articles.in_window(
                session, turn.schedule.source_keys, moments.window
            ):
                continue  # a coming week is opened by its first story
            if not issues.open_issue(session, key, moments, now=turn.now):
                _follow_schedule(session, turn, moments)


def _follow_schedule(session: Session, turn: Turn, moments: Moments) -> None:
    """An edited schedule holds for a week that is not over; after that it changes nothing."""
    issue = issues.get(session, turn.schedule.key, moments.period)
    if issue is None or issue.status not in (IssueStatus.DUE, IssueStatus.DRAFT):
        return
    if issue.moments != moments and turn.now < issue.moments.draft_at:
        issues.reschedule(session, issue.id, moments, now=turn.now)


def _advance(turn: Turn, issue_id: IssueId) -> Iterator[str]:
    """Act on every moment of one issue that has passed; who loses a race leaves it to the winner."""
    acts: tuple[Callable[[Turn, Issue], str | None], ...] = (
        _drop_stale,
        _build,
        _remind,
        _decide,
        _start,
    )
    for act in acts:
        with turn.house.database.read() as session:
            issue = issues.by_id(session, issue_id)
        try:
            did = act(turn, issue)
        except Conflict as error:
            log.info("another process was first", issue=issue_id, why=str(error))
            return
        if did:
            yield did


def _drop_stale(turn: Turn, issue: Issue) -> str | None:
    """A period that no longer falls on the schedule's send day is dropped before its week is over."""
    day = dt.date.fromisoformat(issue.period)
    waiting = issue.status in (IssueStatus.DUE, IssueStatus.DRAFT)
    if day.weekday() == turn.schedule.deliver.at.weekday or not waiting:
        return None
    if turn.now >= issue.moments.draft_at:
        return None
    return _move(turn, issue, IssueStatus.SKIPPED, "the schedule's send day was changed")


def _build(turn: Turn, issue: Issue) -> str | None:
    """Make the draft: hourly while the week grows, and once for good when it is over."""
    if issue.status not in (IssueStatus.DUE, IssueStatus.DRAFT):
        return None
    over = turn.now >= issue.moments.draft_at
    fresh = issue.built_at is not None and turn.now - issue.built_at < REFRESH
    if (over and not issue.is_early) or (not over and fresh):
        return None
    try:
        return build(turn, issue)
    except RenderError as error:
        log.error("the mail could not be made", issue=issue.id, why=str(error))
        return _hold(turn, issue, f"the mail could not be made: {error}") if over else None


def build(turn: Turn, issue: Issue) -> str | None:
    """Build one issue from what the store holds now; a thin week is skipped or kept by the schedule."""
    schedule, moments = turn.schedule, issue.moments
    over = turn.now >= moments.draft_at
    with turn.house.database.read() as session:
        found = articles.in_window(session, schedule.source_keys, moments.window)
    if not found:
        return _skip(turn, issue, "no story came this week") if over else None
    draft = pipeline.build(
        found,
        moments,
        schedule=schedule,
        summariser=turn.house.summariser(schedule.key),
        number=issue.number,
        public_url=turn.house.public_url,
        progress=turn.progress,
    )
    if draft.thin and over and schedule.compose.thin_week == "skip":
        stories = len(draft.content.stories)
        least = schedule.compose.minimum_stories
        return _skip(turn, issue, f"a thin week: {stories} stories, fewer than {least}")
    with turn.house.database.write() as session:
        issues.save_draft(session, issue.id, draft.content, draft.rendered, now=turn.now)
    turn.progress("draft", 1, 1)
    return "drafted" if over else "drafted early"


def _remind(turn: Turn, issue: Issue) -> str | None:
    """Editors hear once that nobody has approved, between the reminder's hour and the deadline."""
    moments = issue.moments
    waiting = issue.status in (IssueStatus.DRAFT, IssueStatus.HELD) and not issue.is_early
    if not waiting or not moments.remind_at <= turn.now < moments.deadline_at:
        return None
    with turn.house.database.write() as session:
        if not issues.remind(session, issue.id, now=turn.now):
            return None
        deadline = moments.deadline_at.astimezone(turn.schedule.calendar.zone)
        _tell_editors(session, turn, issue, "reminder", deadline=f"{deadline:%H:%M}")
    return "reminded"


def _decide(turn: Turn, issue: Issue) -> str | None:
    """At the deadline the schedule's rule decides, unless the draft has errors or it is too late."""
    if issue.status is not IssueStatus.DRAFT or turn.now < issue.moments.deadline_at:
        return None
    if issue.is_early or issue.edition is None:
        return None
    late = turn.now - issue.moments.send_at
    if late > turn.catch_up:
        return _hold(turn, issue, f"it is {_hours(late)} late: an editor must decide")
    against = approve.obstacles(issue, public_url=turn.house.public_url)
    if against:
        return _hold(turn, issue, "; ".join(against))
    if turn.schedule.approve.if_nobody == "hold":
        return _hold(turn, issue, "nobody approved it by the deadline")
    approve.approve(
        turn.house.database,
        issue,
        issue.edition.checksum,
        by=DEADLINE_RULE,
        actor=DEADLINE_RULE,
        now=turn.now,
        public_url=turn.house.public_url,
        note="nobody had approved it by the deadline",
    )
    turn.progress("approve", 1, 1)
    return "approved by the deadline rule"


def _start(turn: Turn, issue: Issue) -> str | None:
    """At the send's hour the audience is frozen; a consent from before a long outage asks again."""
    if issue.status is not IssueStatus.APPROVED or turn.now < issue.moments.send_at:
        return None
    late = turn.now - issue.moments.send_at
    decided_late = issue.approval and issue.approval.at - issue.moments.send_at > turn.catch_up
    if late > turn.catch_up and not decided_late:
        return _hold(turn, issue, f"it is {_hours(late)} late: an editor must decide")
    freeze.freeze(turn.house, issue, now=turn.now)
    turn.progress("freeze", 1, 1)
    return f"sending, {_hours(late)} late" if late > dt.timedelta(minutes=5) else "sending"


def _hold(turn: Turn, issue: Issue, reason: str) -> str:
    return _move(turn, issue, IssueStatus.HELD, reason)


def _skip(turn: Turn, issue: Issue, reason: str) -> str:
    return _move(turn, issue, IssueStatus.SKIPPED, reason)


def _move(turn: Turn, issue: Issue, to: IssueStatus, reason: str) -> str:
    """Change the status and tell the editors why, in one transaction."""
    with turn.house.database.write() as session:
        issues.move(session, issue.id, to=to, now=turn.now, reason=reason)
        _tell_editors(session, turn, issue, to.value, reason=reason)
    return f"{to.value}: {reason}"


def _tell_editors(session: Session, turn: Turn, issue: Issue, kind: str, **data: str) -> None:
    desk_url = f"{turn.house.public_url}/desk/{issue.newsletter}/{issue.period}"
    for editor in editors.all(session):
        notices.queue(
            session,
            kind=kind,
            newsletter=issue.newsletter,
            address=editor.email,
            dedupe=f"{kind}:{issue.newsletter}:{issue.period}:{editor.id}",
            data={"period": issue.period, "desk_url": desk_url, **data},
            now=turn.now,
        )


def _hours(span: dt.timedelta) -> str:
    minutes = int(span.total_seconds() // 60)
    return f"{minutes // 60} h {minutes % 60:02} min"
