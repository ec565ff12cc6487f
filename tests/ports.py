"""Ports for programs that cannot be told to take any."""

from __future__ import annotations

import contextlib
import random
import socket

HOST = "127.0.0.1"


def free_port() -> int:
    """A port that nobody listens on, below those that the system gives away by itself.

    One that was given away once may be another connection's before the program has started.
    """
    for _ in range(100):
        port = random.SystemRandom().randrange(20_000, 30_000)
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind((HOST, port))
            return port
    raise OSError("no port is free")
