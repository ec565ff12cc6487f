"""The house at the desk: every newsletter as its schedule file tells it, and its next ten moments."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from fastapi import APIRouter, Depends
from fastapi.responses import HTMLResponse

from digest import coming, schedule_files, schedule_words
from digest.bootstrap import House
from digest.coming import Coming
from digest.errors import Fault
from digest.schedule_files import Looked
from digest.schedule_words import Group
from digest.schedules import Schedule
from digest.store import issues
from digest.store.editors import Role
from digest.store.engine import Session
from digest.web import sessions
from digest.web.pages import SAFE, HouseHere, PagesHere
from digest.web.sessions import Seat

router = APIRouter(prefix="/desk/house", include_in_schema=False)
Viewer = Depends(sessions.needs(Role.VIEWER))

#: So many of a newsletter's newest issues are looked through for those of the moments ahead.
LATELY = 8


@dataclass(frozen=True, slots=True)
class Moment:
    """One of the next moments on the page. opened: its issue is there and can be looked at."""

    coming: Coming
    offset: str
    opened: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """One newsletter on the page. goes_by: what the program knows of it; None where it does not yet.

    says: what its file says now; None where that cannot be read. was: what it said when the program
    started, by key, where it says something else now.
    """

    key: str
    file: Path
    goes_by: Schedule | None
    says: Schedule | None
    faults: tuple[Fault, ...] = ()
    warnings: tuple[str, ...] = ()
    was: Mapping[str, str] = field(default_factory=dict)
    moments: tuple[Moment, ...] = ()

    @property
    def schedule(self) -> Schedule | None:
        return self.goes_by or self.says

    @property
    def name(self) -> str:
        return self.schedule.newsletter.name if self.schedule else self.key

    @property
    def groups(self) -> tuple[Group, ...]:
        """What the file says; of one that cannot be read, what the program goes by."""
        shown = self.says or self.goes_by
        return schedule_words.told(shown) if shown else ()

    @property
    def gist(self) -> str:
        return schedule_words.gist(self.schedule) if self.schedule else ""

    @property
    def is_gone(self) -> bool:
        return self.says is None and not self.faults


@router.api_route("", methods=SAFE)
def newsletters(house: HouseHere, pages: PagesHere, seat: Seat = Viewer) -> HTMLResponse:
    """Every newsletter and what its file says, read anew: also what the program has not taken up yet."""
    now = house.clock()
    with house.database.read() as session:
        papers = [_paper(house, session, one, now=now) for one in _files(house)]
    context = {"seat": seat, "page": "newsletters", "papers": papers, "now": now}
    return pages.show("desk/newsletters.html", {**context, "folder": house.schedules_folder})


def _files(house: House) -> list[Looked]:
    """Every file that is there, and every one that was there when the program started."""
    folder = house.schedules_folder
    found = {one.path.stem: one for one in schedule_files.look(folder)}
    gone = {key: Looked(folder / f"{key}.toml", None) for key in house.schedules}
    return [one for _, one in sorted((gone | found).items())]


def _paper(house: House, session: Session, found: Looked, *, now: dt.datetime) -> Paper:
    key, says = found.path.stem, found.schedule
    goes_by = house.schedules.get(key)
    was = schedule_words.changed(says, goes_by) if says and goes_by else {}
    return Paper(
        key=key,
        file=found.path,
        goes_by=goes_by,
        says=says,
        faults=found.faults,
        warnings=says.warnings(Path.cwd()) if says else (),
        was=was,
        moments=_moments(session, key, goes_by or says, now=now),
    )


def _moments(
    session: Session, key: str, schedule: Schedule | None, *, now: dt.datetime
) -> tuple[Moment, ...]:
    if schedule is None:
        return ()
    calendar = schedule.calendar
    opened = {issue.period for issue in issues.recent(session, key, limit=LATELY)}
    return tuple(
        Moment(one, coming.offset(one.at, calendar.zone), one.period in opened)
        for one in coming.next_moments(calendar, now)
    )
