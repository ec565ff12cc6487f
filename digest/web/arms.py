"""The doors that a contest counts by: a story's link, which leads on, and a picture of one point.

Each visitor counts once and is named nowhere: what is kept is a keyed hash, until the contest is decided. Programs
that only look, and say so, are not counted. Whatever is counted or not, the link leads on.
"""

from __future__ import annotations

import re

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response
from starlette.exceptions import HTTPException

from digest import logs
from digest.audience import tokens
from digest.bootstrap import House
from digest.errors import DigestError, NotFound
from digest.mail.cleaning import web
from digest.model import Arm, ArticleId, Measure
from digest.store import articles, contests
from digest.web import networks
from digest.web.pages import SAFE, HouseHere, period_of

log = logs.get(__name__)

router = APIRouter(include_in_schema=False)

#: Programs that follow links by themselves and say what they are, and Apple's, which loads every picture of every mail:
#: it calls itself nothing but this.
_MACHINES = re.compile(
    r"bot\b|crawl|spider|preview|scan|monitor|curl|wget|python|http-?client|headless", re.IGNORECASE
)
_APPLES = "Mozilla/5.0"

#: The smallest GIF: one point that is not seen.
POINT = bytes.fromhex(
    "47494638396101000100800000000000ffffff21f90401000000002c000000000100010000020144003b"
)


@router.api_route("/r/{newsletter}/{period}/{story}", methods=SAFE)
def story(newsletter: str, period: str, story: int, house: HouseHere) -> Response:
    """A story's link in a copy that no contest counts."""
    return _on(house, period, story)


@router.api_route("/r/{newsletter}/{period}/{arm}/{story}", methods=SAFE)
def tried_story(
    newsletter: str, period: str, arm: Arm, story: int, request: Request, house: HouseHere
) -> Response:
    """A story's link in a copy of the test."""
    answer = _on(house, period, story)
    client = networks.client_of(request, house.trusted_proxies)
    who = f"{networks.limit_key(client)}\0{request.headers.get('user-agent', '')}"
    if _is_a_person(request):
        _note(house, newsletter, arm, who, counts=_CLICKS, period=period)
    return answer


@router.api_route("/leave/{newsletter}/{token}/seen/{arm}", methods=SAFE)
def seen(newsletter: str, token: str, arm: Arm, request: Request, house: HouseHere) -> Response:
    """The point in a copy of a test by opens; the same for everybody, whoever asks."""
    handle = tokens.read_leave_token(house.key, newsletter, token)
    real = handle and handle != tokens.NOBODY
    if real and _is_a_person(request) and request.headers.get("user-agent") != _APPLES:
        _note(house, newsletter, arm, str(handle), counts=_OPENS)
    return Response(POINT, media_type="image/gif")


_CLICKS, _OPENS = frozenset({Measure.CLICKS, Measure.HAND}), frozenset({Measure.OPENS})


def _on(house: House, period: str, number: int) -> Response:
    """To the story. Raises HTTPException 404 where we have none of that number."""
    period_of(period)
    with house.database.read() as session:
        try:
            address = web(articles.get(session, ArticleId(number)).url)
        except NotFound:
            address = ""
    if not address:
        raise HTTPException(404, "That story is not here any more.")
    return RedirectResponse(address, status_code=302)


def _is_a_person(request: Request) -> bool:
    told = request.headers
    agent = told.get("user-agent", "")
    ahead = told.get("sec-purpose") or told.get("purpose") or told.get("x-moz")
    return request.method == "GET" and bool(agent) and not ahead and not _MACHINES.search(agent)


def _note(
    house: House,
    newsletter: str,
    arm: Arm,
    who: str,
    *,
    counts: frozenset[Measure],
    period: str | None = None,
) -> None:
    """Count a visitor while that still counts; where it cannot be written, nobody waits for it."""
    try:
        with house.database.read() as session:
            found = contests.counting(session, newsletter, period=period)
        for one in found:
            if one.measure in counts:
                visitor = tokens.visitor(house.key, one.checksum, who)
                with house.database.write() as session:
                    contests.note_visit(session, one.send_id, arm, visitor)
    except DigestError as error:
        log.warning("a visit was not counted", why=str(error))
