"""The house at the desk: every newsletter as its schedule file tells it."""

from __future__ import annotations

from fastapi import APIRouter, Depends
from fastapi.responses import HTMLResponse

from digest.store.editors import Role
from digest.web import sessions
from digest.web.pages import SAFE, HouseHere, PagesHere
from digest.web.sessions import Seat

router = APIRouter(prefix="/desk/house", include_in_schema=False)
Viewer = Depends(sessions.needs(Role.VIEWER))


@router.api_route("", methods=SAFE)
def newsletters(house: HouseHere, pages: PagesHere, seat: Seat = Viewer) -> HTMLResponse:
    """Every newsletter and the file that it is told by."""
    context = {"seat": seat, "page": "newsletters", "schedules": house.schedules.values()}
    return pages.show("desk/newsletters.html", {**context, "folder": house.schedules_folder})
