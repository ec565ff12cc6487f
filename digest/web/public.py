"""What readers see beside signing up: the colours of each newsletter, and leaving. No GET changes anything."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import HTMLResponse, Response

from digest.audience import tokens, unsubscribe
from digest.bootstrap import House
from digest.web.pages import SAFE, HouseHere, PagesHere, accents

router = APIRouter(include_in_schema=False)


@router.api_route("/accents.css", methods=SAFE)
def colours(house: HouseHere) -> Response:
    """Each newsletter's colours, since our policy allows no styles inside a page."""
    headers = {"cache-control": "public, max-age=31536000, immutable"}
    return Response(accents(house.schedules.values()), media_type="text/css", headers=headers)


@router.api_route("/leave/{newsletter}/{token}", methods=SAFE)
def leave_page(newsletter: str, token: str, house: HouseHere, pages: PagesHere) -> HTMLResponse:
    """One button, where the link is whole."""
    return _leave_page(house, pages, newsletter, token, left=False)


@router.post("/leave/{newsletter}/{token}")
async def leave(
    newsletter: str, token: str, request: Request, house: HouseHere, pages: PagesHere
) -> HTMLResponse:
    """Leave, by the page's button or by a mail program's own one (RFC 8058).

    Needs no cookie, no CSRF token, redirects nowhere, reads the body only as evidence of the
    method, and answers 200 to anything: a mail program must never have to try again. A person
    with half a link is told so, for nothing is left by it.
    """
    method = unsubscribe.method_of(await request.body())
    await run_in_threadpool(_leave, house, newsletter, token, method=method)
    return _leave_page(house, pages, newsletter, token, left=True)


def _leave_page(
    house: House, pages: PagesHere, newsletter: str, token: str, *, left: bool
) -> HTMLResponse:
    """Alike for every whole link, whoever it is of: only its signature is looked at here."""
    handle = tokens.read_leave_token(house.key, newsletter, token)
    context = {
        "schedule": house.schedules.get(newsletter),
        "newsletter": newsletter,
        "token": token,
        "whole": handle is not None,
        "nobody": handle == tokens.NOBODY,
        "left": left,
    }
    return pages.show("public/leave.html", context)


def _leave(house: House, newsletter: str, token: str, *, method: str) -> None:
    unsubscribe.leave(
        house.database, newsletter, token, key=house.key, now=house.clock(), method=method
    )
