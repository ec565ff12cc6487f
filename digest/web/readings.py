"""Sources that somebody at the desk has read now: by the polls' own way, each once at a time in all processes."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Annotated

from fastapi import Depends, Request

from digest import intake, logs
from digest.bootstrap import House, sources_of
from digest.intake import Polled
from digest.schedules import Schedule
from digest.store import events, polls

log = logs.get(__name__)

#: How long a page waits for a source before it is shown all the same, in seconds.
PATIENCE_S = 4.0


class Readings:
    """Reads sources in threads of their own. What came of them is remembered while the program runs."""

    def __init__(self, house: House, patience_s: float = PATIENCE_S) -> None:
        self._house, self._patience_s = house, patience_s
        self._done: dict[str, Polled] = {}

    def outcome(self, key: str) -> Polled | None:
        """What came of the last reading that was asked for here."""
        return self._done.get(key)

    def begin(self, schedule: Schedule, key: str, *, by: str) -> bool:
        """Read a source now; returns when it is done, or a little later. False where somebody is at it."""
        if not self._taken(key, by):
            return False
        self._done.pop(key, None)
        thread = threading.Thread(
            target=self._guarded(schedule, key), name=f"reading {key}", daemon=True
        )
        thread.start()
        thread.join(self._patience_s)
        return True

    def _taken(self, key: str, by: str) -> bool:
        now = self._house.clock()
        with self._house.database.write() as session:
            until = now + intake.READING
            taken = polls.begin(session, [key], now=now, until=until)
            if taken:
                events.record(session, at=now, actor=by, action="had a source read", subject=key)
        return bool(taken)

    def _guarded(self, schedule: Schedule, key: str) -> Callable[[], None]:
        def run() -> None:
            try:
                self._read(schedule, key)
            except Exception:
                log.exception("a source could not be read", source=key)
                self._let_go(key)

        return run

    def _read(self, schedule: Schedule, key: str) -> None:
        house = self._house
        (source,) = (one for one in sources_of(schedule, house.fetch_allow) if one.key == key)
        every = {one.key: one.every for one in schedule.sources}
        (polled,) = intake.poll(house.database, [source], every, now=house.clock(), force=True)
        self._done[key] = polled

    def _let_go(self, key: str) -> None:
        try:
            with self._house.database.write() as session:
                polls.let_go(session, key)
        except Exception:
            log.exception("a source stays in hand for a while", source=key)


def _readings(request: Request) -> Readings:
    readings: Readings = request.app.state.readings
    return readings


ReadingsHere = Annotated[Readings, Depends(_readings)]
