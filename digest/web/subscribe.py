"""The API of signing up, open to every site's pages without cookies: a task, and the wish with its solution."""

from __future__ import annotations

import json
from typing import Annotated, Any, Literal

from fastapi import APIRouter, BackgroundTasks, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError
from starlette.exceptions import HTTPException

from digest.audience import breaker, work
from digest.errors import BadInput
from digest.web import door
from digest.web.door import Knock, SettlingHere, Verdict
from digest.web.faults import problem
from digest.web.forms import CONTROLS
from digest.web.pages import HouseHere, PagesHere
from digest.web.sign_up import COME_BACK_S, PROBLEMS
from digest.web.speech import mark

#: Where it stands; pages of other sites may speak to what is below (`headers.OpenDoor`).
PREFIX = "/api/subscribe"

router = APIRouter(prefix=PREFIX, tags=["readers"])

HEARD = mark(
    "If this address can be subscribed, a mail with a link is on its way to it. Press the button "
    "behind the link, and you are in."
)
TOO_MANY = mark(
    "Many sign-ups came from your network in a short time. Please come back in an hour."
)
WORK = mark("This needs a new proof of work. Please try once more.")


def _printable(value: str) -> str:
    if CONTROLS.search(value):
        raise ValueError("expected no control characters")
    return value


Line = Annotated[str, AfterValidator(_printable)]


class TaskBody(BaseModel):
    """An ALTCHA challenge: find the counter whose hash begins with `keyPrefix`."""

    parameters: dict[str, Any]
    signature: str


class Offer(BaseModel):
    """A newsletter. wording: what a reader agrees to, to be shown beside the button, word for word."""

    newsletter: str
    name: str
    language: str
    wording: str
    challenge: TaskBody


class Wish(BaseModel):
    """A wish to subscribe. altcha: the challenge with its solution, as base64. nothing: stays empty.

    by: `embed` is what the script of our own form says.
    """

    model_config = ConfigDict(extra="forbid")

    address: Annotated[Line, Field(min_length=3, max_length=254)]
    altcha: Annotated[Line, Field(max_length=work.LONGEST)]
    nothing: Annotated[Line, Field(max_length=1000)] = ""
    timezone: Annotated[Line, Field(max_length=40)] = ""
    by: Literal["api", "embed"] = "api"


class Heard(BaseModel):
    """The same for every address. message: words for the reader, in the newsletter's language."""

    state: Literal["heard"] = "heard"
    message: str


_PROBLEMS: dict[int | str, dict[str, Any]] = {
    status: {"description": words, "content": {"application/problem+json": {}}}
    for status, words in (
        (400, "The body is no JSON, or no address can be read from it."),
        (403, "No proof of work, or one that was not for this, is too old, or was wrong."),
        (404, "No such newsletter."),
        (413, "More than 1 MB."),
        (422, "No wish of ours, or a mailbox that is thrown away."),
        (429, "Too many sign-ups from this network."),
        (503, "The database is busy; ask again in a few seconds."),
    )
}
_TASK_PROBLEMS: dict[int | str, dict[str, Any]] = {
    status: _PROBLEMS[status] for status in (404, 503)
}
_SCHEMA = {
    "requestBody": {
        "required": True,
        "content": {"application/json": {"schema": Wish.model_json_schema()}},
    }
}


@router.get("/{newsletter}", responses=_TASK_PROBLEMS)
def offer(newsletter: str, house: HouseHere, pages: PagesHere) -> Offer:
    """What there is to subscribe to, and a task to solve first. Nothing is kept of it."""
    schedule = house.schedule(newsletter)
    speech, now = pages.speech(schedule), house.clock()
    with house.database.read() as session:
        storm = breaker.is_on(session, least=house.breaker, now=now)
    task = work.challenge(house.key, door.form_of(schedule, speech), now=now, storm=storm)
    return Offer(
        newsletter=schedule.key,
        name=schedule.newsletter.name,
        language=speech.tag,
        wording=door.wording(schedule, speech),
        challenge=TaskBody(**task),
    )


@router.post(
    "/{newsletter}",
    status_code=202,
    response_model=Heard,
    responses=_PROBLEMS,
    openapi_extra=_SCHEMA,
)
async def subscribe(
    newsletter: str,
    request: Request,
    tasks: BackgroundTasks,
    pages: PagesHere,
    settling: SettlingHere,
) -> JSONResponse:
    """Take a wish to subscribe: heard, for every address alike. A mail comes where one may."""
    schedule = pages.house.schedule(newsletter)
    wish, speech = await _given(request), pages.speech(schedule)
    given = Knock(
        method=wish.by,
        address=wish.address,
        altcha=wish.altcha,
        nothing=wish.nothing,
        zone=wish.timezone,
    )
    verdict = await run_in_threadpool(door.knock, request, schedule, speech, given, own_page=False)
    tasks.add_task(settling.soon)
    if verdict is Verdict.HEARD:
        message = speech.gettext(HEARD)
        return JSONResponse(Heard(message=message).model_dump(), 202)
    if verdict is Verdict.TOO_MANY:
        return problem(429, speech.gettext(TOO_MANY), headers={"retry-after": str(COME_BACK_S)})
    if verdict in (Verdict.AGAIN, Verdict.WORK):
        return problem(403, speech.gettext(WORK))
    status = 422 if verdict is Verdict.THROWAWAY else 400
    return problem(status, speech.gettext(PROBLEMS[verdict]))


async def _given(request: Request) -> Wish:
    """The body, checked. Raises BadInput (400) for no JSON and HTTPException 422 for another shape."""
    try:
        body = json.loads(await request.body())
    except (ValueError, RecursionError):
        raise BadInput("wish", "the body is no JSON") from None
    try:
        return Wish.model_validate(body)
    except ValidationError as error:
        wrong = {str(detail["loc"][0]) if detail["loc"] else "body" for detail in error.errors()}
        raise HTTPException(422, f"Please look again at: {', '.join(sorted(wrong))}.") from None
