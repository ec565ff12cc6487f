"""Ports for programs that cannot be told to take any."""

from __future__ import annotations

import contextlib
import os
import random
import socket

HOST = "127.0.0.1"

#: Processes of pytest-xdist that have ports of their own.
_SHARES = 16
_given: set[int] = set()


def free_port() -> int:
    """A port that nobody listens on, below those that the system gives away by itself.

    One that was given away once may be another connection's before the program has started: so each is given once,
    and no two processes that run tests have any in common.
    """
    mine = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")) % _SHARES
    for _ in range(100):
        port = random.SystemRandom().randrange(20_000 + mine, 30_000, _SHARES)
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind((HOST, port))
            if port not in _given:
                _given.add(port)
                return port
    raise OSError("no port is free")
