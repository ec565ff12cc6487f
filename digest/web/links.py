"""The links of a draft at the desk: an editor has them asked anew."""

from __future__ import annotations

from fastapi import APIRouter, Depends
from fastapi.responses import RedirectResponse, Response

from digest import link_checks
from digest.store import events, link_answers
from digest.store.editors import Role
from digest.web import forms
from digest.web.decisions import PlainForm, actor_of
from digest.web.review import Review, reviewed, show

router = APIRouter(prefix="/desk/{newsletter}/{period}", include_in_schema=False)

ForEditor, Plain = Depends(reviewed(Role.EDITOR)), Depends(forms.reads(PlainForm))


@router.post("/links")
def again(review: Review = ForEditor, form: PlainForm = Plain) -> Response:
    """Have every link of the draft asked once more, by the worker and within a minute or so."""
    issue, house = review.issue, review.house
    if issue.status not in link_checks.OPEN or issue.is_early:
        told = "Links are asked from the final draft on, until the issue goes out."
        return show(review, warning=told, status=409)
    with house.database.write() as session:
        link_answers.ask_again(session, issue.id)
        events.record(
            session,
            at=house.clock(),
            actor=actor_of(review),
            action="had the links asked again",
            subject=f"{issue.newsletter}/{issue.period}",
        )
    return RedirectResponse(f"{review.path}#findings", status_code=303)
