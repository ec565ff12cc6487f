"""The web application: pages for readers, the desk, the API, in one place."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import cache, partial

from fastapi import APIRouter, FastAPI
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response
from starlette.routing import BaseRoute
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from digest.bootstrap import House
from digest.errors import ConfigError, Fault
from digest.web import (
    api,
    approval,
    archive,
    arms,
    audit,
    clicks,
    contests,
    copies,
    decisions,
    desk,
    editing,
    faults,
    finding,
    health,
    hooks,
    household,
    importing,
    leaving,
    links,
    login,
    looking,
    me,
    metrics,
    moves,
    numbers,
    one_reader,
    preferences,
    proofs,
    provider_pages,
    public,
    publishing,
    pushes,
    review,
    seats,
    sending,
    sign_up,
    source_pages,
    subscribe,
    suppressing,
    tokens,
    uploads,
    webhooks,
)
from digest.web.clicks import Ways
from digest.web.counting import Counting
from digest.web.door import Settling
from digest.web.errands import Errands
from digest.web.headers import BodyLimit, OpenDoor, SecurityHeaders
from digest.web.pages import Pages
from digest.web.readings import Readings
from digest.web.requests import RequestId
from digest.web.v1 import rooms
from digest.web.v1.rate import Rates
from digest.web.whence import Whence

#: Words that stand after /desk/ in addresses of our own.
RESERVED = frozenset({"fresh", "house", "login", "logout", "me", "readers", "setup", "upload"})

#: Rooms in the order in which they are asked: the desk's own words before its newsletters.
ROOMS = (
    clicks,
    sign_up,
    public,
    leaving,
    preferences,
    moves,
    archive,
    arms,
    subscribe,
    api,
    pushes,
    webhooks,
    health,
    metrics,
    login,
    me,
    desk,
    household,
    source_pages,
    provider_pages,
    finding,
    one_reader,
    importing,
    suppressing,
    seats,
    tokens,
    hooks,
    audit,
    uploads,
    numbers,
    review,
    looking,
    decisions,
    approval,
    sending,
    publishing,
    copies,
    proofs,
    editing,
    contests,
    links,
    *rooms.ROOMS,
)


def create_app(house: House) -> FastAPI:
    """The application for one house. Raises ConfigError for a newsletter whose key we need ourselves."""
    _check_keys(house)
    app = FastAPI(
        title="The Sunday Catchup",
        docs_url=None,
        redoc_url=None,
        openapi_url="/api/openapi.json",
        lifespan=_living,
    )
    app.state.house = house
    app.state.pages = Pages(house)
    app.state.settling = Settling(house)
    app.state.readings = Readings(house)
    app.state.errands = Errands(house)
    app.state.rates = Rates(house.api_per_minute)
    app.state.metrics = metrics.Cache()
    app.state.ways, app.state.counting = Ways(house), Counting(house)
    app.router.routes.extend(_routes())
    app.mount("/static", Static(directory=app.state.pages.folder / "static"), name="static")
    faults.install(app)
    app.openapi = partial(api.describe, app)  # type: ignore[method-assign]
    app.add_middleware(BodyLimit)
    app.add_middleware(OpenDoor, prefix=subscribe.PREFIX)
    app.add_middleware(Whence, proxies=house.trusted_proxies)
    app.add_middleware(SecurityHeaders, https=house.public_url.startswith("https:"))
    app.add_middleware(RequestId)
    return app


@cache
def _routes() -> tuple[BaseRoute, ...]:
    """The routes of every room, made once in a process: they know no house, and to make them takes a fifth of a second."""
    made = APIRouter()
    for room in ROOMS:
        made.include_router(room.router)
    made.include_router(archive.robots)
    return tuple(made.routes)


@asynccontextmanager
async def _living(app: FastAPI) -> AsyncIterator[None]:
    """What is still in memory when the server ends is written down."""
    yield
    await run_in_threadpool(app.state.counting.close)


class Static(StaticFiles):
    """Files of ours; their addresses carry a version, so browsers may keep them."""

    def file_response(
        self,
        full_path: str | os.PathLike[str],
        stat_result: os.stat_result,
        scope: Scope,
        status_code: int = 200,
    ) -> Response:
        answer = super().file_response(full_path, stat_result, scope, status_code)
        versioned = b"v=" in scope.get("query_string", b"")
        kept = "public, max-age=31536000, immutable" if versioned else "public, max-age=3600"
        answer.headers["cache-control"] = kept
        return answer


def _check_keys(house: House) -> None:
    faults_found = [
        Fault(f"{key}.toml", None, "", "the desk needs this word itself; rename the file")
        for key in house.schedules
        if key in RESERVED
    ]
    if faults_found:
        raise ConfigError(faults_found)
