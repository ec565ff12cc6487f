"""What providers tell us about copies: `POST /webhooks/<provider>`. No session, no cookie, no form.

A call is believed where the provider's own scheme proves it, and only then read. All of its reports
are taken in or none, so a provider that tells them again loses and doubles nothing.
"""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import PlainTextResponse, Response

from digest import logs
from digest.bootstrap import House
from digest.delivery import reports
from digest.errors import BadInput, FetchError, Forged
from digest.protocols import ReportReader
from digest.web.pages import HouseHere

log = logs.get(__name__)

router = APIRouter(include_in_schema=False)


@router.post("/webhooks/{provider}")
async def take(provider: str, request: Request, house: HouseHere) -> Response:
    """200 for what was taken in, now or before; 403 for what proves nothing, 400 for what is no report.

    What was sent stands in no answer and in no log. A busy database is 503: the provider tries again.
    """
    body = await request.body()
    reader = house.report_readers.get(provider)
    if reader is None:
        return _said("There is nothing at this address.", 404)
    headers = {name.lower(): value for name, value in request.headers.items()}
    try:
        await run_in_threadpool(_take, house, reader, headers, body)
    except Forged:
        log.warning("a webhook was not believed", provider=provider)
        return _said("Not allowed.", 403)
    except BadInput:
        log.warning("a webhook was not understood", provider=provider)
        return _said("That was not understood.", 400)
    except FetchError as error:  # what proves the sender could not be had: to be told again
        log.warning("a webhook cannot be proven now", provider=provider, why=str(error))
        return _said("Later, please.", 503)
    return _said("Thank you.", 200)


def _take(house: House, reader: ReportReader, headers: dict[str, str], body: bytes) -> None:
    now = house.clock()
    found = list(reader.read(headers, body, now=now))
    if found:
        reports.apply(house.database, found, key=house.key, now=now)


def _said(words: str, status: int) -> PlainTextResponse:
    return PlainTextResponse(f"{words}\n", status)
