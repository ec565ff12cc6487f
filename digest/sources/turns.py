"""One request at a time to one host, and none while it has asked to be left alone (RFC 9110 §10.2.3)."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from digest.errors import FetchError

#: The longest wait for a turn, in seconds.
PATIENCE_S = 120.0
#: Hosts that are remembered; what is too old is forgotten first.
_MOST = 5_000


@dataclass(slots=True)
class _Host:
    lock: threading.Lock = field(default_factory=threading.Lock)
    quiet_until: float = 0.0


class Turns:
    """Who may ask which host now. Times are seconds of `time.monotonic`."""

    def __init__(self) -> None:
        self._hosts: dict[str, _Host] = {}
        self._lock = threading.Lock()

    @contextmanager
    def of(self, host: str, url: str) -> Iterator[float]:
        """This request's turn, and how long it waited for it in seconds. Raises FetchError where it never comes.

        So it is where the host is to be left alone, or busy with others of ours all the time.
        """
        one, begun = self._host(host), time.monotonic()
        self._check(one, url)
        if not one.lock.acquire(timeout=PATIENCE_S):
            raise FetchError(url, "its host was busy with other requests of ours all the time")
        try:
            self._check(one, url)
            yield time.monotonic() - begun
        finally:
            one.lock.release()

    def leave_alone(self, host: str, seconds: float) -> None:
        """The host has asked for so many seconds of quiet."""
        one = self._host(host)
        one.quiet_until = max(one.quiet_until, time.monotonic() + seconds)

    def _check(self, one: _Host, url: str) -> None:
        left = one.quiet_until - time.monotonic()
        if left > 0:
            reason = f"its host asked to be left alone for {left:.0f} seconds more"
            raise FetchError(url, reason, wait_s=left)

    def _host(self, name: str) -> _Host:
        with self._lock:
            if len(self._hosts) >= _MOST and name not in self._hosts:
                self._forget()
            return self._hosts.setdefault(name, _Host())

    def _forget(self) -> None:
        now = time.monotonic()
        for name, one in list(self._hosts.items()):
            if one.quiet_until < now and not one.lock.locked():
                del self._hosts[name]
