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
from digest.store import histories, subscribers, suppression_list, suppressions
from digest.store.editors import Role
from digest.web import at_desk, forms, masks, reader_words, sealed
from digest.web.at_desk import Desk
from digest.web.decisions import PlainForm
from digest.web.forms import Form
from digest.web.pages import SAFE

PATH = "/desk/house/suppressions"
router = APIRouter(prefix=PATH, include_in_schema=False)

ForViewer = Annotated[Desk, Depends(at_desk.needs(Role.VIEWER))]
ForPublisher = Annotated[Desk, Depends(at_desk.needs(Role.PUBLISHER))]
ForAdmin = Annotated[Desk, Depends(at_desk.needs(Role.ADMIN, fresh=PATH))]

Address = Annotated[str, StringConstraints(min_length=1, max_length=254)]
#: What outlives a reader names none: no address stands in it.
Note = Annotated[str, StringConstraints(max_length=200, pattern="^[^@]*$")]
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
    why: Annotated[Note, StringConstraints(min_length=1)]


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
    desk: ForViewer,
    reason: str = "",
    address: str = "",
    before: Annotated[int | None, Query(ge=1, le=2**62)] = None,
) -> HTMLResponse:
    """The list, the newest first; or what is known of one address. address: sealed, as in the desk's search."""
    looked_for = sealed.opened(desk.house.key, address)
    return show(desk, reason=reason, before=before, looked_for=looked_for)


def show(
    desk: Desk,
    *,
    reason: str = "",
    before: int | None = None,
    looked_for: str = "",
    warning: str = "",
    status: int = 200,
) -> HTMLResponse:
    """The page; `warning` says why something was not done."""
    house, role, now = desk.house, desk.seat.role, desk.house.clock()
    wanted = reason if reason in reader_words.REASONS else ""
    with house.database.read() as session:
        counts = suppression_list.counts(session, at=now)
        lines, further = suppression_list.page(session, at=now, reason=wanted, before=before)
    context = {
        "seat": desk.seat,
        "page": "suppressions",
        "counts": counts,
        "rows": [(one, masks.shown(one.address, role) if one.address else "") for one in lines],
        "reason": wanted,
        "further": further,
        "before": before,
        "sees": role >= masks.SEES,
        "why_words": reader_words.REASONS,
        "given_words": reader_words.GIVEN,
        "warning": warning,
        "one": _known(house, looked_for) if looked_for else None,
        "looked_for": looked_for,
        "first_paper": next(iter(house.schedules)),
    }
    return desk.pages.show("desk/suppressions.html", context, status=status)


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
def look(desk: ForViewer, form: LookForm = Look) -> Response:
    """The page about one address. By POST, so that it stands in none."""
    try:
        return _about(desk, addresses.parse(form.address).address)
    except BadInput as error:
        return show(desk, warning=_no_address(error), status=422)


@router.post("/add")
def add(desk: ForPublisher, form: AddForm = Add) -> Response:
    """Suppress an address, whether anybody here has it or not."""
    house = desk.house
    try:
        barring.bar(
            house.database,
            form.address,
            key=house.key,
            reason=form.reason,
            note=form.note,
            by=desk.actor,
            now=house.clock(),
        )
    except BadInput as error:
        return show(desk, warning=_no_address(error), status=422)
    except Conflict as error:
        return _refused(desk, form.address, f"That was not done: {error}.")
    return _about(desk, form.address)


@router.post("/lift")
def lift(desk: ForPublisher, form: LiftAddressForm = Lift) -> Response:
    """Let an address be mailed again: for bounces a publisher may say so, for more an admin."""
    try:
        refusal = lifted(desk, form.address, form.why)
    except BadInput as error:
        return show(desk, warning=_no_address(error), status=422)
    return _refused(desk, form.address, refusal) if refusal else _about(desk, form.address)


def lifted(desk: Desk, address: str, why: str) -> str:
    """End the suppression of an address, as far as the seat may; why not, or empty. Raises BadInput."""
    house = desk.house
    try:
        lifting.of_address(
            house.database,
            address,
            key=house.key,
            by=desk.actor,
            wholly=desk.seat.role >= Role.ADMIN,
            now=house.clock(),
            why=why,
        )
    except NotFound:
        return "This address is not suppressed."
    except Conflict:
        return "It is suppressed for more than bounces: an admin must lift that."
    return ""


def _about(desk: Desk, address: str) -> Response:
    sealed_so = sealed.seal(desk.house.key, address)
    return RedirectResponse(f"{PATH}?address={sealed_so}", status_code=303)


def _refused(desk: Desk, address: str, why: str) -> HTMLResponse:
    return show(desk, looked_for=address, warning=why, status=409)


def _no_address(error: BadInput) -> str:
    return f"{error.reason[:1].upper()}{error.reason[1:]}".rstrip(".") + "."


# ---------------------------------------------------------------- as a file


@router.post("/export")
def export(desk: ForAdmin, form: PlainForm = Plain) -> StreamingResponse:
    """All suppressions that hold, as CSV. Of an address that nobody on file has there is no more than its hash,
    which means nothing elsewhere: those are lines without an address.
    """
    house = desk.house
    with house.database.write() as session:
        desk.record(session, "exported the suppressions")
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
