"""Which providers are left alone for a while, and whether they would go on by themselves."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from digest.protocols import Provider


class Rest(NamedTuple):
    """until: asked again then. halted: somebody has to mend it, as far as it said."""

    until: dt.datetime
    halted: bool


@dataclass(slots=True)
class Rests:
    """The rests of all providers, by name: kept while the program runs, and used from several threads."""

    _rests: dict[str, Rest] = field(default_factory=dict)
    _resumed: dt.datetime | None = None

    def begin(self, name: str, until: dt.datetime, *, halted: bool = False) -> None:
        """Leave a provider alone until then."""
        self._rests[name] = Rest(until, halted)

    def clear(self) -> None:
        """Ask every one again: somebody has mended what was wrong, or will have when a send goes on."""
        self._rests.clear()

    def heard(self, resumed: dt.datetime | None) -> None:
        """A person let a send go on then, perhaps in another process: what was remembered before is over."""
        if resumed and (self._resumed is None or resumed > self._resumed):
            self._resumed = resumed
            self.clear()

    def able(self, providers: Sequence[Provider], now: dt.datetime) -> list[Provider]:
        """Those that may be asked now, in their order."""
        return [one for one in providers if self._of(one, now) is None]

    def first_at(self, providers: Sequence[Provider], now: dt.datetime) -> dt.datetime:
        """When the first of them may be asked; now where one may."""
        found = [self._of(one, now) for one in providers]
        return min((now if rest is None else rest.until for rest in found), default=now)

    def all_halted(self, providers: Sequence[Provider], now: dt.datetime) -> bool:
        """True where none of them goes on by itself."""
        found = [self._of(one, now) for one in providers]
        return all(rest is not None and rest.halted for rest in found)

    def _of(self, provider: Provider, now: dt.datetime) -> Rest | None:
        rest = self._rests.get(provider.name)
        return rest if rest is not None and rest.until > now else None
