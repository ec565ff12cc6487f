"""A sent issue on the web: a publisher takes it off, and puts it back."""

from __future__ import annotations

from collections.abc import Callable

from fastapi import APIRouter, Depends
from fastapi.responses import Response

from digest.errors import Conflict
from digest.store import events, unpublished
from digest.store.editors import Role
from digest.store.engine import Session
from digest.web import forms
from digest.web.decisions import PlainForm, ReasonForm, actor_of, conflict, done
from digest.web.review import Review, reviewed

router = APIRouter(prefix="/desk/{newsletter}/{period}", include_in_schema=False)

ForPublisher = Depends(reviewed(Role.PUBLISHER))
Plain = Depends(forms.reads(PlainForm))
WithReason = Depends(forms.reads(ReasonForm))


@router.post("/unpublish")
def unpublish(review: Review = ForPublisher, form: ReasonForm = WithReason) -> Response:
    """The archive's page says that it is gone; the index, the feed and the map leave it out."""
    by, now = review.seat.name, review.house.clock()

    def act(session: Session) -> None:
        unpublished.take_down(session, review.issue.id, by=by, why=form.reason, now=now)

    return _acted(review, act, "took off the web", reason=form.reason)


@router.post("/publish")
def publish(review: Review = ForPublisher, form: PlainForm = Plain) -> Response:
    """All of it is there again, as it was sent."""
    by, now = review.seat.name, review.house.clock()

    def act(session: Session) -> None:
        unpublished.put_back(session, review.issue.id, by=by, now=now)

    return _acted(review, act, "published again")


def _acted(review: Review, act: Callable[[Session], None], action: str, **data: str) -> Response:
    try:
        with review.house.database.write() as session:
            act(session)
            events.record(
                session,
                at=review.house.clock(),
                actor=actor_of(review),
                action=action,
                subject=f"{review.issue.newsletter}/{review.issue.period}",
                data=data,
            )
    except Conflict as error:
        return conflict(review, error)
    return done(review)
