"""The mail of an issue as somebody gets it: a sample reader, or one by name. In a frame, as text, as it leaves."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException
from fastapi.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response
from pydantic import StringConstraints

from digest import render
from digest.audience import addresses, tokens
from digest.delivery import editions
from digest.errors import BadInput
from digest.mail import strict
from digest.model import Arm, Edition, Message, Printed, Reader, Rendered
from digest.samples import SAMPLE
from digest.store import audiences, events, issues, subscribers
from digest.store.editors import Role
from digest.web import forms, headers, noted
from digest.web.chosen import Chosen
from digest.web.forms import Form
from digest.web.pages import SAFE
from digest.web.review import Review, reviewed, show

router = APIRouter(prefix="/desk/{newsletter}/{period}", include_in_schema=False)

ForViewer = Depends(reviewed(Role.VIEWER, bare=True))
ForPublisher = Depends(reviewed(Role.PUBLISHER))

_SCHEMES = {"light": "not all", "dark": "all"}


class AddressForm(Form):
    """Whose copy is wanted."""

    csrf: str
    address: Annotated[str, StringConstraints(min_length=1, max_length=254)]


Whose = Depends(forms.reads(AddressForm))


@router.api_route("/preview", methods=SAFE)
def preview(images: str = "on", scheme: str = "", review: Review = ForViewer) -> HTMLResponse:
    """The HTML part, for the page's own sandboxed frame.

    scheme: `light` or `dark` whatever the editor's own screen is; a frame tells its page no other one.

    No template may hold what loads by itself. Should one ever, it is nothing here: where a policy allows pictures it
    allows `<link rel=prefetch>` as well (CSP 3, "least restrictive directive"), and a refused frame is greeted.
    """
    policy = headers.PREVIEW if images != "off" else headers.WITHOUT_IMAGES
    html = strict.LOADS.sub(r"<x-\1", _filled(review).html)
    if scheme in _SCHEMES:
        html = html.replace("(prefers-color-scheme: dark)", _SCHEMES[scheme])
    return HTMLResponse(html, headers=policy)


@router.api_route("/text", methods=SAFE)
def text(review: Review = ForViewer) -> PlainTextResponse:
    """The text part."""
    return PlainTextResponse(_filled(review).text)


@router.api_route("/source", methods=SAFE)
def source(review: Review = ForViewer) -> PlainTextResponse:
    """The whole message with its header: the bytes that are handed over."""
    choice = review.chosen.choice(review.forms)
    reader = _reader(review) or SAMPLE._replace(choice=choice.text)
    return PlainTextResponse(_copy(review, reader).data)


@router.post("/reader")
def whose(review: Review = ForPublisher, form: AddressForm = Whose) -> Response:
    """Look at the copy of the reader with this address, where she is mailed; it is noted who did."""
    house, issue, now = review.house, review.issue, review.house.clock()
    try:
        key = addresses.parse(form.address).key
    except BadInput as error:
        return show(review, warning=f"That is no address: {error.reason}", status=422)
    with house.database.write() as session:
        known = subscribers.by_address(session, key)
        mailed = known and audiences.readers(session, issue.newsletter, [known.id], now=now)
        if known and mailed:
            events.record(
                session,
                at=now,
                actor=f"editor:{review.seat.id}",
                action="looked at a reader's copy",
                subject=f"{issue.newsletter}/{issue.period}",
                data={"reader": known.id},
            )
    if not (known and mailed):
        return show(review, warning="Nobody with that address is mailed now.", status=404)
    look = noted.address(house.key, known.id, session=review.seat.csrf, issue=issue.id)
    chosen = Chosen(noted=look)
    return RedirectResponse(f"{review.path}?{chosen.query}#mail", status_code=303)


def _edition(review: Review) -> Edition:
    if review.issue.edition is None:
        raise HTTPException(404, "This issue has no draft yet.")
    return review.issue.edition


def _reader(review: Review) -> Reader | None:
    """The reader who is looked at, as the sender asks for her; None where it is nobody. Raises HTTPException."""
    number, house = review.chosen.reader, review.house
    if not number:
        return None
    with house.database.read() as session:
        found = audiences.readers(
            session,
            review.issue.newsletter,
            [number],
            now=house.clock(),
            choices=bool(review.forms),
        )
    if number not in found:
        raise HTTPException(404, "This reader is not mailed any more.")
    return found[number]


def _copy(review: Review, reader: Reader) -> Message:
    """A reader's copy of the stored edition, made as the sender makes it."""
    printed = _printed(review)
    made = editions.made(review.house, review.issue, printed.rendered, printed.variants)
    return made.message(reader)


def _printed(review: Review) -> Printed:
    """The stored edition; of two subjects, as the readers of the test get the chosen one."""
    printed, house = Printed(_edition(review).rendered, review.forms, review.second), review.house
    if not review.chosen.arm or review.second is None:
        return printed
    with house.database.read() as session:
        whole = issues.by_id(session, review.issue.id)  # what decides stands in its content
    return editions.of_arm(whole, printed, Arm(review.chosen.arm), public_url=house.public_url)


def _filled(review: Review) -> Rendered:
    """The parts of the mail with somebody's values in the slots."""
    reader, house = _reader(review), review.house
    if reader is not None:
        copy = _copy(review, reader)
        return render.fill(copy.mail.rendered, {"leave_url": copy.values["leave_url"]})
    printed = _printed(review)
    shown = review.chosen.shown(printed.rendered, printed.variants)
    token = tokens.leave_token(house.key, review.issue.newsletter, tokens.NOBODY)
    leave_url = f"{house.public_url}/leave/{review.issue.newsletter}/{token}"
    return render.fill(shown, {"leave_url": leave_url})
