"""Counts what is opened, beside the answers: sums in memory, written together every few seconds.

Addresses are hashed at the door with a key that no disk ever has and that is thrown away each day. What a process
that is killed has not written yet is lost: a minute of clicks, at the most.
"""

from __future__ import annotations

import datetime as dt
import functools
import hashlib
import secrets
import threading
from collections import Counter
from collections.abc import Mapping

from digest import clicks, logs
from digest.bootstrap import House
from digest.clicks import Judge, Kind, Visit
from digest.errors import DigestError
from digest.store import clicks as stored
from digest.store.clicks import Leads
from digest.web.networks import Address, limit_key, shortened

log = logs.get(__name__)

#: Seconds from one writing to the next.
EVERY_S = 5.0


class Counting:
    """The counter of one process. Safe to call from the server's loop and from threads."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._judge = Judge()
        self._unwritten: Counter[tuple[int, str, Kind]] = Counter()
        self._lock = threading.Lock()
        self._day, self._salt = dt.date.min, b""
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    def opened(
        self, leads: Leads, code: str, headers: Mapping[str, str], client: Address | None
    ) -> None:
        """Somebody opened a link of an issue that went out; before that only editors do, who do not count."""
        now, began = self._house.clock(), leads.began
        if began is None or now < began:
            return
        agent = headers.get("user-agent", "")
        said = clicks.told(headers, is_crawler=is_crawler(agent))
        with self._lock:
            salt = self._salt_of(now.date())
            visit = Visit(
                at=now.timestamp(),
                issue=leads.issue_id,
                code=code,
                links=len(leads.targets),
                began=began.timestamp(),
                browser=_hash(salt, limit_key(client), agent),
                network=_hash(salt, shortened(client)),
                told=said,
            )
            self._judge.take(visit)
        self._see_to_it()

    def asked_for_its_head(
        self, leads: Leads, headers: Mapping[str, str], client: Address | None
    ) -> None:
        """A HEAD is counted as nothing, and tells on who sent it."""
        now = self._house.clock()
        with self._lock:
            salt = self._salt_of(now.date())
            browser = _hash(salt, limit_key(client), headers.get("user-agent", ""))
            self._judge.asks_as_programs_do(browser, leads.issue_id, at=now.timestamp())

    def write(self, *, all_of_it: bool = False) -> None:
        """Write what can be judged by now. all_of_it: also what is younger, since the process ends."""
        now = self._house.clock().timestamp()
        with self._lock:
            self._unwritten += self._judge.ripe(now, all_of_them=all_of_it)
            batch, self._unwritten = self._unwritten, Counter()
        if not batch:
            return
        try:
            with self._house.database.write() as session:
                stored.add(session, batch)
        except BaseException as error:
            with self._lock:
                self._unwritten += batch
            if not isinstance(error, DigestError):
                raise
            log.warning("clicks are written later", why=str(error))

    def close(self) -> None:
        """Write all there is; nothing is counted any more."""
        self._stop.set()
        self.write(all_of_it=True)

    def _see_to_it(self) -> None:
        """A thread writes as long as there is something to write."""
        if self._thread is None or not self._thread.is_alive():
            self._thread = threading.Thread(target=self._write_on, name="clicks", daemon=True)
            self._thread.start()

    def _write_on(self) -> None:
        while not self._stop.wait(EVERY_S):
            try:
                self.write()
            except Exception:
                log.exception("clicks cannot be written; tried again in a moment")
            if self._judge.is_idle and not self._unwritten:
                return

    def _salt_of(self, day: dt.date) -> bytes:
        if day != self._day:
            self._day, self._salt = day, secrets.token_bytes(16)
            self._judge.new_day()
        return self._salt


@functools.lru_cache(maxsize=2048)
def is_crawler(agent: str) -> bool:
    """Whether a list of the agents of crawlers and libraries knows this one."""
    from crawleruseragents import is_crawler as known  # its list is long: read at the first click

    return bool(known(agent[:500]))


def _hash(salt: bytes, *of: str) -> bytes:
    return hashlib.blake2b("\n".join(of).encode(), key=salt, digest_size=12).digest()
