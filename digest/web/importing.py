"""Imports at the desk: a file is looked at first, then a person says yes; what came of it, and its undoing."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Depends, HTTPException, Request
from fastapi.responses import FileResponse, HTMLResponse, RedirectResponse, Response
from pydantic import StringConstraints
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile

from digest.audience import error_file, uploads
from digest.bootstrap import House
from digest.errors import Conflict, NoRoom
from digest.store import editors, errands, events, import_log
from digest.store.editors import Role
from digest.store.engine import Session
from digest.store.errands import Errand, Kind, State
from digest.store.import_log import ImportState
from digest.web import forms, headers, import_words, sessions
from digest.web.decisions import PlainForm
from digest.web.errands import Errands, ErrandsHere
from digest.web.forms import Form
from digest.web.pages import SAFE, HouseHere, Pages, PagesHere
from digest.web.sessions import Seat

router = APIRouter(prefix="/desk/house", include_in_schema=False)
Admin = Depends(sessions.needs(Role.ADMIN))

#: So many rows that are not taken stand on the page; all of them in the file.
TOLD = 50
Name = Annotated[str, StringConstraints(max_length=40)]


@dataclass(frozen=True, slots=True)
class Desk:
    """Where a page is made, and for whom."""

    house: House
    pages: Pages
    seat: Seat


def _desk(house: HouseHere, pages: PagesHere, seat: Seat = Admin) -> Desk:
    return Desk(house, pages, seat)


DeskHere = Annotated[Desk, Depends(_desk)]


class SureForm(Form):
    """A button that needs a box ticked."""

    csrf: str
    sure: Annotated[str, StringConstraints(pattern="^yes$")]


class ColumnsForm(Form):
    """Which column is what, as `email=2,name=1`."""

    csrf: str
    columns: Annotated[str, StringConstraints(max_length=200)] = ""


Plain, Sure = Depends(forms.reads(PlainForm)), Depends(forms.reads(SureForm))
Columns = Depends(forms.reads(ColumnsForm))


@router.api_route("/imports", methods=SAFE)
def imports(house: HouseHere, pages: PagesHere, seat: Seat = Admin) -> HTMLResponse:
    """What is under way, the form for another file, and the imports there were."""
    return _list(house, pages, seat)


def _list(
    house: House, pages: Pages, seat: Seat, *, fault: str = "", status: int = 200
) -> HTMLResponse:
    with house.database.read() as session:
        context = {
            "open": errands.open_ones(session),
            "taken": import_log.newest(session),
            "names": _names(session),
        }
    context |= {
        **_frame(house, seat),
        "fault": fault,
        "papers": list(house.schedules.values()),
        "limit": uploads.LIMIT // 1_000_000,
    }
    return pages.show("desk/imports.html", context, status=status)


def _frame(house: House, seat: Seat) -> dict[str, Any]:
    return {
        "seat": seat,
        "page": "imports",
        "now": house.clock(),
        "zone": next(iter(house.schedules.values())).calendar.zone,
        "words": import_words,
    }


def _names(session: Session) -> dict[str, str]:
    """Who did it, by what the log calls them."""
    return {f"editor:{one.id}": one.name or one.email for one in editors.all(session)}


@router.post("/imports")
async def upload(
    request: Request,
    house: HouseHere,
    pages: PagesHere,
    at_work: ErrandsHere,
    seat: Seat = Admin,
) -> Response:
    """Keep the file and look at it; nothing is written about anybody before somebody says so."""
    fields = await request.form()
    file, kind, paper = fields.get("file"), fields.get("kind"), fields.get("newsletter")
    if not isinstance(file, UploadFile) or not file.filename:
        return _list(house, pages, seat, fault="Choose a file first.", status=422)
    if not isinstance(paper, str) or paper not in house.schedules:
        return _list(house, pages, seat, fault="Choose a newsletter.", status=422)
    wanted = Kind.BAR if kind == Kind.BAR else Kind.IMPORT
    try:
        errand = await run_in_threadpool(_kept, house, seat, file, wanted, paper)
    except NoRoom:
        full = "There is no room on the disk for this file. Nothing was taken over."
        return _list(house, pages, seat, fault=full, status=507)
    finally:
        await fields.close()
    at_work.start(errand)
    return _to(errand)


def _kept(house: House, seat: Seat, file: UploadFile, kind: Kind, newsletter: str) -> Errand:
    """The errand of a file that lies in its place; one that could not be kept is dropped."""
    with house.database.write() as session:
        errand = errands.begin(
            session,
            kind,
            actor=f"editor:{seat.id}",
            state=State.LOOKING,
            newsletter=newsletter,
            file=uploads.safe_name(file.filename or ""),
            now=house.clock(),
        )
    try:
        uploads.keep(house.data, errand.id, errand.file, file.file)
    except (NoRoom, OSError):
        with house.database.write() as session:
            errands.move(session, errand, State.DROPPED, now=house.clock())
        raise
    return errand


# ---------------------------------------------------------------- one errand


def _errand(number: int, house: HouseHere, seat: Seat = Admin) -> Errand:
    with house.database.read() as session:
        return errands.by_id(session, number)


Here = Annotated[Errand, Depends(_errand)]


@router.api_route("/errands/{number}", methods=SAFE)
def errand_page(errand: Here, desk: DeskHere) -> HTMLResponse:
    """How far it is, what would come of it or came of it, and what may be decided."""
    return _show(desk, errand)


def _show(desk: Desk, errand: Errand, *, warning: str = "", status: int = 200) -> HTMLResponse:
    house, beside = desk.house, _beside(desk.house, errand)
    stopped = errand.has_stopped(house.clock())
    context = {
        **_frame(house, desk.seat),
        "errand": errand,
        "path": f"/desk/house/errands/{errand.id}",
        "stopped": stopped,
        "busy": errand.state in errands.BUSY and not stopped,
        "report": import_words.report(errand),
        "lines": error_file.first(beside, TOLD),
        "has_file": beside.is_file(),
        "warning": warning,
    }
    return desk.pages.show("desk/errand.html", context, status=status, headers=headers.SCRIPTED)


def _beside(house: House, errand: Errand) -> Path:
    return uploads.folder(house.data, errand.id) / uploads.ERRORS


@router.post("/errands/{number}/confirm")
def confirm(errand: Here, desk: DeskHere, at_work: ErrandsHere, form: SureForm = Sure) -> Response:
    """Take over what was looked at: the person says that they hold these readers' consent."""
    return _begin(desk, at_work, errand, State.RUNNING)


