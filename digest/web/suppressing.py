"""/desk/house/suppressions: which addresses nobody mails, found by their hash, added and lifted by hand."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query
from fastapi.responses import HTMLResponse, RedirectResponse, Response, StreamingResponse
from pydantic import StringConstraints

from digest.audience import addresses, barring, cells, tokens
from digest.bootstrap import House
from digest.delivery import lifting
from digest.errors import BadInput, Conflict, NotFound
from digest.store import events, histories, subscribers, suppression_list, suppressions
from digest.store.editors import Role
from digest.web import forms, masks, reader_words, sealed, sessions
from digest.web.decisions import PlainForm
from digest.web.forms import Form
from digest.web.pages import SAFE, HouseHere, Pages, PagesHere
from digest.web.sessions import Seat

PATH = "/desk/house/suppressions"
router = APIRouter(prefix=PATH, include_in_schema=False)

Viewer = Depends(sessions.needs(Role.VIEWER))
Publisher = Depends(sessions.needs(Role.PUBLISHER))
Admin = Depends(sessions.needs(Role.ADMIN))

Address = Annotated[str, StringConstraints(min_length=1, max_length=254)]
Note = Annotated[str, StringConstraints(max_length=200)]
#: Columns of the file that is taken away.
COLUMNS = ("email", "reason", "since", "until", "note")


class GivenForm(Form):
    """Why an address must not be mailed."""

    csrf: str
    reason: Annotated[str, StringConstraints(pattern=f"^({'|'.join(barring.REASONS)})$")]
    note: Note = ""


class AddForm(GivenForm):
    """An address and why."""

    address: Address


class LiftForm(Form):
    """Why an address may be mailed again."""

    csrf: str
    why: Annotated[str, StringConstraints(min_length=1, max_length=200)]


class LiftAddressForm(LiftForm):
    """The same with the address, which the list does not know."""

    address: Address


class LookForm(Form):
    """An address that is looked for."""

    csrf: str
    address: Address


Look, Add = Depends(forms.reads(LookForm)), Depends(forms.reads(AddForm))
Lift, Plain = Depends(forms.reads(LiftAddressForm)), Depends(forms.reads(PlainForm))


@router.api_route("", methods=SAFE)
def page(
    house: HouseHere,
    pages: PagesHere,
    reason: str = "",
    address: str = "",
    before: Annotated[int | None, Query(ge=1, le=2**62)] = None,
    seat: Seat = Viewer,
) -> HTMLResponse:
    """The list, the newest first; or what is known of one address. address: sealed, as in the desk's search."""
    looked_for = sealed.opened(house.key, address)
    return show(house, pages, seat, reason=reason, before=before, looked_for=looked_for)


def show(
    house: House,
    pages: Pages,
    seat: Seat,
    *,
    reason: str = "",
    before: int | None = None,
    looked_for: str = "",
    warning: str = "",
    status: int = 200,
) -> HTMLResponse:
    """The page; `warning` says why something was not done."""
    now = house.clock()
    wanted = reason if reason in reader_words.REASONS else ""
    with house.database.read() as session:
        counts = suppression_list.counts(session, at=now)
        lines, further = suppression_list.page(session, at=now, reason=wanted, before=before)
    context = {
        "seat": seat,
        "page": "suppressions",
        "counts": counts,
        "rows": [
            (one, masks.shown(one.address, seat.role) if one.address else "") for one in lines
        ],
        "reason": wanted,
        "further": further,
        "before": before,
        "sees": seat.role >= masks.SEES,
        "why_words": reader_words.REASONS,
        "given_words": reader_words.GIVEN,
        "warning": warning,
        "one": _known(house, looked_for) if looked_for else None,
        "looked_for": looked_for,
        "zone": next(iter(house.schedules.values())).calendar.zone,
        "first_paper": next(iter(house.schedules)),
    }
    return pages.show("desk/suppressions.html", context, status=status)


