"""A proof at the desk: the mail itself, to the seat's own address and no other."""

from __future__ import annotations

from fastapi import APIRouter, Depends
from fastapi.responses import RedirectResponse, Response

from digest.delivery import proofs
from digest.errors import Conflict
from digest.store import editors, events
from digest.store.editors import Role
from digest.web import forms
from digest.web.chosen import Chosen
from digest.web.forms import Form
from digest.web.review import Review, reviewed, show

router = APIRouter(prefix="/desk/{newsletter}/{period}", include_in_schema=False)


class ProofForm(Form):
    """A button. form: which form of the mail is looked at, as in the page's address."""

    csrf: str
    form: str = ""


ForViewer = Depends(reviewed(Role.VIEWER))
Button = Depends(forms.reads(ProofForm))


@router.post("/proof")
def send_proof(review: Review = ForViewer, form: ProofForm = Button) -> Response:
    """Put a proof of the draft in line; the page says so. Without a draft: 409."""
    house, issue, now = review.house, review.issue, review.house.clock()
    chosen = Chosen.of(form.form)
    try:
        with house.database.write() as session:
            seat = editors.by_id(session, review.seat.id)
            if seat is None:
                raise Conflict("your seat was taken away")
            choice = chosen.choice(review.forms)
            proofs.queue(session, issue, seat, choice=choice, arm=chosen.arm, now=now)
            events.record(
                session,
                at=now,
                actor=f"editor:{seat.id}",
                action="sent a proof",
                subject=f"{issue.newsletter}/{issue.period}",
                data={"checksum": issue.edition.checksum if issue.edition else ""},
            )
    except Conflict as error:
        return show(review, warning=f"No proof was sent: {error}.", status=409)
    asked = "&".join(filter(None, (chosen.query, "proof=asked")))
    return RedirectResponse(f"{review.path}?{asked}#mail", status_code=303)