@router.post("/errands/{number}/columns")
def columns(
    errand: Here, desk: DeskHere, at_work: ErrandsHere, form: ColumnsForm = Columns
) -> Response:
    """Look again, with the columns as a person names them."""
    return _begin(desk, at_work, errand, State.LOOKING, columns=form.columns)


@router.post("/errands/{number}/again")
def again(errand: Here, desk: DeskHere, at_work: ErrandsHere, form: PlainForm = Plain) -> Response:
    """Go on with one whose process is gone. One that failed begins anew: a file is looked at first."""
    stopped = errand.has_stopped(desk.house.clock())
    if errand.state is not State.FAILED and not stopped:
        return _show(desk, errand, warning="It has not stopped.", status=409)
    looks = errand.kind in (Kind.IMPORT, Kind.BAR) and errand.state is not State.RUNNING
    return _begin(desk, at_work, errand, State.LOOKING if looks else State.RUNNING)


def _begin(desk: Desk, at_work: Errands, errand: Errand, to: State, **values: Any) -> Response:
    try:
        with desk.house.database.write() as session:
            moved = errands.move(session, errand, to, now=desk.house.clock(), why="", **values)
    except Conflict as error:
        return _not_done(desk, errand, error)
    at_work.start(moved)
    return _to(moved)


def _not_done(desk: Desk, errand: Errand, error: Conflict) -> Response:
    with desk.house.database.read() as session:
        fresh = errands.by_id(session, errand.id)
    return _show(desk, fresh, warning=f"That was not done: {error}.", status=409)


@router.post("/errands/{number}/drop")
def drop(errand: Here, desk: DeskHere, form: PlainForm = Plain) -> Response:
    """The file goes; nothing of it was taken over."""
    house = desk.house
    try:
        with house.database.write() as session:
            errands.move(session, errand, State.DROPPED, now=house.clock())
    except Conflict as error:
        return _not_done(desk, errand, error)
    uploads.drop(house.data, errand.id)
    return RedirectResponse("/desk/house/imports", status_code=303)


@router.post("/errands/{number}/errors")
def errors(errand: Here, house: HouseHere, form: PlainForm = Plain) -> Response:
    """The rows that are not taken, as a file."""
    beside = _beside(house, errand)
    if not beside.is_file():
        raise HTTPException(404, "There is no such file on this machine any more.")
    return FileResponse(beside, media_type="text/csv", filename=f"import-{errand.id}-errors.csv")


def _to(errand: Errand) -> Response:
    return RedirectResponse(f"/desk/house/errands/{errand.id}", status_code=303)


# ---------------------------------------------------------------- one import of the log


@router.api_route("/imports/{number}", methods=SAFE)
def taken(number: int, house: HouseHere, pages: PagesHere, seat: Seat = Admin) -> HTMLResponse:
    """An import that was: its numbers, and what undoing it does."""
    return _taken(number, house, pages, seat)


def _taken(
    number: int, house: House, pages: Pages, seat: Seat, *, warning: str = "", status: int = 200
) -> HTMLResponse:
    with house.database.read() as session:
        found, names = import_log.by_id(session, number), _names(session)
    context = {
        **_frame(house, seat),
        "taken": found,
        "by": names.get(found.actor, found.actor),
        "groups": import_words.groups({one.value: count for one, count in found.counts.items()}),
        "warning": warning,
    }
    return pages.show("desk/import.html", context, status=status)


@router.post("/imports/{number}/undo")
def undo(
    number: int,
    house: HouseHere,
    pages: PagesHere,
    at_work: ErrandsHere,
    seat: Seat = Admin,
    form: SureForm = Sure,
) -> Response:
    """What the import brought goes again, but for readers who have acted since."""
    with house.database.read() as session:
        found = import_log.by_id(session, number)
    if found.state is ImportState.UNDONE:
        return _taken(number, house, pages, seat, warning="It was undone already.", status=409)
    with house.database.write() as session:
        now, actor = house.clock(), f"editor:{seat.id}"
        errand = errands.begin(
            session,
            Kind.UNDO,
            actor=actor,
            state=State.RUNNING,
            newsletter=found.newsletter,
            file=found.file,
            subject=number,
            now=now,
        )
        events.record(
            session,
            at=now,
            actor=actor,
            action="asked to undo an import",
            subject=f"import:{number}",
        )
    at_work.start(errand)
    return _to(errand)
