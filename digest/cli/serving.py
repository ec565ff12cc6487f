"""Web, scheduler and worker in one process."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

import typer
import uvicorn

from digest import worker
from digest.bootstrap import House
from digest.delivery import collector
from digest.errors import ConfigError, Fault
from digest.web import sessions
from digest.web.app import create_app


def serve(house: House, *, host: str, port: int) -> None:
    """Serve until SIGTERM or Ctrl-C; what is on the wire is finished first."""
    config = uvicorn.Config(
        create_app(house),
        host=host,
        port=port,
        log_level="warning",
        access_log=False,  # paths hold tokens
        proxy_headers=False,  # the house knows whom to believe
        server_header=False,
    )
    try:
        listener = config.bind_socket()
    except SystemExit:
        fault = Fault("settings", None, "DIGEST_PORT", f"{host}:{port} is in use; say --port")
        raise ConfigError([fault]) from None
    server = uvicorn.Server(config)
    typer.echo(f"Readers:  {house.public_url}/")
    link = sessions.setup_link(house, house.clock())
    if link:
        typer.echo(f"The desk: {link}\n          (works once, for the first editor)")
    else:
        typer.echo(f"The desk: {house.public_url}/desk/")
    collector.settle()
    with _outliving_signals(), worker.everything(house):
        server.run(sockets=[listener])


@contextmanager
def _outliving_signals() -> Iterator[None]:
    """uvicorn raises what ended it once more, which would end the process before its sender has finished."""

    def heard(number: int, frame: FrameType | None) -> None:
        """The server was asked to stop, and has."""

    before = {number: signal.signal(number, heard) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
