"""The doors that a contest counts by: a story's link, which leads on, and a picture of one point.

Each visitor counts once and is named nowhere: what is kept is a keyed hash, until the contest is decided. Programs
that only look, and say so, are not counted. Whatever is counted or not, the link leads on.
"""

from __future__ import annotations

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import Response
from starlette.background import BackgroundTask

from digest import clicks as judging
from digest import logs
from digest.audience import tokens
from digest.bootstrap import House
from digest.errors import DigestError
from digest.model import Arm, Measure
from digest.store import contests
from digest.web import clicks, counting, networks
from digest.web.pages import SAFE, HouseHere

log = logs.get(__name__)

router = APIRouter(include_in_schema=False)

#: Apple's proxy loads every picture of every mail, and calls itself nothing but this.
_APPLES = "Mozilla/5.0"

#: The smallest GIF: one point that is not seen.
POINT = bytes.fromhex(
    "47494638396101000100800000000000ffffff21f90401000000002c000000000100010000020144003b"
)


async def tried_story(request: Request) -> Response:
    """A story's link in a copy of the test: on to the story as every other one, and its arm has a visitor after it."""
    if request.path_params["arm"] not in set(Arm):
        raise HTTPException(404)
    answer = await clicks.follow(request)
    if _is_a_person(request):
        answer.background = BackgroundTask(_note_click, request)
    return answer


router.add_route("/r/{newsletter}/{period}/{arm}/{code}", tried_story, methods=SAFE)


def _note_click(request: Request) -> None:
    asked, house = request.path_params, request.app.state.house
    client = networks.client_of(request, house.trusted_proxies)
    who = f"{networks.limit_key(client)}\0{request.headers.get('user-agent', '')}"
    arm, period = Arm(asked["arm"]), asked["period"]
    _note(house, asked["newsletter"], arm, who, counts=_CLICKS, period=period)


@router.api_route("/leave/{newsletter}/{token}/seen/{arm}", methods=SAFE)
def seen(newsletter: str, token: str, arm: Arm, request: Request, house: HouseHere) -> Response:
    """The point in a copy of a test by opens; the same for everybody, whoever asks."""
    handle = tokens.read_leave_token(house.key, newsletter, token)
    real = handle and handle != tokens.NOBODY
    if real and _is_a_person(request, looks=True) and request.headers.get("user-agent") != _APPLES:
        _note(house, newsletter, arm, str(handle), counts=_OPENS)
    return Response(POINT, media_type="image/gif")


_CLICKS, _OPENS = frozenset({Measure.CLICKS, Measure.HAND}), frozenset({Measure.OPENS})


def _is_a_person(request: Request, *, looks: bool = False) -> bool:
    """Whether nothing in the request says otherwise. looks: at a picture, to which no browser navigates."""
    given = {k: v for k, v in request.headers.items() if not (looks and k == "sec-fetch-mode")}
    is_crawler = counting.is_crawler(given.get("user-agent", ""))
    return request.method == "GET" and judging.told(given, is_crawler=is_crawler) is None


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
