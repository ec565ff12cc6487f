"""The servers that mail is sent to while we measure: children of this process, ended with it."""

from __future__ import annotations

import contextlib
import os
import select
import smtplib
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench import build
from bench.postfix import Postfix

#: How long a server may take to say where it listens, and to end, in seconds.
PATIENCE_S = 20.0

_TICKS = os.sysconf("SC_CLK_TCK")


class NoServer(Exception):
    """A server that did not start."""


@dataclass(frozen=True, slots=True)
class Server:
    """A child that listens on 127.0.0.1."""

    process: subprocess.Popen[bytes]
    port: int

    def cpu_s(self) -> float:
        """Processor seconds (user and system) that it has used so far."""
        stat = Path(f"/proc/{self.process.pid}/stat").read_text()
        fields = stat.rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / _TICKS

    def accepted(self) -> int:
        """How many messages the fast sink has accepted: it tells by HELP."""
        with smtplib.SMTP(
            "127.0.0.1", self.port, local_hostname="bench", timeout=PATIENCE_S
        ) as ask:
            return int(ask.help().split(b"messages=")[1].split()[0])


@contextmanager
def fast_sink(
    *, chunking: bool = True, pipelining: bool = True, log: Path | None = None
) -> Iterator[Server]:
    """Our own sink. log: gets a line for every recipient accepted. Raises build.CannotBuild, NoServer."""
    command = [str(build.program("fast_sink")), "--until-eof"]
    command += [] if chunking else ["--no-chunking"]
    command += [] if pipelining else ["--no-pipelining"]
    command += ["--log", str(log)] if log else []
    with _child(command) as process:
        yield Server(process, _told_port(process))


@contextmanager
def delayed(port: int, round_trip_ms: float) -> Iterator[Server]:
    """A way to `port` on which question and answer take so much longer. Raises as `fast_sink` does."""
    way = ["--to", str(port), "--ms", str(round_trip_ms / 2)]
    with _child([str(build.program("delay_proxy")), "--until-eof", *way]) as process:
        yield Server(process, _told_port(process))


@contextmanager
def smtp_sink(tools: Postfix) -> Iterator[Server]:
    """Postfix's sink, on a port that was free a moment ago. Raises NoServer."""
    port = _free_port()
    with _child(tools.sink_command(port), tools.environment) as process:
        _wait_until_open(process, port)
        yield Server(process, port)


@contextmanager
def _child(
    command: list[str], environment: Mapping[str, str] | None = None
) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(  # noqa: S603
        command,
        env={**os.environ, **(environment or {})},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    try:
        yield process
    finally:
        end(process)


def end(process: subprocess.Popen[bytes]) -> None:
    """End one child of ours: asked first, killed when it does not listen."""
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(PATIENCE_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            with contextlib.suppress(BrokenPipeError):
                pipe.close()


def _told_port(process: subprocess.Popen[bytes]) -> int:
    assert process.stdout is not None
    ready, _, _ = select.select([process.stdout], [], [], PATIENCE_S)
    words = process.stdout.readline().split() if ready else []
    if len(words) != 2 or words[0] != b"port":
        raise NoServer(f"{process.args!r} does not say where it listens")
    return int(words[1])


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_until_open(process: subprocess.Popen[bytes], port: int) -> None:
    until = time.monotonic() + PATIENCE_S
    while process.poll() is None and time.monotonic() < until:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1.0):
            return
        time.sleep(0.02)
    raise NoServer(f"{process.args!r} does not listen on its port")
