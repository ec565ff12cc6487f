"""What readers see beside signing up and leaving: the colours of each newsletter, and the way to choices."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import RedirectResponse, Response

from digest.web.pages import SAFE, HouseHere, accents

router = APIRouter(include_in_schema=False)


@router.api_route("/accents.css", methods=SAFE)
def colours(house: HouseHere) -> Response:
    """Each newsletter's colours, since our policy allows no styles inside a page."""
    headers = {"cache-control": "public, max-age=31536000, immutable"}
    return Response(accents(house.schedules.values()), media_type="text/css", headers=headers)


@router.api_route("/n/{newsletter}/choices", methods=SAFE)
def to_choices(newsletter: str, house: HouseHere) -> RedirectResponse:
    """Where the archive's page leads to in the place of a reader's own link."""
    return RedirectResponse(f"/preferences/{house.schedule(newsletter).key}", status_code=302)
