"""One issue at the desk: what is in it and why, and the mail as it will go out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter, Depends, HTTPException
from fastapi.responses import HTMLResponse, PlainTextResponse

from digest import approve, preflight, remedies, render
from digest.audience import tokens
from digest.bootstrap import House
from digest.delivery import ledger
from digest.model import DeliveryState, Issue, IssueStatus, Rendered
from digest.schedules import Schedule
from digest.store import deliveries, issues, sends
from digest.store.editors import Role
from digest.store.sends import SendStatus
from digest.web import headers, sessions, spoken
from digest.web.desk import points
from digest.web.pages import SAFE, HouseHere, Pages, PagesHere, period_of
from digest.web.sessions import Seat

router = APIRouter(prefix="/desk", include_in_schema=False)

#: The handle of a reader who is not there, for previews.
SAMPLE_HANDLE = "0" * 22

UNDECIDED = frozenset({IssueStatus.DUE, IssueStatus.DRAFT, IssueStatus.HELD})
LEAVING = frozenset({IssueStatus.SENDING, IssueStatus.SENT})


@dataclass(frozen=True, slots=True)
class Review:
    """One issue under one editor's eyes."""

    house: House
    pages: Pages
    seat: Seat
    issue: Issue

    @property
    def schedule(self) -> Schedule:
        return self.house.schedule(self.issue.newsletter)

    @property
    def path(self) -> str:
        return f"/desk/{self.issue.newsletter}/{self.issue.period}"


def reviewed(role: Role) -> Callable[..., Review]:
    """A dependency: the issue that the address names, for a seat with this role."""

    def read(
        newsletter: str,
        period: str,
        house: HouseHere,
        pages: PagesHere,
        seat: Seat = Depends(sessions.needs(role)),
    ) -> Review:
        house.schedule(newsletter)
        with house.database.read() as session:
            issue = issues.get(session, newsletter, period_of(period))
        if issue is None:
            raise HTTPException(404, "There is no issue of that date.")
        return Review(house, pages, seat, issue)

    return read


ForViewer = Depends(reviewed(Role.VIEWER))


@router.api_route("/{newsletter}/{period}", methods=SAFE)
def issue_page(review: Review = ForViewer) -> HTMLResponse:
    """The issue, its outline, its mail, and what can be decided."""
    return show(review)


@router.api_route("/{newsletter}/{period}/preview", methods=SAFE)
def preview(review: Review = ForViewer) -> HTMLResponse:
    """The mail itself, as a sample reader gets it, for the page's own sandboxed frame."""
    return HTMLResponse(_sample(review).html, headers=headers.PREVIEW)


@router.api_route("/{newsletter}/{period}/text", methods=SAFE)
def text(review: Review = ForViewer) -> PlainTextResponse:
    """The text part, as a sample reader gets it."""
    return PlainTextResponse(_sample(review).text)


def show(review: Review, *, warning: str = "", status: int = 200, note: str = "") -> HTMLResponse:
    """The issue's page; `warning` says why a decision was not taken."""
    issue, schedule, now = review.issue, review.schedule, review.house.clock()
    context = {
        "seat": review.seat,
        "issue": issue,
        "path": review.path,
        "schedule": schedule,
        "zone": schedule.calendar.zone,
        "now": now,
        "points": points(issue.moments, now=now),
        "warning": warning,
        "note": note,
        **_findings(review),
        **_decisions(review),
        **_deliveries(review),
    }
    return review.pages.show("desk/issue.html", context, status=status)


def _findings(review: Review) -> dict[str, Any]:
    issue, url = review.issue, review.house.public_url
    if issue.content is None or issue.edition is None:
        return {"findings": (), "obstacles": (), "folded": frozenset()}
    rendered, schedule = issue.edition.rendered, review.schedule
    return {
        "folded": render.folded(issue.content, rendered, schedule, public_url=url),
        "findings": preflight.check(issue.content, issue.edition.rendered, public_url=url),
        "obstacles": approve.obstacles(issue, public_url=url),
    }


def _decisions(review: Review) -> dict[str, bool]:
    """Which forms the page shows; the store decides again when one comes in."""
    issue, may = review.issue, review.seat.may_publish
    ready = issue.edition is not None and not issue.is_early
    return {
        "can_approve": may and ready and issue.status in (IssueStatus.DRAFT, IssueStatus.HELD),
        "can_withdraw": may and issue.status is IssueStatus.APPROVED,
        "can_hold": may and issue.status in (IssueStatus.DRAFT, IssueStatus.APPROVED),
        "can_skip": may and issue.status in UNDECIDED,
    }


def _deliveries(review: Review) -> dict[str, Any]:
    """What comes next; of a send: how many stand where, who is uncertain, and why it stopped."""
    issue, schedule, now = review.issue, review.schedule, review.house.clock()
    if issue.status not in LEAVING:
        return {
            "standing": spoken.standing(issue),
            "step": spoken.next_step(issue, schedule, now=now),
            "deliveries": {},
            "can_resume": False,
        }
    with review.house.database.read() as session:
        send = sends.of_issue(session, issue.id)
        counts = ledger.counts(session, issue.id)
        uncertain = deliveries.in_state(session, send.id, DeliveryState.UNCERTAIN)
    paused = send.status is SendStatus.PAUSED
    return {
        "standing": spoken.standing(issue, send),
        "step": spoken.next_step(issue, schedule, now=now, send=send),
        "deliveries": counts,
        "uncertain": uncertain,
        "send": send if paused else None,
        "remedy": remedies.remedy(send.reason, send.paused_with),
        "can_resume": paused and review.seat.may_publish,
    }


def _sample(review: Review) -> Rendered:
    issue, house = review.issue, review.house
    if issue.edition is None:
        raise HTTPException(404, "This issue has no draft yet.")
    token = tokens.leave_token(house.key, issue.newsletter, SAMPLE_HANDLE)
    leave_url = f"{house.public_url}/leave/{issue.newsletter}/{token}"
    return render.fill(issue.edition.rendered, {"leave_url": leave_url})
