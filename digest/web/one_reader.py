"""One reader at the desk: where they stand, what they were shown, all that happened; and what may be done about them."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Depends, HTTPException
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from pydantic import StringConstraints

from digest.audience import addresses, barring, privacy, proofs, unsubscribe
from digest.bootstrap import House
from digest.errors import BadInput, Conflict
from digest.model import SubscriptionStatus
from digest.store import errands, histories, reader_search, subscribers
from digest.store.editors import Role
from digest.store.errands import Kind, State
from digest.store.subscribers import Subscriber
from digest.web import at_desk, forms, masks, reader_words, suppressing
from digest.web.at_desk import Desk
from digest.web.decisions import PlainForm
from digest.web.errands import ErrandsHere
from digest.web.forms import Form
from digest.web.pages import SAFE
from digest.web.suppressing import GivenForm, LiftForm

router = APIRouter(prefix="/desk/readers/{number}", include_in_schema=False)

NO_READER = "Nobody on file has this number any more."


@dataclass(frozen=True, slots=True)
class Look:
    """One reader under one seat's eyes."""

    desk: Desk
    reader: Subscriber

    @property
    def house(self) -> House:
        return self.desk.house

    @property
    def path(self) -> str:
        return f"/desk/readers/{self.reader.id}"

    def record(self, action: str) -> None:
        """Write down that somebody took something of this reader with them."""
        with self.house.database.write() as session:
            self.desk.record(session, action, subject=f"subscriber:{self.reader.id}")


def looked_at(role: Role, *, fresh: str = "") -> Callable[..., Look]:
    """A dependency: the reader that the address names, for a seat with this role. fresh: as of `sessions.needs`."""

    def read(number: int, desk: Desk = Depends(at_desk.needs(role, fresh=fresh))) -> Look:
        with desk.house.database.read() as session:
            found = subscribers.by_id(session, number) if 0 < number < 2**62 else None
        if found is None:
            raise HTTPException(404, NO_READER)
        return Look(desk, found)

    return read


class LeaveForm(Form):
    """Which newsletter they leave; a box is ticked as well."""

    csrf: str
    newsletter: Annotated[str, StringConstraints(max_length=40)]
    sure: Annotated[str, StringConstraints(pattern="^yes$")]


class EraseForm(Form):
    """The address, typed once more."""

    csrf: str
    address: Annotated[str, StringConstraints(max_length=254)]


ForViewer = Depends(looked_at(Role.VIEWER))
ForEditor = Depends(looked_at(Role.EDITOR))
ForPublisher = Depends(looked_at(Role.PUBLISHER))
ForAdmin = Depends(looked_at(Role.ADMIN))
#: What cannot be taken back, and what is taken away: right after a login only.
Taking, Erasing = (
    Depends(looked_at(Role.ADMIN, fresh="..")),
    Depends(looked_at(Role.ADMIN, fresh=".")),
)
Plain, Leave = Depends(forms.reads(PlainForm)), Depends(forms.reads(LeaveForm))
Given, Lift = Depends(forms.reads(GivenForm)), Depends(forms.reads(LiftForm))
Erase = Depends(forms.reads(EraseForm))


# ---------------------------------------------------------------- looking


@router.api_route("", methods=SAFE)
def page(look: Look = ForViewer) -> HTMLResponse:
    """The reader's page."""
    return show(look)


def show(look: Look, *, warning: str = "", status: int = 200) -> HTMLResponse:
    """The reader's page; `warning` says why something was not done."""
    house, reader, now = look.house, look.reader, look.house.clock()
    with house.database.read() as session:
        line = reader_search.one(session, reader.id, at=now)
        stands = histories.stands(session, reader.id, now=now)
        shown = histories.proofs(session, reader.id)
        history = [reader_words.said(one) for one in histories.of(session, reader.id)]
    context = {
        **_frame(look),
        "warning": warning,
        "line": line,
        "stands": stands,
        "papers": house.schedules,
        "proofs": shown,
        "history": history,
        "with_us": [one for one in stands if one.status is not SubscriptionStatus.UNSUBSCRIBED],
        "left_words": reader_words.LEFT_FOR,
        "why_words": reader_words.REASONS,
        "came_words": reader_words.CAME,
        "given_words": reader_words.GIVEN,
    }
    return look.desk.pages.show("desk/reader.html", context, status=status)


