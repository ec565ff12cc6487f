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

from digest import approve, drafting, logs, reminders, send_report, tell
from digest.delivery import contests, finish, freeze
from digest.delivery.house import DeliveryHouse
from digest.errors import Conflict, NotFound, RenderError
from digest.model import Issue, IssueStatus, Moments
from digest.moments import span_words, wall_clock
from digest.protocols import Progress, Summariser, silent
from digest.schedules import Schedule
from digest.store import articles, heartbeats, identities, issues, newsletters, polls
from digest.store.engine import Session

log = logs.get(__name__)

#: Who approves where the schedule's rule does and no person.
DEADLINE_RULE = "deadline rule"

#: Why a draft that fails is held, before the reason itself.
NOT_MADE = "the mail could not be made"
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
        try:
            with logs.about(newsletter=schedule.key):
                done += _newsletter(turn)
        except Exception:
            log.exception("a newsletter's turn failed", newsletter=schedule.key)
    done += _chosen(house, now)
    done += _finished(house, now)
    done += _reported(house, now)
    with house.database.write() as session:
        heartbeats.beat(session, "reconcile", now=now)
    for step in done:
        log.info("issue moved", newsletter=step.newsletter, period=step.period, did=step.did)
    return tuple(done)


def _newsletter(turn: Turn) -> list[Step]:
    """One newsletter's turn: what fails here is no reason for another one to wait."""
    _open_periods(turn)
    with turn.house.database.read() as session:
        unfinished = issues.unfinished(session, turn.schedule.key, bare=True)
    return [step for issue in unfinished for step in _issue(turn, issue)]


def _issue(turn: Turn, issue: Issue) -> list[Step]:
    """One issue's turn; every line of the log about it says which."""
    with logs.about(issue=issue.id, period=issue.period):
        return [Step(turn.schedule.key, issue.period, did) for did in _advance(turn, issue)]


def _chosen(house: ReconcileHouse, now: dt.datetime) -> Iterator[Step]:
    for issue_id in contests.decide_due(house, now=now):
        with house.database.read() as session:
            issue = issues.by_id(session, issue_id)
        yield Step(issue.newsletter, issue.period, "chose the subject")


def _finished(house: ReconcileHouse, now: dt.datetime) -> Iterator[Step]:
    for issue_id in finish.finish(house, now=now):
        with house.database.read() as session:
            issue = issues.by_id(session, issue_id)
        yield Step(issue.newsletter, issue.period, "sent")


def _reported(house: ReconcileHouse, now: dt.datetime) -> Iterator[Step]:
    for issue in send_report.tell_editors(house, now=now):
        yield Step(issue.newsletter, issue.period, "reported")


def _open_periods(turn: Turn) -> None:
    """Open the newest period whose week is over, and the growing one once it has a story."""
    calendar, database = turn.schedule.calendar, turn.house.database
    since = _first_seen(turn)
    over = calendar.period_at(turn.now)
    for day in (over, over + dt.timedelta(days=7)):
        with database.read() as session:
            moments = _moments(session, turn, day)
            known = issues.get(session, turn.schedule.key, moments.period, bare=True)
            opens = known is None and moments.send_at >= since
            if opens and day != over:
                keys = turn.schedule.source_keys
                opens = articles.exists_in_window(session, keys, moments.window)
        if known is not None:
            _follow_schedule(turn, known, moments)
        elif opens:
            with database.write() as session:
                issues.open_issue(session, turn.schedule.key, moments, now=turn.now)


def _first_seen(turn: Turn) -> dt.datetime:
    """Written down once; every other time a look is enough, and holds nobody up who writes."""
    with turn.house.database.read() as session:
        seen = newsletters.seen_at(session, turn.schedule.key)
    if seen is not None:
        return seen
    with turn.house.database.write() as session:
        return newsletters.first_seen(session, turn.schedule.key, now=turn.now)


def _moments(session: Session, turn: Turn, day: dt.date) -> Moments:
    """A period's moments; its window begins where the stories begin that nobody was told."""
    start = issues.untold_since(session, turn.schedule.key, before_period=day.isoformat())
    return turn.schedule.calendar.moments(day, start)


