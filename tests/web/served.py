"""A house that a real server serves, and a page of somebody else's site beside it."""

from __future__ import annotations

import dataclasses
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send

from digest.bootstrap import House
from digest.web.app import create_app
from tests.providers.certificates import Certificate


@contextmanager
def served(
    house: House,
    *,
    host: str = "127.0.0.1",
    certificate: Certificate | None = None,
    watched: Callable[[ASGIApp], ASGIApp] = lambda app: app,
) -> Iterator[House]:
    """The house with a `public_url` that answers; by HTTPS with a certificate. host: may be `localhost`. watched: a layer around it."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        scheme = "https" if certificate else "http"
        url = f"{scheme}://{host}:{listener.getsockname()[1]}"
        made = dataclasses.replace(house, public_url=url)
        with _running(watched(create_app(made)), listener, certificate):
            yield made


@contextmanager
def elsewhere(html: str) -> Iterator[str]:
    """The address of another site, whose every page is this one."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        headers = [(b"content-type", b"text/html; charset=utf-8")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": html.encode()})

    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        with _running(app, listener):
            yield f"http://localhost:{listener.getsockname()[1]}"


@contextmanager
def _running(
    app: ASGIApp, listener: socket.socket, certificate: Certificate | None = None
) -> Iterator[None]:
    files = (
        {"ssl_certfile": str(certificate.chain), "ssl_keyfile": str(certificate.key)}
        if certificate
        else {}
    )
    server = uvicorn.Server(uvicorn.Config(app, log_level="error", lifespan="off", **files))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    while not server.started:
        time.sleep(0.01)
    try:
        yield
    finally:
        server.should_exit = True
        thread.join()
