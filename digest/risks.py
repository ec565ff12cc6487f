"""What threatens the next issue, seen before a reader could: looked for once a minute, in what the database knows.

A risk is there or not; how often it is told is another matter (`digest/alarm.py`).
"""

from __future__ import annotations

import datetime as dt
import itertools
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from digest import dns_watch, measures, remedies
from digest.delivery.house import DeliveryHouse
from digest.delivery.room import LEAST_FREE
from digest.masking import masked
from digest.model import Issue, IssueStatus
from digest.moments import wall_clock
from digest.protocols import Provider
from digest.reconcile import NOT_MADE
from digest.schedules import Schedule
from digest.store import harvests, heartbeats, hooks, issues, polls, rests, sends, watching
from digest.store.engine import Session
from digest.store.hooks import HookState
from digest.store.polls import SourceHealth
from digest.vigilance import Vigilance

MINUTE, HOUR, DAY = dt.timedelta(minutes=1), dt.timedelta(hours=1), dt.timedelta(days=1)

#: So long after its hour a draft is missed, and reconcile after it last ran.
LATE = 15 * MINUTE
STILL = 5 * MINUTE
#: A program that begins after the hour makes the draft first of all: nobody is told of it before it has had its chance.
STARTING = 2 * MINUTE
#: A source that fails is a risk after so long, or after so many of its own intervals.
FAILING, INTERVALS = 6 * HOUR, 4
#: Its rhythm: its longest pause in so long, of so many stories at the least, by half again; never less than a day.
MEMORY, LEAST_STORIES, BY_HALF = 56 * DAY, 8, 1.5
#: The disk is low where five times as much is free as a send needs to begin.
LOW = 5 * LEAST_FREE
#: Shares of a send that hurt a sender's name. Gmail's rule for complaints is 0.3 %:
#: https://support.google.com/a/answer/81126
COMPLAINTS, BOUNCES = 0.003, 0.05
LEAST_COPIES, LEAST_COMPLAINTS = 100, 3
#: A relay's certificate that ends within so long.
ENDS_SOON = 14 * DAY

#: How the keys of risks begin for which nothing may look healthy from outside.
SEVERE = ("draft ", "send ", "providers", "disk", "reconcile")


@dataclass(frozen=True, slots=True)
class Risk:
    """One thing that stands. key: what makes it the same one the next time. patience: told after it stood so long."""

    key: str
    subject: str
    text: str
    patience: dt.timedelta = dt.timedelta(0)


class WatchedHouse(DeliveryHouse, Protocol):
    """What is looked at."""

    @property
    def data(self) -> Path: ...

    @property
    def vigilance(self) -> Vigilance: ...


def standing(house: WatchedHouse, *, now: dt.datetime) -> Iterator[Risk]:
    """Every risk that stands now."""
    yield from _disk(house)
    with house.database.read() as session:
        for key, schedule in house.schedules.items():
            yield from _drafts(session, key, schedule, now)
            yield from _sources(session, key, schedule, now)
        yield from _sends(session)
        yield from _providers(session, house.providers, now)
        yield from _certificates(house.providers, now)
        yield from _workers(session, house.vigilance, now)
        yield from _backup(session, house.vigilance, now)
        yield from _copies(session)
        yield from _dns(session)
        yield from _webhooks(session)


def _disk(house: WatchedHouse) -> Iterator[Risk]:
    free = shutil.disk_usage(house.data).free
    if free < LOW:
        text = (
            f"{free // 2**20} MB are free; with less than {LEAST_FREE // 2**20} MB no send begins"
        )
        yield Risk("disk", "The disk is nearly full", text, STILL)


def _drafts(
    session: Session, newsletter: str, schedule: Schedule, now: dt.datetime
) -> Iterator[Risk]:
    """A week that is over and has no draft that could be approved."""
    for issue in issues.unfinished(session, newsletter, bare=True):
        name, zone = f"{newsletter}/{issue.period}", schedule.calendar.zone
        if _has_no_draft(issue, now):
            due = wall_clock(issue.moments.draft_at, zone)
            text = f"it was due {due}; the log says why, and `digest build {name}` tries it again"
            failed = issue.status is IssueStatus.HELD
            patience = dt.timedelta(0) if failed else STARTING
            yield Risk(f"draft {name}", f"There is no draft of {name}", text, patience)


def _has_no_draft(issue: Issue, now: dt.datetime) -> bool:
    if issue.status is IssueStatus.HELD:
        return issue.reason.startswith(NOT_MADE)
    waits = issue.status in (IssueStatus.DUE, IssueStatus.DRAFT)
    return waits and issue.is_early and now >= issue.moments.draft_at + LATE


def _sources(
    session: Session, newsletter: str, schedule: Schedule, now: dt.datetime
) -> Iterator[Risk]:
    every = {source.key: source.every for source in schedule.sources if source.kind != "api"}
    for one in polls.health(session, list(every)):
        name = f"{newsletter}/{one.source}"
        if failing := _failing(one, dt.timedelta(seconds=every[one.source]), now):
            text = f"{failing}: {one.error}; `digest collect` tries it"
            yield Risk(f"source {name}", f"The source {name} fails", text)
            continue
        read = one.succeeded_at is not None and now - one.succeeded_at < FAILING
        if read and (pause := _silent(session, one.source, now=now)):
            text = f"nothing new for {_span(pause)}, longer than ever in its last eight weeks"
            yield Risk(f"source {name}", f"The source {name} is silent", text)


