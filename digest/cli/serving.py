"""Web, scheduler and worker in one process."""

from __future__ import annotations

import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

import typer
import uvicorn

from digest import worker
from digest.bootstrap import House
from digest.delivery import collector
from digest.errors import ConfigError, Fault
from digest.web import printed, sessions
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
    typer.echo(f"The desk: {way_in(house)}")
    if [one.name for one in house.providers] == ["outbox"]:
        where = house.data / "outbox"
        typer.echo(
            f"Mail:     goes into {where} and to nobody yet; DIGEST_PROVIDER names a way out"
        )
    collector.settle()
    with _outliving_signals(), worker.everything(house):
        server.run(sockets=[listener])


def way_in(house: House) -> str:
    """The desk's address, or what opens it for the first time. To a terminal a link, into a log no more than the way to one."""
    if link := sessions.setup_link(house, house.clock()):
        return f"{link}\n          (works once, for the first editor)"
    desk = f"{house.public_url}/desk/"
    newcomer = printed.newcomer(house)
    if newcomer is None:
        return desk
    if not sys.stdout.isatty():
        return f"{desk}\n          (nobody was there yet: `digest editor link ADDRESS` prints a way in)"
    link = printed.link(house, newcomer, by="operator")
    return f"{link}\n          (works once, for {newcomer.email}, for ten minutes; later: `digest editor link {newcomer.email}`)"


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
