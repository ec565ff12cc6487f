"""The door of every operation: the token, its scopes, how often, once only; and what goes wrong as a problem document.

What an operation needs stands in its OpenAPI description, and the door reads it there: so what is written is what holds.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response
from fastapi.routing import APIRoute
from starlette.concurrency import run_in_threadpool

from digest.model import Scope
from digest.web.pages import SAFE
from digest.web.v1 import bearer, once, problems
from digest.web.v1.problems import Problem
from digest.web.v1.rate import Rates, Standing

#: Answers that every operation may give.
_ALWAYS = (401, 403, 422, 429, 503)
#: Of those that change something.
_UNSAFE = (400, 409, 413, 415)
_KEY_PARAMETER = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "The same key and the same request are done once, and answered alike for a day.",
    "schema": {"type": "string", "pattern": "^[!#-\\[\\]-~]{1,255}$"},
}

Handler = Callable[[Request], Coroutine[Any, Any, Response]]


def needs(scope: Scope | None, *codes: int, changes: bool = False) -> dict[str, Any]:
    """What a route says of itself: its scope (None: any token will do), and the problems that it tells."""
    every = {*_ALWAYS, *codes, *(_UNSAFE if changes else ())}
    extra: dict[str, Any] = {"security": [{"token": [scope.value] if scope else []}]}
    if changes:
        extra["parameters"] = [_KEY_PARAMETER]
    return {"responses": problems.responses(every), "openapi_extra": extra}


class Guarded(APIRoute):
    """A route behind the door."""

    @property
    def scopes(self) -> tuple[Scope, ...]:
        (need,) = (self.openapi_extra or {})["security"]
        return tuple(map(Scope, need["token"]))

    def get_route_handler(self) -> Handler:
        handler, scopes = super().get_route_handler(), self.scopes
        keyed = _KEY_PARAMETER in (self.openapi_extra or {}).get("parameters", ())

        async def guarded(request: Request) -> Response:
            standing: Standing | None = None
            try:
                caller = await run_in_threadpool(bearer.let_in, request, scopes)
                rates: Rates = request.app.state.rates
                standing = rates.take(caller.token.id, now=caller.now())
                if standing.wait_s:
                    raise Problem("too-many", f"Come back in {standing.wait_s} s.")
                request.state.caller = caller
                answer = await _answered(request, handler, keyed=keyed)
            except Exception as error:
                told = problems.of(error)
                if told is None:
                    raise
                answer = problems.answer(request, told)
            answer.headers.update(standing.headers if standing else {})
            return answer

        return guarded


def routed(prefix: str, tag: str) -> APIRouter:
    """A router whose every route is behind the door."""
    return APIRouter(prefix=f"/api/v1{prefix}", tags=[tag], route_class=Guarded)


async def _answered(request: Request, handler: Handler, *, keyed: bool) -> Response:
    """keyed: an answer may be kept for a key. One that only reads never is: readers may stand in it."""
    if request.method in SAFE:
        return _unless_known(request, await handler(request))
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if await request.body() and kind != "application/json":
        raise Problem("media-type", "Send the body as application/json.")

    async def work() -> Response:
        try:
            return await handler(request)
        except Exception as error:
            told = problems.of(
                error
            )  # a refusal is an answer, too, and is kept; what is busy is not
            if told is None or problems.KINDS[told.kind][0] in (413, 429, 503):
                raise
            return problems.answer(request, told)

    return await once.done(request, request.state.caller, work) if keyed else await work()


def _unless_known(request: Request, answer: Response) -> Response:
    """304 where the caller has this version already (RFC 9110 §13.1.2)."""
    tag = answer.headers.get("etag")
    known = [
        one.strip().removeprefix("W/")
        for one in request.headers.get("if-none-match", "").split(",")
    ]
    if answer.status_code != 200 or tag is None or not ({tag, "*"} & set(known)):
        return answer
    return Response(status_code=304, headers={"etag": tag})
