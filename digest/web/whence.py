"""Where a request comes from, for the audit log: the network, shortened, beside each act that it makes."""

from __future__ import annotations

from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from digest.store import events
from digest.web import networks


class Whence:
    """Names the asker's network for as long as a request is answered, background tasks included."""

    def __init__(self, app: ASGIApp, *, proxies: tuple[str, ...]) -> None:
        self.app = app
        self.proxies = proxies

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        client = networks.client_of(Request(scope), self.proxies)
        with events.from_network(networks.shortened(client)):
            await self.app(scope, receive, send)
