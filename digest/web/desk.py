"""The desk's first page: every newsletter with its week, its issues, its sources; and the readers."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter, Depends
from fastapi.responses import HTMLResponse

from digest import measures, segments
from digest.audience import breaker
from digest.delivery import ledger
from digest.masking import masked
from digest.model import Issue, IssueStatus, Moments
from digest.schedules import Schedule
from digest.store import audiences, issues, leaving, polls, sends, subscribers
from digest.store.editors import Role
from digest.store.engine import Session
from digest.store.polls import SourceHealth
from digest.web import embed, finding, sessions, spoken
from digest.web.leaving import reason_words
from digest.web.pages import SAFE, HouseHere, PagesHere
from digest.web.sessions import Seat
from digest.web.spoken import Standing

router = APIRouter(prefix="/desk", include_in_schema=False)
Viewer = Depends(sessions.needs(Role.VIEWER))

#: How many weeks back the first page tells.
RECENT = 8
OVER = frozenset({IssueStatus.SENT, IssueStatus.SKIPPED})


@dataclass(frozen=True, slots=True)
class Point:
    """One moment of a week on the page."""

    name: str
    at: dt.datetime
    past: bool


@dataclass(frozen=True, slots=True)
class Health:
    """One source on the page; `mood` colours the word."""

    key: str
    word: str
    mood: str = ""
    error: str = ""
    read_at: dt.datetime | None = None
    next_at: dt.datetime | None = None
    moved_to: str = ""


@dataclass(frozen=True, slots=True)
class SegmentLine:
    """One segment on the page. chosen: the newsletter's issues go to it."""

    name: str
    words: str
    readers: int
    chosen: bool


@router.api_route("", methods=SAFE)
def overview(house: HouseHere, pages: PagesHere, seat: Seat = Viewer) -> HTMLResponse:
    """Where every newsletter stands."""
    now = house.clock()
    with house.database.read() as session:
        papers = [_paper(session, schedule, now=now) for schedule in house.schedules.values()]
    context = {"seat": seat, "here": "desk", "papers": papers, "now": now}
    return pages.show("desk/desk.html", context)


@router.api_route("/readers", methods=SAFE)
def readers(house: HouseHere, pages: PagesHere, seat: Seat = Viewer) -> HTMLResponse:
    """How many readers each newsletter and each of its segments has, and whether the door is guarded; no addresses."""
    now = house.clock()
    with house.database.read() as session:
        counts = [
            (
                one,
                subscribers.counts(session, one.key),
                leaving.reasons(session, one.key),
                _segments(session, one, now=now),
            )
            for one in house.schedules.values()
        ]
        storm = breaker.is_on(session, least=house.breaker, now=now)
    context = {"seat": seat, "here": "readers", "counts": counts, "storm": storm}
    context |= {"why": reason_words(), "asked": finding.Asked(), **finding.choices(house)}
    return pages.show("desk/readers.html", context)


@router.api_route("/readers/{newsletter}/form", methods=SAFE)
def form(newsletter: str, house: HouseHere, pages: PagesHere, seat: Seat = Viewer) -> HTMLResponse:
    """The sign-up form for other sites, to be copied."""
    schedule = house.schedule(newsletter)
    made = embed.snippet(schedule, pages.speech(schedule), public_url=house.public_url)
    context = {"seat": seat, "here": "readers", "schedule": schedule, "snippet": made}
    return pages.show("desk/form.html", {**context, "public_url": house.public_url})


def _segments(session: Session, schedule: Schedule, *, now: dt.datetime) -> list[SegmentLine]:
    """The segments with the readers who would be mailed now."""
    return [
        SegmentLine(
            name,
            segments.spoken(only.segment),
            audiences.count(session, schedule.key, now, only=only),
            name == schedule.audience.segment,
        )
        for name, only in schedule.slices.items()
    ]


def _paper(session: Session, schedule: Schedule, *, now: dt.datetime) -> dict[str, Any]:
    recent = issues.recent(session, schedule.key, limit=RECENT)
    current = next((issue for issue in reversed(recent) if issue.status not in OVER), None)
    moments = current.moments if current else _coming(schedule, recent, now=now)
    begun = sends.if_begun(session, current.id) if current else None
    return {
        "schedule": schedule,
        "zone": schedule.calendar.zone,
        "current": current,
        "readers": measures.confirmed(session, schedule.key),
        "standing": spoken.standing(current, begun) if current else None,
        "step": spoken.next_step(current, schedule, now=now, send=begun) if current else None,
        "points": points(moments, current, now=now),
        "recent": [_line(session, issue) for issue in recent],
        "sources": _sources(session, schedule),
    }


def _line(session: Session, issue: Issue) -> tuple[Issue, Standing, Mapping[str, int]]:
    """An issue, where it stands, and how many of its readers stand where."""
    standing = spoken.standing(issue, sends.if_begun(session, issue.id))
    return issue, standing, ledger.counts(session, issue.id)


def points(moments: Moments, issue: Issue | None, *, now: dt.datetime) -> list[Point]:
    """A week's moments in order, each told whether it is over; what an approval has spared does not come any more."""
    spared = issue is not None and issue.status in (IssueStatus.APPROVED, IssueStatus.SENDING)
    named = (
        ("Week ends, draft", moments.draft_at, False),
        ("Reminder", moments.remind_at, spared),
        ("Deadline", moments.deadline_at, spared),
        ("Send", moments.send_at, False),
    )
    return [Point(name, at, at <= now) for name, at, gone in named if at <= now or not gone]


def _coming(schedule: Schedule, recent: list[Issue], *, now: dt.datetime) -> Moments:
    """The moments of the next period that has no issue yet."""
    day = schedule.calendar.period_at(now)
    opened = recent[0].period if recent else ""
    if opened >= day.isoformat() or schedule.calendar.moments(day).send_at < now:
        day += dt.timedelta(days=7)
    return schedule.calendar.moments(day)


def _sources(session: Session, schedule: Schedule) -> list[Health]:
    """How each source does; one of kind `api` is never asked, so it is told apart."""
    known = {one.source: one for one in polls.health(session, schedule.source_keys)}
    return [_health(source.key, source.kind, known.get(source.key)) for source in schedule.sources]


def _health(key: str, kind: str, found: SourceHealth | None) -> Health:
    if kind == "api":
        return Health(key, "Waits for the API")
    if found is None or (not found.error and found.succeeded_at is None):
        return Health(key, "Not read yet")
    word, mood = ("Failing", "bad") if found.error else ("Fine", "good")
    times, _, place = (found.moved or "").rpartition(" ")
    moved = masked(place) if times.startswith("2 ") else ""
    error = masked(found.error)
    return Health(key, word, mood, error, found.succeeded_at, found.next_poll_at, moved_to=moved)