def _follow_schedule(turn: Turn, issue: Issue, moments: Moments) -> None:
    """An edited schedule holds for a week that is not over; after that it changes nothing."""
    waiting = issue.status in (IssueStatus.DUE, IssueStatus.DRAFT)
    if waiting and issue.moments != moments and turn.now < issue.moments.draft_at:
        with turn.house.database.write() as session:
            issues.reschedule(session, issue.id, moments, now=turn.now)


def _advance(turn: Turn, issue: Issue) -> Iterator[str]:
    """Act on every moment of one issue that has passed; who loses a race leaves it to the winner.

    issue: without its content, which takes longest to read: a worker asks every 30 seconds, and mostly nothing is due.
    """
    acts: tuple[Callable[[Turn, Issue], str | None], ...] = (
        _drop_stale,
        _build,
        _remind,
        _decide,
        _start,
    )
    for act in acts:
        try:
            did = act(turn, issue)
        except Conflict as error:
            log.info("another process was first", issue=issue.id, why=str(error))
            return
        if did:
            yield did
            issue = _read(turn, issue, bare=True)


def _read(turn: Turn, issue: Issue, *, bare: bool = False) -> Issue:
    """As it is now."""
    with turn.house.database.read() as session:
        found = issues.get(session, issue.newsletter, issue.period, bare=bare)
    if found is None:
        raise NotFound(f"there is no issue {issue.id}")
    return found


def _unmoved(turn: Turn, bare: Issue) -> Issue:
    """The whole issue, where it still is what it was. Raises Conflict."""
    issue = _read(turn, bare)
    if (issue.status, issue.edition) != (bare.status, bare.edition):
        raise Conflict("the issue has gone on meanwhile")
    return issue


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
    over = turn.now >= issue.moments.draft_at
    held = over and _held_early(issue)
    if issue.status not in (IssueStatus.DUE, IssueStatus.DRAFT) and not held:
        return None
    fresh = issue.built_at is not None and turn.now - issue.built_at < REFRESH
    if (over and not issue.is_early) or (not over and fresh):
        return None
    stands = not over and issue.status is IssueStatus.DRAFT and issue.edition is not None
    try:
        made = drafting.draft(
            turn.house, issue, now=turn.now, progress=turn.progress, if_changed=stands
        )
    except Conflict:
        raise
    except Exception as error:
        return _not_made(turn, issue, error, over=over)
    if made.thin:
        skips = over and not _still_to_be_read(turn, issue)
        return _move(turn, issue, IssueStatus.SKIPPED, made.thin) if skips else None
    if made.unchanged:
        return None
    return "drafted" if over else "drafted early"


def _held_early(issue: Issue) -> bool:
    """True where a person held a draft of the growing week: its final one is made, too, and stays held."""
    failed = issue.reason.startswith(NOT_MADE)
    return issue.status is IssueStatus.HELD and issue.edition is not None and not failed


def _still_to_be_read(turn: Turn, issue: Issue) -> bool:
    """True while the week may only seem thin: a source was never asked, or until the deadline never answered.

    So it is where the program is started for the first time after a cut-off.
    """
    keys = [one.key for one in turn.schedule.sources if one.kind != "api"]
    with turn.house.database.read() as session:
        found = polls.health(session, keys)
    if any(one.polled_at is None for one in found):
        return True
    return turn.now < issue.moments.deadline_at and any(one.succeeded_at is None for one in found)


def _not_made(turn: Turn, issue: Issue, error: Exception, *, over: bool) -> str | None:
    """A draft that fails is tried again in an hour; at the cut-off a person must look at it."""
    if not over:
        log.exception("the early draft could not be made", issue=issue.id)
        with turn.house.database.write() as session:
            issues.note_build(session, issue.id, now=turn.now)
        return None
    log.exception("the draft could not be made", issue=issue.id)
    why = str(error) if isinstance(error, RenderError) else repr(error)
    if issue.status is IssueStatus.HELD:
        with turn.house.database.write() as session:
            issues.move(session, issue.id, to=IssueStatus.DRAFT, now=turn.now)
    return _hold(turn, issue, f"{NOT_MADE}: {why}")


