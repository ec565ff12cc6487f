"""Counts of what left by which provider, for graphs: gathered here, written twice a minute, never in a send's way."""

from __future__ import annotations

import datetime as dt
from collections import Counter

from digest import logs
from digest.delivery.house import DeliveryHouse
from digest.delivery.ticks import Results
from digest.model import DeliveryState
from digest.store import tallies
from digest.store.tallies import Label

log = logs.get(__name__)

#: What is counted, in the table of counts.
NAME = "delivery"
#: So seldom are they written: a row that every worker writes must not be what they wait for.
EVERY = dt.timedelta(seconds=30)


class Tallied:
    """One for a drain. What a crash takes with it is half a minute of counts; the ledger has everybody."""

    def __init__(self, house: DeliveryHouse) -> None:
        self._house = house
        self._counts: Counter[Label] = Counter()
        self._written_at = house.clock()

    def note(self, provider: str, results: Results) -> None:
        """These results are in the ledger."""
        self._counts[NAME, provider, DeliveryState.ACCEPTED.value] += len(results.plain)
        for row in results.verdicts:
            self._counts[NAME, provider, row.state.value] += 1
        if self._house.clock() - self._written_at >= EVERY:
            self.write()

    def write(self) -> None:
        """Write what was gathered; where that cannot be done now, it stays for the next time."""
        self._written_at = self._house.clock()
        counts = +self._counts
        if not counts:
            return
        try:
            with self._house.database.write() as session:
                tallies.add(session, counts)
        except Exception as error:
            log.warning("counts of deliveries wait", why=repr(error))
        else:
            self._counts.clear()
