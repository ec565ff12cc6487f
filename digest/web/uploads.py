"""Files taken up at the desk: pages, page dumps, Markdown, feeds and exports. The file itself is not kept."""

from __future__ import annotations

import re
import tempfile
from pathlib import Path
from typing import Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile

from digest import intake
from digest.bootstrap import House
from digest.errors import BadInput, FetchError
from digest.protocols import Collected, PollState
from digest.sources.exports import ExportSource
from digest.store import events
from digest.store.editors import Role
from digest.values import web_address
from digest.web import sessions
from digest.web.headers import UPLOADS
from digest.web.pages import SAFE, HouseHere, PagesHere
from digest.web.sessions import Seat

router = APIRouter(include_in_schema=False)
Editor = Depends(sessions.needs(Role.EDITOR))


@router.api_route(UPLOADS, methods=SAFE)
def form(house: HouseHere, pages: PagesHere, seat: Seat = Editor) -> HTMLResponse:
    """The form."""
    return pages.show("desk/upload.html", _context(house, seat))


@router.post(UPLOADS)
async def take_up(
    request: Request, house: HouseHere, pages: PagesHere, seat: Seat = Editor
) -> HTMLResponse:
    """Read the file in the child process and store what it holds; what was left is listed."""
    fields = await request.form()
    file = fields.get("file")
    if not isinstance(file, UploadFile) or not file.filename:
        return _faulty(house, pages, seat, "Choose a file first.")
    data = await file.read()
    await fields.close()
    try:
        source, base_url = _source(house, fields.get("source")), _base(fields.get("base_url"))
        collected = await run_in_threadpool(
            _read, house, source, file.filename, data=data, base_url=base_url
        )
    except (BadInput, FetchError) as error:
        return _faulty(house, pages, seat, f"{file.filename}: {error.reason}.")
    stored = await run_in_threadpool(_store, house, seat, source, collected)
    left = (*collected.errors, *stored.errors)
    return pages.show("desk/upload.html", {**_context(house, seat), "stored": stored, "left": left})


def _read(house: House, source: str, name: str, *, data: bytes, base_url: str | None) -> Collected:
    """What the file holds. Raises FetchError where that is nothing we know."""
    with tempfile.TemporaryDirectory(prefix="upload-") as folder:
        path = Path(folder) / _safe(name)
        path.write_bytes(data)
        return ExportSource(key=source, path=path, base_url=base_url).poll(
            PollState(), house.clock()
        )


def _store(house: House, seat: Seat, source: str, collected: Collected) -> intake.Stored:
    now = house.clock()
    stored = intake.store_all(house.database, collected.articles, now=now)
    with house.database.write() as session:
        events.record(
            session,
            at=now,
            actor=f"editor:{seat.id}",
            action="took up a file",
            subject=source,
            data={"new": stored.new, "revised": stored.revised, "left": len(stored.errors)},
        )
    return stored


def _safe(name: str) -> str:
    """The file's last name, without anything that is more than a name."""
    plain = re.sub(r"[^\w.-]+", "-", name.replace("\\", "/").rsplit("/", 1)[-1])
    return plain.lstrip(".-")[-100:] or "file"


def _sources(house: House) -> list[str]:
    return [
        source.key
        for schedule in house.schedules.values()
        for source in schedule.sources
        if source.kind == "api"
    ]


def _source(house: House, named: object) -> str:
    if isinstance(named, str) and named in _sources(house):
        return named
    raise BadInput("source", "its stories need a source of kind api")


def _base(given: object) -> str | None:
    text = given.strip() if isinstance(given, str) else ""
    try:
        return web_address(text) if text else None
    except ValueError as error:
        raise BadInput("address", str(error)) from error


def _context(house: House, seat: Seat) -> dict[str, Any]:
    keys = _sources(house)
    return {
        "seat": seat,
        "here": "upload",
        "sources": keys,
        "stored": None,
        "left": (),
        "fault": "",
    }


def _faulty(house: House, pages: PagesHere, seat: Seat, fault: str) -> HTMLResponse:
    return pages.show("desk/upload.html", {**_context(house, seat), "fault": fault}, status=422)
