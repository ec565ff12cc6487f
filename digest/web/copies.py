"""Copies at the desk: two articles that were joined by their texts are told as two, if an editor says so."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException
from fastapi.responses import RedirectResponse, Response
from pydantic import StringConstraints

from digest import drafting
from digest.model import ArticleId
from digest.store import apart, events
from digest.store.editors import Role
from digest.web import forms
from digest.web.forms import Form
from digest.web.review import UNDECIDED, Review, reviewed, show

router = APIRouter(prefix="/desk/{newsletter}/{period}", include_in_schema=False)

ForEditor = Depends(reviewed(Role.EDITOR))
Number = Annotated[str, StringConstraints(pattern=r"^[1-9][0-9]{0,17}$")]


class ApartForm(Form):
    """An article that was left out as a copy."""

    csrf: str
    article: Number


Apart = Depends(forms.reads(ApartForm))


@router.post("/apart")
def tell_both(review: Review = ForEditor, form: ApartForm = Apart) -> Response:
    """Tell a left-out copy as a story of its own: the pair is kept apart from now on, the draft made anew."""
    issue, house, now = review.issue, review.house, review.house.clock()
    left_out = issue.content.left_out if issue.content else ()
    found = next((one for one in left_out if str(one.article_id) == form.article), None)
    if found is None or found.copy_of is None:
        raise HTTPException(404, "This article was not left out as a copy.")
    if issue.status not in UNDECIDED:
        return show(review, warning="Take the approval back first, then tell it too.", status=409)
    actor = f"editor:{review.seat.id}"
    with house.database.write() as session:
        apart.keep(
            session, ArticleId(found.article_id), found.copy_of, by=review.seat.name, now=now
        )
        events.record(
            session,
            at=now,
            actor=actor,
            action="took apart",
            subject=f"{issue.newsletter}/{issue.period}",
            data={"article": str(found.article_id), "from": str(found.copy_of)},
        )
    drafting.draft(house, issue, now=now)
    return RedirectResponse(review.path, status_code=303)
