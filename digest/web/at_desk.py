"""Where a page of the desk is made, and for whom: what most of its routes need, as one thing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from fastapi import Depends

from digest.bootstrap import House
from digest.store import events
from digest.store.editors import Role
from digest.store.engine import Session
from digest.web import sessions
from digest.web.pages import HouseHere, Pages, PagesHere
from digest.web.sessions import Seat


@dataclass(frozen=True, slots=True)
class Desk:
    """A house, its pages, and the seat in front of them."""

    house: House
    pages: Pages
    seat: Seat

    @property
    def actor(self) -> str:
        """The editor in the log, which names nobody."""
        return f"editor:{self.seat.id}"

    @property
    def zone(self) -> ZoneInfo:
        """In which times are told that are of no one newsletter: the first one's."""
        return next(iter(self.house.schedules.values())).calendar.zone

    def record(self, session: Session, action: str, *, subject: str = "") -> None:
        """Write into the log that this seat did something."""
        now = self.house.clock()
        events.record(session, at=now, actor=self.actor, action=action, subject=subject)


def needs(role: Role, *, fresh: str = "") -> Callable[..., Desk]:
    """A dependency: the desk, for a seat with this role or a higher one. fresh: as of `sessions.needs`."""

    def read(
        house: HouseHere, pages: PagesHere, seat: Seat = Depends(sessions.needs(role, fresh=fresh))
    ) -> Desk:
        return Desk(house, pages, seat)

    return read