def _remind(turn: Turn, issue: Issue) -> str | None:
    """Editors hear that nobody has approved: once before the deadline, then as the schedule says."""
    did = reminders.remind(turn.house, turn.schedule, issue, now=turn.now)
    return "reminded" if did else None


def _decide(turn: Turn, issue: Issue) -> str | None:
    """At the deadline the schedule's rule decides, unless the draft has errors or it is too late."""
    if issue.status is not IssueStatus.DRAFT or turn.now < issue.moments.deadline_at:
        return None
    if issue.is_early or issue.edition is None:
        return None
    checksum, issue = issue.edition.checksum, _unmoved(turn, issue)
    if asks := _late(turn, issue) or _maybe_sent_elsewhere(turn, issue):
        return _hold(turn, issue, asks)
    gone = approve.taken_off(turn.house.database, issue)
    found = approve.findings(
        turn.house.database, issue, public_url=turn.house.public_url, house=turn.house
    )
    against = approve.obstacles(issue, found, gone=gone)
    if against:
        return _hold(turn, issue, " ".join(against))
    if turn.schedule.approve.if_nobody != "send":
        return _wait(turn, issue)
    approve.approve(
        turn.house.database,
        issue,
        checksum,
        by=DEADLINE_RULE,
        actor=DEADLINE_RULE,
        now=turn.now,
        public_url=turn.house.public_url,
        note="nobody had approved it by the deadline",
    )
    turn.progress("approve", 1, 1)
    return "approved by the deadline rule"


def _wait(turn: Turn, issue: Issue) -> str | None:
    """Nothing goes out without a person: held, or a draft still while the editors are reminded."""
    if turn.schedule.approve.if_nobody == "remind":
        return None
    return _hold(turn, issue, "nobody approved it by the deadline")


def _start(turn: Turn, issue: Issue) -> str | None:
    """At the send's hour the audience is frozen; a consent from before a long outage asks again.

    So does one to a story that was taken off its site since.
    """
    if issue.status is not IssueStatus.APPROVED or turn.now < issue.moments.send_at:
        return None
    issue = _unmoved(turn, issue)
    late = turn.now - issue.moments.send_at
    decided_late = issue.approval and issue.approval.at - issue.moments.send_at > turn.catch_up
    asks = "" if decided_late else _late(turn, issue)
    if asks := asks or _maybe_sent_elsewhere(turn, issue):
        return _hold(turn, issue, asks)
    gone = approve.taken_off(turn.house.database, issue)
    if gone:
        return _hold(turn, issue, " ".join(gone))
    freeze.freeze(turn.house, issue, now=turn.now)
    turn.progress("freeze", 1, 1)
    return f"sending, {span_words(late)} late" if late > dt.timedelta(minutes=5) else "sending"


def _late(turn: Turn, issue: Issue) -> str:
    """Why a person must look: the issue's hour is longer past than its schedule makes up for."""
    late = turn.now - issue.moments.send_at
    return f"it is {span_words(late)} late: an editor must decide" if late > turn.catch_up else ""


def _maybe_sent_elsewhere(turn: Turn, issue: Issue) -> str:
    """Why a person must look: the house came out of a backup after the issue's hour, and nobody has consented since."""
    with turn.house.database.read() as session:
        found = identities.restored(session)
    if found is None or issue.moments.send_at > found.at:
        return ""
    if issue.approval and issue.approval.at > found.at:
        return ""
    zone = turn.schedule.calendar.zone
    return (
        f"this house was restored from a backup of {wall_clock(found.made_at, zone)} after the issue's hour:"
        " it may have been sent already by the house that the backup is of; an editor must decide"
    )


def _hold(turn: Turn, issue: Issue, reason: str) -> str:
    return _move(turn, issue, IssueStatus.HELD, reason)


def _move(turn: Turn, issue: Issue, to: IssueStatus, reason: str) -> str:
    """Change the status and tell the editors why, in one transaction."""
    with turn.house.database.write() as session:
        issues.move(session, issue.id, to=to, now=turn.now, reason=reason)
        tell.editors(session, turn.house, issue, to.value, now=turn.now, reason=reason)
    return f"{to.value}: {reason}"
