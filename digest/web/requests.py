"""Each request has an id: in its answer, and on every line of the log that it causes.

A proxy's own id is taken over where it looks like one; anything else might carry words of strangers into the log.
"""

from __future__ import annotations

import re
import secrets
import time
from collections.abc import Mapping

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from digest import logs, spans
from digest.web import networks

log = logs.get(__name__)

#: Letters, digits and what ids of proxies are made of besides: no space, no `@`, nothing long.
SANE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{7,63}")
NAME = "x-request-id"
_SAFE = ("GET", "HEAD", "OPTIONS")
_PERIOD = re.compile(r"\d{4}-\d\d-\d\d")


class RequestId:
    """The outermost of our layers: an id for each request, a line about those that change something or fail.

    The route's pattern is told, never the path: that may hold a token.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        given = Headers(scope=scope).get(NAME, "")
        name = given if SANE.fullmatch(given) else secrets.token_hex(8)
        status, begun = 500, time.monotonic()

        async def told(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message)[NAME] = name
            await send(message)

        scope[NAME] = name  # for who answers what failed, outside of this layer
        above = _above(scope)
        with logs.about(request=name), spans.request(scope["method"], above) as span:
            try:
                await self.app(scope, receive, told)
            finally:
                _line(scope, status, time.monotonic() - begun)
                _tell(span, scope, status, name)


def _above(scope: Scope) -> Mapping[str, str]:
    """The header fields of a proxy that the house knows: the trace may have begun there. Of strangers none."""
    if not spans.are_told():
        return {}
    house = scope["app"].state.house
    known = networks.is_one_of(Request(scope), house.trusted_proxies)
    return Headers(scope=scope) if known else {}


def _tell(span: spans.Span, scope: Scope, status: int, name: str) -> None:
    """By OpenTelemetry's names: https://opentelemetry.io/docs/specs/semconv/http/http-spans/"""
    fields = _fields(scope)
    span.update_name(f"{fields['method']} {fields['route']}".strip())
    for key, value in fields.items():
        span.set_attribute(
            {"method": "http.request.method", "route": "http.route"}.get(key, key), value
        )
    span.set_attribute("http.response.status_code", status)
    span.set_attribute("request", name)


def _line(scope: Scope, status: int, seconds: float) -> None:
    quiet = scope["method"] in _SAFE and status < 500
    said = log.debug if quiet else log.info
    said("answered", **_fields(scope), status=status, ms=round(1000 * seconds))


def _fields(scope: Scope) -> dict[str, str]:
    """Method and route, and the newsletter and issue that it is about where it names them."""
    route = str(getattr(scope.get("route"), "path", ""))
    asked = scope.get("path_params") or {}
    about = {}
    if asked.get("newsletter") in scope["app"].state.house.schedules:
        about["newsletter"] = str(asked["newsletter"])
        if _PERIOD.fullmatch(str(asked.get("period", ""))):
            about["period"] = str(asked["period"])
    return {"method": scope["method"], "route": route, **about}
