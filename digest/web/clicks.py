"""A story link of a mail: on to the story at once; counted beside it, where the newsletter counts.

It leads only where a printed edition led: a code that no edition has is an address that there is not. The one GET
that leaves a trace: a sum of a link, which is nobody's state (docs/design.md). A HEAD leaves none.
"""

from __future__ import annotations

import time
from urllib.parse import quote

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import Response
from starlette.concurrency import run_in_threadpool

from digest.bootstrap import House
from digest.errors import Busy
from digest.mail.routes import CODE
from digest.store import clicks as stored
from digest.store.clicks import Leads
from digest.web import networks
from digest.web.counting import Counting
from digest.web.pages import SAFE, period_of

router = APIRouter(include_in_schema=False)

#: Where a story is, a mail's reader is sent with no word of where from; no search engine keeps the way.
HEADERS = {
    "referrer-policy": "no-referrer",
    "cache-control": "no-store",
    "x-robots-tag": "noindex, nofollow",
}
#: Seconds for which an issue's links are believed without a look, and how many issues are kept.
FRESH_S, REMEMBERED = 60.0, 64
#: What may stand in a header as it is (RFC 3986), and what is written as %XX already.
_PLAIN = "!#$%&'()*+,/:;=?@[]~"


class Ways:
    """Where links lead, by issue, as it was last looked up: the newest ones, for as long as nobody is sure."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._known: dict[tuple[str, str], tuple[float, Leads | None]] = {}

    def fresh(self, newsletter: str, period: str, code: str) -> Leads | None:
        """From memory, if that is new and has the code."""
        at, leads = self._known.get((newsletter, period), (0.0, None))
        is_new = time.monotonic() - at < FRESH_S
        return leads if is_new and leads and code in leads.targets else None

    def look(self, newsletter: str, period: str, code: str) -> Leads | None:
        """From the database; from memory, however old, while that is away. Raises Busy where neither knows."""
        key = (newsletter, period)
        try:
            with self._house.database.read() as session:
                leads = stored.leads(session, newsletter, period)
        except Busy:
            _, leads = self._known.get(key, (0.0, None))
            if leads is None or code not in leads.targets:
                raise
            return leads
        if leads is not None:
            self._known.pop(key, None)
            self._known[key] = (time.monotonic(), leads)
            while len(self._known) > REMEMBERED:
                self._known.pop(next(iter(self._known)), None)
        return leads


async def follow(request: Request) -> Response:
    """On to the story. 404 where no edition printed this link; 503 while nobody can look."""
    newsletter, period, code = (request.path_params[name] for name in _NAMED)
    if not CODE.fullmatch(code):
        raise HTTPException(404)
    ways: Ways = request.app.state.ways
    leads = ways.fresh(newsletter, period, code)
    if leads is None:
        leads = await run_in_threadpool(ways.look, newsletter, period_of(period), code)
    if leads is None or code not in leads.targets:
        raise HTTPException(404)
    _count(request, newsletter, leads, code)
    to = quote(leads.targets[code], safe=_PLAIN)
    return Response(status_code=302, headers={"location": to, **HEADERS})


#: Not FastAPI's own kind of route: a burst of clicks needs nothing of what that does for each request.
_NAMED = ("newsletter", "period", "code")
router.add_route("/r/{newsletter}/{period}/{code}", follow, methods=SAFE)


def _count(request: Request, newsletter: str, leads: Leads, code: str) -> None:
    house: House = request.app.state.house
    schedule = house.schedules.get(newsletter)
    if schedule is None or not schedule.clicks.count:
        return
    counting: Counting = request.app.state.counting
    client = networks.client_of(request, house.trusted_proxies)
    if request.method == "HEAD":
        counting.asked_for_its_head(leads, request.headers, client)
    else:
        counting.opened(leads, code, request.headers, client)
