"""Where articles come from, and how each source is."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Literal

from pydantic import BaseModel

from digest.bootstrap import House
from digest.errors import NotFound
from digest.model import Scope
from digest.store.engine import Session
from digest.web import source_lines
from digest.web.source_lines import SourceLine
from digest.web.v1 import guard
from digest.web.v1.bearer import CallerHere
from digest.web.v1.guard import needs
from digest.web.v1.paging import Page, PagingHere

router = guard.routed("/sources", "sources")

Health = Literal["fine", "failing", "silent", "being read", "not read yet", "waits for the api"]


class Source(BaseModel):
    """A source. place: without what may be a secret. weeks: articles of the last whole weeks, oldest first, and of this one."""

    source: str
    kind: str
    place: str
    newsletters: list[str]
    health: Health
    error: str
    failures: int
    polled_at: dt.datetime | None
    succeeded_at: dt.datetime | None
    next_poll_at: dt.datetime | None
    newest_at: dt.datetime | None
    weeks: list[int]
    gone: int


@router.get("", **needs(Scope.SOURCES_READ))
def sources(caller: CallerHere, paging: PagingHere) -> Page[Source]:
    """Every source of every newsletter, with its health."""
    with caller.house.database.read() as session:
        every = list(_all(session, caller.house))
    return paging.of_all(every, lambda one: one.source)


@router.get("/{source}", **needs(Scope.SOURCES_READ, 404))
def source(source: str, caller: CallerHere) -> Source:
    """One source with its health."""
    with caller.house.database.read() as session:
        for one in _all(session, caller.house):
            if one.source == source:
                return one
    raise NotFound("no newsletter has a source of this name")


def _all(session: Session, house: House) -> Iterator[Source]:
    """Each once, as the first newsletter that names it does."""
    users: dict[str, list[str]] = {}
    for key, schedule in house.schedules.items():
        for name in schedule.source_keys:
            users.setdefault(name, []).append(key)
    for key, schedule in house.schedules.items():
        mine = [one for one in schedule.sources if users[one.key][0] == key]
        for line in source_lines.lines(session, schedule, mine, now=house.clock()):
            yield _told(line, users[line.key])


def _told(line: SourceLine, users: list[str]) -> Source:
    health: Health = line.standing.word.lower()  # type: ignore[assignment]
    return Source(
        source=line.key,
        kind=line.table.kind,
        place=line.place,
        newsletters=users,
        health=health,
        error=line.error,
        failures=line.health.failures,
        polled_at=line.health.polled_at,
        succeeded_at=line.health.succeeded_at,
        next_poll_at=line.health.next_poll_at,
        newest_at=line.harvest.newest_at,
        weeks=list(line.harvest.weeks),
        gone=line.harvest.gone,
    )
