"""The newsletters of the house, as their schedule files tell them, with their next moments; and the token in use."""

from __future__ import annotations

import datetime as dt

from pydantic import BaseModel

from digest import coming
from digest.bootstrap import House
from digest.model import Scope
from digest.schedules import Schedule
from digest.store import subscribers
from digest.store.engine import Session
from digest.web.v1 import guard
from digest.web.v1.bearer import CallerHere
from digest.web.v1.guard import needs
from digest.web.v1.paging import Page, PagingHere

router = guard.routed("", "about")

#: So many moments ahead are told: one issue's.
AHEAD = 4


class Token(BaseModel):
    """The token that asks. scopes: what it may do."""

    name: str
    scopes: list[Scope]
    created_at: dt.datetime
    expires_at: dt.datetime


class Ahead(BaseModel):
    """A moment that lies ahead, and the period of its issue."""

    what: str
    at: dt.datetime
    period: str


class Readers(BaseModel):
    """How many stand where."""

    pending: int
    confirmed: int
    unsubscribed: int


class Newsletter(BaseModel):
    """One newsletter. sources: the keys of those that it names."""

    newsletter: str
    name: str
    strapline: str
    language: str
    timezone: str
    site_name: str
    site_url: str
    archive_url: str
    sources: list[str]
    next: list[Ahead]
    readers: Readers


@router.get("/token", **needs(None))
def token(caller: CallerHere) -> Token:
    """The token that this is asked with: what it is called, what it may do, and until when."""
    one = caller.token
    return Token(
        name=one.name,
        scopes=sorted(one.scopes),
        created_at=one.created_at,
        expires_at=one.expires_at,
    )


@router.get("/newsletters", **needs(None))
def newsletters(caller: CallerHere, paging: PagingHere) -> Page[Newsletter]:
    """Every newsletter."""
    house = caller.house
    with house.database.read() as session:
        every = [_told(session, house, one) for one in house.schedules.values()]
    return paging.of_all(every, lambda one: one.newsletter)


@router.get("/newsletters/{newsletter}", **needs(None, 404))
def newsletter(newsletter: str, caller: CallerHere) -> Newsletter:
    """One newsletter."""
    schedule = caller.house.schedule(newsletter)
    with caller.house.database.read() as session:
        return _told(session, caller.house, schedule)


def _told(session: Session, house: House, schedule: Schedule) -> Newsletter:
    table, ahead = schedule.newsletter, coming.next_moments(schedule.calendar, house.clock())
    counts = subscribers.counts(session, schedule.key)
    return Newsletter(
        newsletter=schedule.key,
        name=table.name,
        strapline=table.strapline,
        language=table.language,
        timezone=table.timezone,
        site_name=table.site_name,
        site_url=table.site_url,
        archive_url=f"{house.public_url}/archive/{schedule.key}",
        sources=list(schedule.source_keys),
        next=[Ahead(what=one.kind, at=one.at, period=one.period) for one in ahead[:AHEAD]],
        readers=Readers(**{status.value: count for status, count in counts.items()}),
    )
