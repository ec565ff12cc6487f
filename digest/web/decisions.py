"""What a publisher decides about an issue: approve this checksum, take it back, hold, skip."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends
from fastapi.responses import RedirectResponse, Response
from pydantic import StringConstraints

from digest import approve as approving
from digest import deciding
from digest.errors import Conflict
from digest.model import IssueStatus
from digest.store.editors import Role
from digest.web import forms
from digest.web.forms import Form
from digest.web.review import Review, reviewed, show

router = APIRouter(prefix="/desk/{newsletter}/{period}", include_in_schema=False)

ForPublisher = Depends(reviewed(Role.PUBLISHER))


class ApproveForm(Form):
    """Consent to one checksum: the one on the page."""

    csrf: str
    checksum: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
    note: Annotated[str, StringConstraints(max_length=500)] = ""


class PlainForm(Form):
    """A button."""

    csrf: str


class ReasonForm(Form):
    """A button and why."""

    csrf: str
    reason: Annotated[str, StringConstraints(min_length=1, max_length=500)]


Approve = Depends(forms.reads(ApproveForm))
Plain = Depends(forms.reads(PlainForm))
WithReason = Depends(forms.reads(ReasonForm))


@router.post("/approve")
def approve(review: Review = ForPublisher, form: ApproveForm = Approve) -> Response:
    """Consent to the checksum that was shown. Another one by now: the new draft is shown, 409."""
    house = review.house
    try:
        approving.approve(
            house.database,
            review.issue,
            form.checksum,
            by=review.seat.name,
            actor=actor_of(review),
            now=house.clock(),
            public_url=house.public_url,
            note=form.note,
            house=house,
        )
    except Conflict as error:
        return conflict(review, error, shown=form.checksum, note=form.note)
    return done(review)


@router.post("/withdraw")
def withdraw(review: Review = ForPublisher, form: PlainForm = Plain) -> Response:
    """Take the approval back: a draft again, or held once the deadline's rule would approve it."""
    try:
        deciding.withdraw(
            review.house.database,
            review.issue,
            by=review.seat.name,
            actor=actor_of(review),
            now=review.house.clock(),
        )
    except Conflict as error:
        return conflict(review, error)
    return done(review)


@router.post("/hold")
def hold(review: Review = ForPublisher, form: ReasonForm = WithReason) -> Response:
    """Nothing goes out by the deadline rule: a person must approve."""
    return _move(review, IssueStatus.HELD, reason=form.reason)


@router.post("/skip")
def skip(review: Review = ForPublisher, form: ReasonForm = WithReason) -> Response:
    """This week no mail goes out."""
    return _move(review, IssueStatus.SKIPPED, reason=form.reason)


def _move(review: Review, to: IssueStatus, *, reason: str) -> Response:
    try:
        deciding.move(
            review.house.database,
            review.issue,
            to,
            reason=reason,
            actor=actor_of(review),
            now=review.house.clock(),
        )
    except Conflict as error:
        return conflict(review, error)
    return done(review)


def actor_of(review: Review) -> str:
    """The editor in the audit log, which names nobody."""
    return f"editor:{review.seat.id}"


def conflict(review: Review, error: Conflict, *, shown: str = "", note: str = "") -> Response:
    """Why it was not done, above the issue as it stands now."""
    fresh = review.fresh()
    if shown and fresh.issue.edition and fresh.issue.edition.checksum != shown:
        warning = (
            "The draft has changed since you saw it. This is the new one: look again, then approve."
        )
    else:
        warning = f"That was not done: {error}."
    return show(fresh, warning=warning, status=409, note=note)


def done(review: Review) -> Response:
    """Back to the issue."""
    return RedirectResponse(review.path, status_code=303)
