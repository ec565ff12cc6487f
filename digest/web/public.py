"""What readers' pages have in common: the colours of each newsletter."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import Response

from digest.web.pages import SAFE, HouseHere, accents

router = APIRouter(include_in_schema=False)


@router.api_route("/accents.css", methods=SAFE)
def colours(house: HouseHere) -> Response:
    """Each newsletter's colours, since our policy allows no styles inside a page."""
    headers = {"cache-control": "public, max-age=31536000, immutable"}
    return Response(accents(house.schedules.values()), media_type="text/css", headers=headers)
