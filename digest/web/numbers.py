"""Numbers at the desk: what became of each issue and of the list; nothing about single readers."""

from __future__ import annotations

import datetime as dt
from typing import Any

from fastapi import APIRouter, Depends
from fastapi.responses import HTMLResponse
from markupsafe import Markup

from digest import charts, numbers
from digest.bootstrap import House
from digest.charts import Column
from digest.model import Issue, IssueStatus, SubscriptionStatus
from digest.numbers import IssueNumbers, Week
from digest.schedules import Schedule
from digest.store import numbers as stored
from digest.store import subscribers
from digest.store.editors import Role
from digest.store.engine import Session
from digest.web import sessions
from digest.web.leaving import reason_words
from digest.web.pages import SAFE, HouseHere, Pages, PagesHere
from digest.web.sessions import Seat

router = APIRouter(prefix="/desk", include_in_schema=False)
Viewer = Depends(sessions.needs(Role.VIEWER))

#: So many places of an issue are drawn; the table beside has all of them.
DRAWN = 24


@router.api_route("/{newsletter}/numbers", methods=SAFE)
def numbers_page(
    newsletter: str, house: HouseHere, pages: PagesHere, seat: Seat = Viewer
) -> HTMLResponse:
    """The last eight issues beside each other, the newest one in full, and how the list grew."""
    schedule, now = house.schedule(newsletter), house.clock()
    with house.database.read() as session:
        found = stored.of_newsletter(
            session, newsletter, limit=numbers.BEFORE + 1, known=pages.tallies
        )
        weeks = growth(session, schedule, now=now)
        readers = subscribers.counts(session, newsletter).get(SubscriptionStatus.CONFIRMED, 0)
    context = {
        "seat": seat,
        "here": "desk",
        "schedule": schedule,
        "issues": found,
        "readers": readers,
        "weeks": weeks,
        "grown": Markup(_grown(weeks)),  # nosec B704  # noqa: S704  escaped where it is drawn
        "trend": Markup(_trend(found)),  # nosec B704  # noqa: S704  escaped where it is drawn
        "counts": schedule.clicks.count,
        **told(found, schedule),
    }
    return pages.show("desk/numbers.html", context)


def of_issue(house: House, pages: Pages, issue: Issue) -> dict[str, Any]:
    """What the issue's own page shows of its numbers; nothing before it goes out."""
    if issue.status not in (IssueStatus.SENDING, IssueStatus.SENT):
        return {"figures": None}
    with house.database.read() as session:
        found = stored.of_newsletter(
            session,
            issue.newsletter,
            limit=numbers.BEFORE + 1,
            until=issue.period,
            known=pages.tallies,
        )
    return told(found, house.schedule(issue.newsletter))


def told(found: list[IssueNumbers], schedule: Schedule) -> dict[str, Any]:
    """The newest of these issues beside the others."""
    if not found:
        return {"figures": None}
    issue, before = found[0], [one for one in found[1:] if not one.waiting]
    known = [one for one in before if one.counted]
    return {
        "figures": {
            "issue": issue,
            "before": len(before),
            "lines": numbers.lines(issue, before),
            "stories": [(one, numbers.usual_at(one.place, known)) for one in issue.stories],
            "sections": numbers.sections(issue, before),
            "places": numbers.places(issue, before),
            "chart": Markup(_clicks(issue, known)) if issue.counted else "",  # nosec B704  # noqa: S704  escaped where it is drawn
            "why": reason_words(),
            "share": numbers.share,
            "typical": typical,
            "counts": schedule.clicks.count,
        }
    }


def growth(session: Session, schedule: Schedule, *, now: dt.datetime) -> list[Week]:
    """The list's last half year by weeks of the newsletter's zone."""
    zone = schedule.calendar.zone
    mondays = numbers.weeks(now, zone)
    moments = [numbers.begins(day, zone) for day in mondays]
    return stored.growth(session, schedule.key, mondays, moments)


def typical(usual: float | None) -> str:
    """A median as it is read: `12`, `12.5`; empty where none is known."""
    return "" if usual is None else f"{usual:,.1f}".removesuffix(".0")


def _clicks(issue: IssueNumbers, known: list[IssueNumbers]) -> str:
    """Clicks by place. A story without a link is a gap."""
    drawn = [
        Column(str(one.place), one.human or 0, one.machine or 0, numbers.usual_at(one.place, known))
        for one in issue.stories[:DRAWN]
    ]
    about = (
        f"{issue.human:,} clicks by people and {issue.machine:,} by machines, by the place of the story in the mail."
        " The table below has the same numbers."
    )
    return charts.columns("Clicks by place in the mail", about, drawn, key="clicks")


def _trend(found: list[IssueNumbers]) -> str:
    """Human clicks, issue by issue, oldest first; empty where none was counted."""
    counted = [one for one in reversed(found) if one.counted]
    if not counted:
        return ""
    drawn = [Column(_day(dt.date.fromisoformat(one.period)), one.human) for one in counted]
    about = "Clicks by people on the stories of each issue. The table below has the same numbers."
    return charts.columns("Clicks by people, issue by issue", about, drawn, key="trend")


def _grown(weeks: list[Week]) -> str:
    drawn = [(_day(week.begins), week.joined, week.left) for week in weeks]
    about = (
        f"Upwards who joined, downwards who left, a dot at what both come to. In {len(weeks)} weeks"
        f" {sum(one.joined for one in weeks):,} joined and {sum(one.left for one in weeks):,} left."
        " The table below has the same numbers."
    )
    return charts.growth("Readers joined and left, by week", about, drawn, key="growth")


def _day(day: dt.date) -> str:
    """`7 Mar`."""
    return f"{day.day} {day:%b}"
