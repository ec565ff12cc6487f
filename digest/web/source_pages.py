"""The house's sources: how each is, what it gave week by week, and a button that reads it now."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from fastapi import APIRouter, Depends, HTTPException
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from digest.bootstrap import House
from digest.schedules import Schedule, SourceTable
from digest.store.editors import Role
from digest.store.engine import Session
from digest.web import forms, sessions, source_lines
from digest.web.decisions import PlainForm
from digest.web.pages import SAFE, HouseHere, Pages, PagesHere
from digest.web.readings import Readings, ReadingsHere
from digest.web.sessions import Seat
from digest.web.source_lines import SourceLine

router = APIRouter(prefix="/desk/house/sources", include_in_schema=False)
Viewer, Editor = Depends(sessions.needs(Role.VIEWER)), Depends(sessions.needs(Role.EDITOR))
Plain = Depends(forms.reads(PlainForm))

#: A page on which something is being read is loaded again after so many seconds.
AGAIN_S = 3


@dataclass(frozen=True, slots=True)
class Paper:
    """One newsletter with the sources that it is the first to name."""

    schedule: Schedule
    lines: tuple[SourceLine, ...]


@dataclass(frozen=True, slots=True)
class Look:
    """One editor's look at the sources."""

    house: House
    pages: Pages
    readings: Readings
    seat: Seat

    def page(self, warning: str = "") -> HTMLResponse:
        """Every source, the failing ones first. warning: why what was asked for was not done."""
        now = self.house.clock()
        with self.house.database.read() as session:
            papers = tuple(self._papers(session, now=now))
        lines = [line for paper in papers for line in paper.lines]
        reading = any(line.is_being_read for line in lines)
        context = {
            "seat": self.seat,
            "page": "sources",
            "papers": papers,
            "now": now,
            "warning": warning,
            "told": _told(lines),
            "may_read": self.seat.role >= Role.EDITOR,
        }
        again = {"refresh": str(AGAIN_S)} if reading and not warning else {}
        status = 409 if warning else 200
        return self.pages.show("desk/sources.html", context, status=status, headers=again)

    def _papers(self, session: Session, *, now: dt.datetime) -> Iterator[Paper]:
        users = _users(self.house)
        told: set[str] = set()
        for schedule in self.house.schedules.values():
            mine = [one for one in schedule.sources if one.key not in told]
            told |= {one.key for one in mine}
            found = [
                replace(
                    line,
                    outcome=source_lines.outcome(self.readings.outcome(line.key)),
                    others=tuple(users[line.key][1:]),
                )
                for line in source_lines.lines(session, schedule, mine, now=now)
            ]
            yield Paper(schedule, tuple(sorted(found, key=lambda line: line.standing.rank)))


def _look(house: HouseHere, pages: PagesHere, readings: ReadingsHere, seat: Seat = Viewer) -> Look:
    return Look(house, pages, readings, seat)


ForViewer = Depends(_look)


@router.api_route("", methods=SAFE)
def sources(look: Look = ForViewer) -> HTMLResponse:
    """Every source of every newsletter."""
    return look.page()


@router.post("/{source}/read")
def read_now(
    source: str, look: Look = ForViewer, seat: Seat = Editor, form: PlainForm = Plain
) -> Response:
    """Ask a source now, whenever its turn would be. While somebody reads it, or for one of kind `api`: 409."""
    schedule, table = _declared(look.house, source)
    if table.kind == "api":
        return look.page(f"{source} cannot be asked: it waits for what comes by the API.")
    if not look.readings.begin(schedule, source, by=f"editor:{seat.id}"):
        return look.page(f"{source} is being read already. It is asked once at a time.")
    return RedirectResponse(f"/desk/house/sources#source-{source}", status_code=303)


def _users(house: House) -> Mapping[str, list[str]]:
    """The newsletters that name each source."""
    users: dict[str, list[str]] = {}
    for schedule in house.schedules.values():
        for key in schedule.source_keys:
            users.setdefault(key, []).append(schedule.newsletter.name)
    return users


def _declared(house: House, key: str) -> tuple[Schedule, SourceTable]:
    """A source and the first newsletter that names it. Raises HTTPException 404."""
    for schedule in house.schedules.values():
        for table in schedule.sources:
            if table.key == key:
                return schedule, table
    raise HTTPException(404, "No newsletter has a source of this name.")


def _told(lines: list[SourceLine]) -> Mapping[str, int]:
    """How many sources are how, what is worst first."""
    counts = Counter(line.standing for line in lines)
    return {one.word: counts[one] for one in sorted(counts, key=lambda one: one.rank)}
