"""A send from the desk: stop it, let it go on, end it, send again to whom it did not reach."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, Depends
from fastapi.responses import Response
from pydantic import StringConstraints

from digest.delivery import steer
from digest.errors import Conflict, NotFound
from digest.store.editors import Role
from digest.web import forms
from digest.web.decisions import PlainForm, actor_of, conflict, done
from digest.web.forms import Form
from digest.web.review import Review, reviewed

router = APIRouter(prefix="/desk/{newsletter}/{period}", include_in_schema=False)

ForPublisher = Depends(reviewed(Role.PUBLISHER))


class PauseForm(Form):
    """A button and, if one likes, why."""

    csrf: str
    reason: Annotated[str, StringConstraints(max_length=300)] = ""


class CancelForm(Form):
    """A button that cannot be taken back: a box is ticked as well."""

    csrf: str
    sure: Annotated[str, StringConstraints(pattern="^yes$")]


class ResendForm(Form):
    """A button; uncertain: those in doubt, too, who may then get it twice."""

    csrf: str
    uncertain: Annotated[str, StringConstraints(pattern="^yes$")] | None = None


Plain, Pause = Depends(forms.reads(PlainForm)), Depends(forms.reads(PauseForm))
Cancel, Resend = Depends(forms.reads(CancelForm)), Depends(forms.reads(ResendForm))


@router.post("/pause")
def pause(review: Review = ForPublisher, form: PauseForm = Pause) -> Response:
    """Hand nothing more over until somebody lets it go on."""
    house, now, who = review.house, review.house.clock(), actor_of(review)
    return _steered(
        review,
        lambda: steer.pause(
            house, review.issue, by=review.seat.name, why=form.reason, now=now, actor=who
        ),
    )


@router.post("/resume")
def resume(review: Review = ForPublisher, form: PlainForm = Plain) -> Response:
    """A send that had stopped goes on where it was."""
    house, now = review.house, review.house.clock()
    return _steered(review, lambda: steer.resume(house, review.issue, by=actor_of(review), now=now))


@router.post("/cancel")
def cancel(review: Review = ForPublisher, form: CancelForm = Cancel) -> Response:
    """Who was not mailed yet is not mailed any more."""
    house, now, who = review.house, review.house.clock(), actor_of(review)
    return _steered(
        review,
        lambda: steer.cancel(house, review.issue, by=review.seat.name, now=now, actor=who),
    )


@router.post("/resend")
def resend(review: Review = ForPublisher, form: ResendForm = Resend) -> Response:
    """The failed are in line again, and those in doubt where the box says so."""
    house, now = review.house, review.house.clock()
    uncertain = form.uncertain is not None
    return _steered(
        review,
        lambda: steer.resend(
            house, review.issue, by=actor_of(review), uncertain=uncertain, now=now
        ),
    )


def _steered(review: Review, act: Callable[[], object]) -> Response:
    try:
        act()
    except NotFound:
        return conflict(review, Conflict("this issue is not being sent"))
    except Conflict as error:
        return conflict(review, error)
    return done(review)
