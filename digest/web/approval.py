"""The way of a reminder's second link: after the login one page, one button, and exactly the draft that the mail named."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Annotated, Any

from fastapi import APIRouter, Depends, HTTPException
from fastapi.responses import HTMLResponse, Response
from pydantic import StringConstraints

from digest import approve, differences, render
from digest.errors import Conflict
from digest.model import Edition, IssueStatus, Rendered
from digest.store import editions
from digest.store.editors import Role
from digest.web import contest_view, forms, spoken
from digest.web.decisions import actor_of, done
from digest.web.forms import Form
from digest.web.pages import SAFE
from digest.web.review import Review, findings_of, reviewed

router = APIRouter(
    prefix="/desk/{newsletter}/{period}/approval/{checksum}", include_in_schema=False
)

#: Lines of a text part that only rule it off.
_RULES = re.compile(r"^[-=~_*\s]+$", re.MULTILINE)
_OVER = frozenset({IssueStatus.SENDING, IssueStatus.SENT, IssueStatus.SKIPPED})


class NoteForm(Form):
    """The button; its address says to what it consents."""

    csrf: str
    note: Annotated[str, StringConstraints(max_length=500)] = ""


@dataclass(frozen=True, slots=True)
class Named:
    """An issue under somebody's eyes, and the edition of it that a mail named. checksum: that one's.

    second: its other subject; empty where it has one only.
    """

    review: Review
    edition: Edition
    second: str = ""

    @property
    def checksum(self) -> str:
        return self.edition.rendered.checksum

    @property
    def is_current(self) -> bool:
        current = self.review.issue.edition
        return current is not None and current.rendered.checksum == self.checksum


def _named(role: Role) -> Any:
    def read(checksum: str, review: Review = Depends(reviewed(role))) -> Named:
        with review.house.database.read() as session:
            edition = editions.of(session, review.issue.id, checksum[:64])
            other = editions.second(session, edition.id) if edition else None
        if edition is None:
            raise HTTPException(404, "There is no such draft of this issue.")
        return Named(review, edition, other.rendered.subject if other else "")

    return Depends(read)


ForViewer, ForPublisher = _named(Role.VIEWER), _named(Role.PUBLISHER)
WithNote = Depends(forms.reads(NoteForm))


@router.api_route("", methods=SAFE)
def approval_page(named: Named = ForViewer) -> HTMLResponse:
    """The draft that the mail named, with one button; or what has changed since, without one."""
    return _page(named)


@router.post("")
def approve_named(named: Named = ForPublisher, form: NoteForm = WithNote) -> Response:
    """Consent to the checksum in the address. Another draft by now, or an obstacle: nothing is approved, 409."""
    review = named.review
    try:
        approve.approve(
            review.house.database,
            review.issue,
            named.checksum,
            by=review.seat.name,
            actor=actor_of(review),
            now=review.house.clock(),
            public_url=review.house.public_url,
            note=form.note,
            house=review.house,
        )
    except Conflict as error:
        fresh = replace(named, review=review.fresh())
        said = f"{str(error)[:1].upper()}{str(error)[1:]}" if fresh.is_current else ""
        return _page(fresh, warning=said, note=form.note, status=409)
    return done(review)


def _page(named: Named, *, warning: str = "", note: str = "", status: int = 200) -> HTMLResponse:
    review = named.review
    issue, schedule = review.issue, review.schedule
    contest = issue.content.contest if issue.content else None
    found = findings_of(review)
    context = {
        "seat": review.seat,
        "issue": issue,
        "path": review.path,
        "schedule": schedule,
        "zone": schedule.calendar.zone,
        "now": review.house.clock(),
        "named": named,
        "warning": warning,
        "note": note,
        "over": issue.status in _OVER,
        "approved": issue.approval if issue.status is IssueStatus.APPROVED else None,
        "contest": contest,
        "terms": contest_view.terms(contest) if contest else "",
        "step": spoken.next_step(issue, schedule, now=review.house.clock()),
        "findings": found["findings"],
        "obstacles": found["obstacles"],
        "changes": () if named.is_current else _changes(named),
    }
    return review.pages.show("desk/approval.html", context, status=status)


def _changes(named: Named) -> list[dict[str, Any]]:
    """What stands in the draft of now and did not in the mail's, part by part; empty where only looks differ."""
    current = named.review.issue.edition
    assert current is not None
    before, now = named.edition.rendered, current.rendered
    second = named.review.second
    parts = (
        ("The subject", before.subject, now.subject),
        ("Subject B", named.second, second.rendered.subject if second else ""),
        ("The preheader", before.preheader, now.preheader),
        ("The mail", _prose(before), _prose(now)),
    )
    told = [{"part": part, "pieces": differences.marked(a, b)} for part, a, b in parts]
    return [one for one in told if one["pieces"]]


def _prose(rendered: Rendered) -> str:
    """The words of a mail, as its text part has them."""
    return _RULES.sub("", render.fill(rendered, {"leave_url": "…"}).text)
