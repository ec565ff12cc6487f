"""A site with planted holes: a scanner that finds nothing here finds nothing anywhere.

SQL from strings, text printed as HTML, an open redirect, and no header that protects. On 127.0.0.1 only.
"""

from __future__ import annotations

import socket
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

PAGE = """<!doctype html><title>Trap</title><a href="/search?q=quay">Search</a>
<form action="/hello"><input name="name" value="Ann"><button>Hello</button></form>
<a href="/go?to=/search">Go</a>"""


def _front(request: Request) -> Response:
    return HTMLResponse(PAGE)


def _search(request: Request) -> Response:
    asked = request.query_params.get("q", "")
    rows = sqlite3.connect(":memory:")
    rows.executescript(
        "CREATE TABLE story (title TEXT); INSERT INTO story VALUES ('quay'), ('fog');"
    )
    found = rows.execute(f"SELECT title FROM story WHERE title = '{asked}'").fetchall()  # noqa: S608
    return HTMLResponse("".join(f"<p>{title}</p>" for (title,) in found) or "<p>nothing</p>")


def _hello(request: Request) -> Response:
    return HTMLResponse(f"<p>Hello {request.query_params.get('name', '')}</p>")


def _go(request: Request) -> Response:
    return RedirectResponse(request.query_params.get("to", "/"))


@contextmanager
def running() -> Iterator[str]:
    """Its address, for as long as it is needed."""
    routes = [
        Route("/", _front),
        Route("/search", _search),
        Route("/hello", _hello),
        Route("/go", _go),
    ]
    config = uvicorn.Config(Starlette(routes=routes), log_level="critical", lifespan="off")
    server = uvicorn.Server(config)
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        thread = threading.Thread(target=server.run, args=([listener],), daemon=True)
        thread.start()
        while not server.started:
            time.sleep(0.02)
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join(10)