def _failing(one: SourceHealth, every: dt.timedelta, now: dt.datetime) -> str:
    """For how long, in words; empty where it does not, or not long enough to matter."""
    if not one.error or one.failures < 2 or one.polled_at is None:
        return ""
    if one.succeeded_at is None:
        return "it was never read" if one.failures >= INTERVALS else ""
    down = now - one.succeeded_at
    return f"for {_span(down)}" if down > max(FAILING, INTERVALS * every) else ""


def _silent(session: Session, source: str, *, now: dt.datetime) -> dt.timedelta | None:
    """As of `silent_for`; a source with a story of today is not asked for those of eight weeks."""
    last = harvests.newest_time(session, source, now=now)
    if last is None or now - last <= DAY:
        return None
    return silent_for(harvests.times(session, source, since=now - MEMORY, now=now), now=now)


def silent_for(times: Sequence[dt.datetime], *, now: dt.datetime) -> dt.timedelta | None:
    """How long a source has been silent against its own rhythm; None where that is usual for it.

    times: of its stories in the last weeks, oldest first. A source that stands still at weekends has pauses of three days.
    """
    if len(times) < LEAST_STORIES:
        return None
    longest = max(later - sooner for sooner, later in itertools.pairwise(times))
    pause = now - times[-1]
    return pause if pause > max(BY_HALF * longest, DAY) else None


def _sends(session: Session) -> Iterator[Risk]:
    """Those that the program stopped; who paused one himself knows of it."""
    for send in sends.unfinished(session):
        if send.waits_for_a_person and not send.paused_by:
            remedy = remedies.paused(send.reason, send.paused_with)
            text = f"{send.reason}; {remedy}"
            yield Risk(f"send {send.id}", f"The send of {send.newsletter} stands still", text)


def _providers(session: Session, providers: Sequence[Provider], now: dt.datetime) -> Iterator[Risk]:
    """Every one rests: nothing can leave."""
    resting = {one.provider: one for one in rests.now_resting(session, now=now)}
    names = [one.name for one in providers]
    if names and all(name in resting for name in names):
        why = "; ".join(f"{name}: {masked(resting[name].why)}" for name in names)
        yield Risk("providers", "No provider takes mail", why, 10 * MINUTE)


def _certificates(providers: Sequence[Provider], now: dt.datetime) -> Iterator[Risk]:
    """Where this process has seen one lately."""
    for one in providers:
        ends: dt.datetime | None = getattr(one, "certificate_ends", None)
        if ends is not None and ends - now < ENDS_SOON:
            text = f"on {ends:%d %b %Y}; after that no mail goes to it"
            yield Risk(f"certificate {one.name}", "The relay's certificate ends soon", text)


def _workers(session: Session, wanted: Vigilance, now: dt.datetime) -> Iterator[Risk]:
    last = heartbeats.last(session, "reconcile")
    if last is not None and now - last > STILL:
        text = f"since {last:%d %b %H:%M} UTC; start `digest up` or `digest worker`, or look at its log"
        yield Risk("reconcile", "Nobody looks at the clock", text, MINUTE)
    alive = watching.workers(session, since=now - STILL)
    if wanted.workers > 1 and alive < wanted.workers:
        text = f"{alive} of {wanted.workers} gave a sign of life within five minutes"
        yield Risk("workers", "A worker is missing", text, STILL)


def _backup(session: Session, wanted: Vigilance, now: dt.datetime) -> Iterator[Risk]:
    if wanted.backup_every is None:
        return
    last = heartbeats.last(session, "backup")
    if last is None:
        text = "`digest backup FOLDER` makes one"
        yield Risk("backup", "There is no backup", text, wanted.backup_every)
    elif now - last > wanted.backup_every:
        text = f"the newest is of {last:%d %b %H:%M} UTC, {_span(now - last)} ago"
        yield Risk("backup", "The newest backup is old", text)


def _copies(session: Session) -> Iterator[Risk]:
    """What came back of the newest sends, where it is more than a sender's name bears."""
    found = measures.kept(session)
    for newsletter, one in found.sends.items() if found else ():
        accepted, failed = one.states.get("accepted", 0), one.states.get("failed", 0)
        if accepted + failed < LEAST_COPIES:
            continue
        complaints = one.outcomes.get("complaint", 0)
        if complaints >= LEAST_COMPLAINTS and complaints > COMPLAINTS * accepted:
            text = f"{complaints} of {accepted}: mailbox providers act from 0.3 % on"
            yield Risk(f"complaints {one.send}", f"Many complain of {newsletter}", text)
        back = failed + one.outcomes.get("hard", 0)
        if back > BOUNCES * (accepted + failed):
            text = f"{back} of {accepted + failed} came back or were refused; `digest ledger` names them"
            yield Risk(f"bounces {one.send}", f"Many copies of {newsletter} come back", text)


def _dns(session: Session) -> Iterator[Risk]:
    for subject, text in dns_watch.gone(session).items():
        yield Risk(f"dns {subject}", f"DNS no longer has {subject}", text)


def _webhooks(session: Session) -> Iterator[Risk]:
    """Those that nothing is told to any more."""
    for one in hooks.all(session):
        if one.state is HookState.FAILED:
            text = f"{one.why}; what happens is not told to it until it is put on again (the desk, or `digest webhook on {one.id}`)"
            yield Risk(f"webhook {one.id}", f"A webhook of {one.newsletter} was given up", text)


def _span(span: dt.timedelta) -> str:
    hours = int(span / HOUR)
    return f"{hours} hours" if hours < 72 else f"{hours // 24} days"
