"""Two subjects at the desk: written like the mail's other words, and chosen between while the mail is on its way."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response
from pydantic import StringConstraints

from digest import contests as rules
from digest import shaping
from digest.delivery import contests as steps
from digest.errors import BadInput, Conflict, NotFound
from digest.model import Arm, Words, WriteMail
from digest.store.editors import Role
from digest.web import forms
from digest.web.decisions import actor_of, conflict, done
from digest.web.editing import Seen, Text, carry_out
from digest.web.forms import Form
from digest.web.review import Review, reviewed, show

router = APIRouter(prefix="/desk/{newsletter}/{period}", include_in_schema=False)

ForEditor, ForPublisher = Depends(reviewed(Role.EDITOR)), Depends(reviewed(Role.PUBLISHER))


class ContestForm(Text):
    """The second subject and its terms. wait: minutes."""

    second: Annotated[str, StringConstraints(min_length=1, max_length=200)]
    was_second: str = ""
    share: str
    wait: str
    measure: str


class ChooseForm(Form):
    """A button for one of the two."""

    csrf: str
    arm: Annotated[str, StringConstraints(pattern="^[ab]$")]


Writing, Plain = Depends(forms.reads(ContestForm)), Depends(forms.reads(Seen))
Choosing = Depends(forms.reads(ChooseForm))


@router.post("/contest")
def write(request: Request, review: Review = ForEditor, form: ContestForm = Writing) -> Response:
    """Try a second subject. Refused where the list is too small for it, or the winner would go too late."""
    typed = {"second": form.second, "share": form.share, "wait": form.wait, "measure": form.measure}
    try:
        terms = rules.read_terms(form.share, form.wait, form.measure)
        _can_be_held(review, form.second, terms)
    except (Conflict, BadInput) as error:
        return show(review, warning=f"That was not done: {error}.", status=409, typed=typed)
    wanted = {Words.SECOND: form.second, **terms}
    with review.house.database.read() as session:
        known = shaping.shape_of(session, review.issue).mail
    changes = [
        WriteMail(what=what, value=value)
        for what, value in wanted.items()
        if known.get(what, "") != value
    ]

    def again(review: Review, warning: str) -> Response:
        return show(review, warning=warning, status=409, typed=typed)

    return carry_out(request, review, form, changes, anchor="contest", again=again)


@router.post("/contest/off")
def drop(request: Request, review: Review = ForEditor, form: Seen = Plain) -> Response:
    """One subject only."""
    change = WriteMail(what=Words.SECOND, value="")
    return carry_out(request, review, form, [change], anchor="contest")


@router.post("/contest/choose")
def choose(review: Review = ForPublisher, form: ChooseForm = Choosing) -> Response:
    """Send this one to the rest: at once where nothing is decided, else in the other one's place."""
    house, now = review.house, review.house.clock()
    try:
        by, actor = review.seat.name, actor_of(review)
        steps.choose(house, review.issue, Arm(form.arm), by=by, actor=actor, now=now)
    except NotFound as error:
        return conflict(review, Conflict(str(error)))
    except Conflict as error:
        return conflict(review, error)
    return done(review)


def _can_be_held(review: Review, second: str, terms: Mapping[Words, str]) -> None:
    """Raises Conflict that says why not."""
    content, house = review.issue.content, review.house
    contest = rules.wanted(
        {Words.SECOND: second, **terms},
        review.schedule.deliver.ab,
        content.subject if content else "",
    )
    if contest is None:
        raise Conflict("both subjects are the same")
    with house.database.read() as session:
        setting = steps.setting(session, house, review.issue, now=house.clock())
    if why := rules.obstacle(contest, setting):
        raise Conflict(why)
