"""The links of a move to another address: the new one confirms it, the old one stops it. Buttons, both."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from digest.audience import moves
from digest.audience.moves import Found, Step
from digest.bootstrap import House
from digest.web import networks
from digest.web.pages import SAFE, HouseHere, Pages, PagesHere

router = APIRouter(include_in_schema=False)


@router.api_route("/move/{token}", methods=SAFE)
def move_page(token: str, house: HouseHere, pages: PagesHere) -> HTMLResponse:
    """What the new address is asked."""
    return _show(house, pages, "move", token, _looked(house, "move", token))


@router.post("/move/{token}")
def move(token: str, request: Request, house: HouseHere, pages: PagesHere) -> HTMLResponse:
    """The new address says yes."""
    network = networks.shortened(networks.client_of(request, house.trusted_proxies))
    found = moves.confirm(house.database, token, key=house.key, network=network, now=house.clock())
    return _show(house, pages, "move", token, found)


@router.api_route("/stay/{token}", methods=SAFE)
def stay_page(token: str, house: HouseHere, pages: PagesHere) -> HTMLResponse:
    """What the old address may do."""
    return _show(house, pages, "stay", token, _looked(house, "stay", token))


@router.post("/stay/{token}")
def stay(token: str, house: HouseHere, pages: PagesHere) -> HTMLResponse:
    """The old address says no."""
    return _show(house, pages, "stay", token, moves.stop(house.database, token, now=house.clock()))


def _looked(house: House, purpose: str, token: str) -> Found:
    return moves.look(house.database, token, purpose, now=house.clock())


def _show(house: House, pages: Pages, purpose: str, token: str, found: Found) -> HTMLResponse:
    schedule = house.schedules.get(found.newsletter)
    step = found.step if schedule else Step.GONE
    context = {"schedule": schedule, "purpose": purpose, "state": str(step), "token": token}
    return pages.show("public/move.html", context, status=404 if step is Step.GONE else 200)