def _known(house: House, address: str) -> dict[str, Any]:
    """What is known of one address: every span there was, and whether it holds now."""
    key = addresses.parse(address).key
    hashed, now = tokens.address_hash(house.key, key), house.clock()
    with house.database.read() as session:
        spans = histories.suppressed(session, hashed)
        holds = suppressions.reasons(session, hashed, at=now)
        reader = subscribers.by_address(session, key)
    return {"spans": spans, "holds": holds, "reader": reader.id if reader else None}


@router.post("/look")
def look(
    house: HouseHere, pages: PagesHere, seat: Seat = Viewer, form: LookForm = Look
) -> Response:
    """The page about one address. By POST, so that it stands in none."""
    try:
        return _about(house, addresses.parse(form.address).address)
    except BadInput as error:
        return show(house, pages, seat, warning=_no_address(error), status=422)


@router.post("/add")
def add(
    house: HouseHere, pages: PagesHere, seat: Seat = Publisher, form: AddForm = Add
) -> Response:
    """Suppress an address, whether anybody here has it or not."""
    try:
        barring.bar(
            house.database,
            form.address,
            key=house.key,
            reason=form.reason,
            note=form.note,
            by=f"editor:{seat.id}",
            now=house.clock(),
        )
    except BadInput as error:
        return show(house, pages, seat, warning=_no_address(error), status=422)
    except Conflict as error:
        return _refused(house, pages, seat, form.address, f"That was not done: {error}.")
    return _about(house, form.address)


@router.post("/lift")
def lift(
    house: HouseHere, pages: PagesHere, seat: Seat = Publisher, form: LiftAddressForm = Lift
) -> Response:
    """Let an address be mailed again: for bounces a publisher may say so, for more an admin."""
    try:
        lifting.of_address(
            house.database,
            form.address,
            key=house.key,
            by=f"editor:{seat.id}",
            wholly=seat.role >= Role.ADMIN,
            now=house.clock(),
            why=form.why,
        )
    except BadInput as error:
        return show(house, pages, seat, warning=_no_address(error), status=422)
    except NotFound:
        return _refused(house, pages, seat, form.address, "This address is not suppressed.")
    except Conflict:
        only = "It is suppressed for more than bounces: an admin must lift that."
        return _refused(house, pages, seat, form.address, only)
    return _about(house, form.address)


def _about(house: House, address: str) -> Response:
    return RedirectResponse(f"{PATH}?address={sealed.seal(house.key, address)}", status_code=303)


def _refused(house: House, pages: Pages, seat: Seat, address: str, why: str) -> HTMLResponse:
    return show(house, pages, seat, looked_for=address, warning=why, status=409)


def _no_address(error: BadInput) -> str:
    return f"{error.reason[:1].upper()}{error.reason[1:]}".rstrip(".") + "."


# ---------------------------------------------------------------- as a file


@router.post("/export")
def export(house: HouseHere, seat: Seat = Admin, form: PlainForm = Plain) -> StreamingResponse:
    """All suppressions that hold, as CSV. Of an address that nobody on file has there is no more than its hash,
    which means nothing elsewhere: those are lines without an address.
    """
    with house.database.write() as session:
        actor = f"editor:{seat.id}"
        events.record(session, at=house.clock(), actor=actor, action="exported the suppressions")
    name = f"suppressions-{house.clock():%Y-%m-%d}.csv"
    return StreamingResponse(
        _lines(house),
        media_type="text/csv",
        headers={"content-disposition": f'attachment; filename="{name}"'},
    )


def _lines(house: House) -> Iterator[str]:
    yield _row(COLUMNS)
    with house.database.read() as session:
        for one in suppression_list.every(session, at=house.clock()):
            times = (f"{at:%Y-%m-%dT%H:%M:%SZ}" if at else "" for at in (one.since, one.until))
            yield _row((one.address, one.reason, *times, one.detail))


def _row(texts: tuple[str, ...]) -> str:
    line = io.StringIO()
    csv.writer(line).writerow([cells.safe(text) for text in texts])
    return line.getvalue()
