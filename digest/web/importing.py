"""Imports at the desk: a file is looked at first, then a person says yes; what came of it, and its undoing."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Depends, HTTPException, Request
from fastapi.responses import FileResponse, HTMLResponse, RedirectResponse, Response
from pydantic import StringConstraints
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData, UploadFile

from digest.audience import error_file, uploads
from digest.bootstrap import House
from digest.errors import BadInput, Conflict, NoRoom
from digest.store import editors, errands, import_log
from digest.store.editors import Role
from digest.store.engine import Session
from digest.store.errands import Errand, Kind, State
from digest.store.import_log import ImportState
from digest.web import at_desk, forms, headers, import_words
from digest.web.at_desk import Desk
from digest.web.decisions import PlainForm
from digest.web.errands import Errands, ErrandsHere
from digest.web.forms import Form
from digest.web.pages import SAFE

router = APIRouter(prefix="/desk/house", include_in_schema=False)
DeskHere = Annotated[Desk, Depends(at_desk.needs(Role.ADMIN))]

#: So many rows that are not taken stand on the page; all of them in the file.
TOLD = 50
Name = Annotated[str, StringConstraints(max_length=40)]


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
def imports(desk: DeskHere) -> HTMLResponse:
    """What is under way, the form for another file, and the imports there were."""
    return _list(desk)


def _list(desk: Desk, *, fault: str = "", status: int = 200) -> HTMLResponse:
    with desk.house.database.read() as session:
        context = {
            "open": errands.open_ones(session),
            "taken": import_log.newest(session),
            "names": _names(session),
        }
    context |= {
        **_frame(desk),
        "fault": fault,
        "papers": list(desk.house.schedules.values()),
        "limit": uploads.LIMIT // 1_000_000,
    }
    return desk.pages.show("desk/imports.html", context, status=status)


def _frame(desk: Desk) -> dict[str, Any]:
    now = desk.house.clock()
    return {
        "seat": desk.seat,
        "page": "imports",
        "now": now,
        "zone": desk.zone,
        "words": import_words,
    }


def _names(session: Session) -> dict[str, str]:
    """Who did it, by what the log calls them."""
    return {f"editor:{one.id}": one.name or one.email for one in editors.all(session)}


@router.post("/imports")
async def upload(request: Request, desk: DeskHere, at_work: ErrandsHere) -> Response:
    """Keep the file and look at it; nothing is written about anybody before somebody says so."""
    fields = await request.form()
    try:
        errand = await _taken_up(desk, fields)
    except BadInput as error:
        return _list(desk, fault=error.reason, status=422)
    except NoRoom:
        full = "There is no room on the disk for this file. Nothing was taken over."
        return _list(desk, fault=full, status=507)
    finally:
        await fields.close()
    at_work.start(errand)
    return _to(errand)


async def _taken_up(desk: Desk, fields: FormData) -> Errand:
    """Raises BadInput where the form names no file or no newsletter, NoRoom."""
    file, paper = fields.get("file"), fields.get("newsletter")
    if not isinstance(file, UploadFile) or not file.filename:
        raise BadInput("file", "Choose a file first.")
    if not isinstance(paper, str) or paper not in desk.house.schedules:
        raise BadInput("newsletter", "Choose a newsletter.")
    kind = Kind.BAR if fields.get("kind") == Kind.BAR else Kind.IMPORT
    return await run_in_threadpool(_kept, desk, file, kind=kind, newsletter=paper)


def _kept(desk: Desk, file: UploadFile, *, kind: Kind, newsletter: str) -> Errand:
    """The errand of a file that lies in its place; one that could not be kept is dropped."""
    house = desk.house
    with house.database.write() as session:
        errand = errands.begin(
            session,
            kind,
            actor=desk.actor,
            state=State.LOOKING,
            newsletter=newsletter,
            file=uploads.safe_name(file.filename or ""),
            now=house.clock(),
        )
        desk.record(session, "uploaded readers", subject=f"errand:{errand.id}")
    try:
        uploads.keep(house.data, errand.id, errand.file, file.file)
    except (NoRoom, OSError):
        with house.database.write() as session:
            errands.move(session, errand, State.DROPPED, now=house.clock())
        raise
    return errand


# ---------------------------------------------------------------- one errand


def _errand(number: int, desk: DeskHere) -> Errand:
    with desk.house.database.read() as session:
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
        **_frame(desk),
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
    return _begin(desk, errand, State.RUNNING, "confirmed an upload", at_work=at_work)


@router.post("/errands/{number}/columns")
def columns(
    errand: Here, desk: DeskHere, at_work: ErrandsHere, form: ColumnsForm = Columns
) -> Response:
    """Look again, with the columns as a person names them."""
    named = {"columns": form.columns}
    return _begin(
        desk, errand, State.LOOKING, "named an upload's columns", at_work=at_work, **named
    )


@router.post("/errands/{number}/again")
def again(errand: Here, desk: DeskHere, at_work: ErrandsHere, form: PlainForm = Plain) -> Response:
    """Go on with one whose process is gone. One that failed begins anew: a file is looked at first."""
    stopped = errand.has_stopped(desk.house.clock())
    if errand.state is not State.FAILED and not stopped:
        return _show(desk, errand, warning="It has not stopped.", status=409)
    looks = errand.kind in (Kind.IMPORT, Kind.BAR) and errand.state is not State.RUNNING
    to = State.LOOKING if looks else State.RUNNING
    return _begin(desk, errand, to, "began it once more", at_work=at_work)


def _begin(
    desk: Desk, errand: Errand, to: State, action: str, *, at_work: Errands, **values: Any
) -> Response:
    try:
        with desk.house.database.write() as session:
            moved = errands.move(session, errand, to, now=desk.house.clock(), why="", **values)
            desk.record(session, action, subject=f"errand:{errand.id}")
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
            desk.record(session, "dropped an upload", subject=f"errand:{errand.id}")
    except Conflict as error:
        return _not_done(desk, errand, error)
    uploads.drop(house.data, errand.id)
    return RedirectResponse("/desk/house/imports", status_code=303)


@router.post("/errands/{number}/errors")
def errors(errand: Here, desk: DeskHere, form: PlainForm = Plain) -> Response:
    """The rows that are not taken, as a file."""
    beside = _beside(desk.house, errand)
    if not beside.is_file():
        raise HTTPException(404, "There is no such file on this machine any more.")
    with desk.house.database.write() as session:
        desk.record(session, "fetched an upload's errors", subject=f"errand:{errand.id}")
    return FileResponse(beside, media_type="text/csv", filename=f"import-{errand.id}-errors.csv")


def _to(errand: Errand) -> Response:
    return RedirectResponse(f"/desk/house/errands/{errand.id}", status_code=303)


# ---------------------------------------------------------------- one import of the log


@router.api_route("/imports/{number}", methods=SAFE)
def taken(number: int, desk: DeskHere) -> HTMLResponse:
    """An import that was: its numbers, and what undoing it does."""
    return _taken(number, desk)


def _taken(number: int, desk: Desk, *, warning: str = "", status: int = 200) -> HTMLResponse:
    with desk.house.database.read() as session:
        found, names = import_log.by_id(session, number), _names(session)
    context = {
        **_frame(desk),
        "taken": found,
        "by": names.get(found.actor, found.actor),
        "groups": import_words.groups({one.value: count for one, count in found.counts.items()}),
        "warning": warning,
    }
    return desk.pages.show("desk/import.html", context, status=status)


@router.post("/imports/{number}/undo")
def undo(number: int, desk: DeskHere, at_work: ErrandsHere, form: SureForm = Sure) -> Response:
    """What the import brought goes again, but for readers who have acted since."""
    house = desk.house
    with house.database.read() as session:
        found = import_log.by_id(session, number)
    if found.state is ImportState.UNDONE:
        return _taken(number, desk, warning="It was undone already.", status=409)
    with house.database.write() as session:
        errand = errands.begin(
            session,
            Kind.UNDO,
            actor=desk.actor,
            state=State.RUNNING,
            newsletter=found.newsletter,
            file=found.file,
            subject=number,
            now=house.clock(),
        )
        desk.record(session, "asked to undo an import", subject=f"import:{number}")
    at_work.start(errand)
    return _to(errand)