def _frame(look: Look) -> dict[str, Any]:
    return {
        "seat": look.desk.seat,
        "here": "readers",
        "reader": look.reader,
        "path": look.path,
        "sees": look.desk.seat.role >= masks.SEES,
        "shown": masks.shown(look.reader.address, look.desk.seat.role),
        "zone": look.desk.zone,
        "now": look.house.clock(),
    }


# ---------------------------------------------------------------- taking with one


@router.post("/proof")
def proof(look: Look = ForEditor, form: PlainForm = Plain) -> Response:
    """What the reader agreed to, as a file. By POST: it is written down who fetched it."""
    found = proofs.of_address(look.house.database, look.reader.address, now=look.house.clock())
    look.record("fetched a consent")
    return _file(found, f"consent-{look.reader.id}.json")


@router.post("/everything")
def everything(look: Look = Taking, form: PlainForm = Plain) -> Response:
    """All that is kept about the reader, for the reader."""
    found = privacy.everything(look.house.database, look.reader.address, key=look.house.key)
    look.record("fetched a dossier")
    return _file(found, f"reader-{look.reader.id}.json")


def _file(found: object, name: str) -> Response:
    return Response(
        json.dumps(found, ensure_ascii=False, indent=1) + "\n",
        media_type="application/json",
        headers={"content-disposition": f'attachment; filename="{name}"'},
    )


# ---------------------------------------------------------------- doing


@router.post("/leave")
def leave(look: Look = ForPublisher, form: LeaveForm = Leave) -> Response:
    """End a subscription because its reader asked for it; in force at once, also in the middle of a send."""
    house = look.house
    if not unsubscribe.on_request(
        house.database,
        form.newsletter,
        look.reader.id,
        by=look.desk.actor,
        now=house.clock(),
        goodbyes=house.goodbyes,
    ):
        return show(look, warning="There was no subscription to end.", status=409)
    return _back(look)


@router.post("/suppress")
def suppress(look: Look = ForPublisher, form: GivenForm = Given) -> Response:
    """Nobody here mails the reader any more."""
    try:
        barring.bar(
            look.house.database,
            look.reader.address,
            key=look.house.key,
            reason=form.reason,
            note=form.note,
            by=look.desk.actor,
            now=look.house.clock(),
        )
    except Conflict as error:
        return show(look, warning=f"That was not done: {error}.", status=409)
    return _back(look)


@router.post("/lift")
def lift(look: Look = ForPublisher, form: LiftForm = Lift) -> Response:
    """The reader may be mailed again; for more than bounces an admin must say so."""
    refusal = suppressing.lifted(look.desk, look.reader.address, form.why)
    return show(look, warning=refusal, status=409) if refusal else _back(look)


@router.api_route("/erase", methods=SAFE)
def erase_page(look: Look = ForAdmin) -> HTMLResponse:
    """What erasing does, and the button that does it."""
    return look.desk.pages.show("desk/erase.html", {**_frame(look), "warning": ""})


@router.post("/erase")
def erase(at_work: ErrandsHere, look: Look = Erasing, form: EraseForm = Erase) -> Response:
    """Forget the reader, if their address was typed once more; it goes on beside the pages."""
    if not _same(form.address, look.reader.address):
        context = {
            **_frame(look),
            "warning": "That is not this reader’s address. Nothing was done.",
        }
        return look.desk.pages.show("desk/erase.html", context, status=422)
    house = look.house
    with house.database.write() as session:
        errand = errands.begin(
            session,
            Kind.ERASE,
            actor=look.desk.actor,
            state=State.RUNNING,
            subject=look.reader.id,
            now=house.clock(),
        )
        subject = f"subscriber:{look.reader.id}"
        look.desk.record(session, "asked for an erasure", subject=subject)
    at_work.start(errand)
    return RedirectResponse(f"/desk/house/errands/{errand.id}", status_code=303)


def _same(typed: str, address: str) -> bool:
    try:
        return addresses.parse(typed).key == addresses.parse(address).key
    except BadInput:
        return False


def _back(look: Look) -> Response:
    return RedirectResponse(look.path, status_code=303)
