"""Readers: found and shown, their choices, and what ends: a subscription, all mail, all that is kept."""

from __future__ import annotations

import dataclasses
import datetime as dt
import time
from collections.abc import Mapping
from typing import Annotated, Any, Literal
from zoneinfo import available_timezones

from fastapi import Query, Response
from pydantic import BaseModel, Field

from digest.audience import barring, preferences, tokens, unsubscribe
from digest.audience.preferences import Kept
from digest.delivery import lifting
from digest.errors import Conflict, NotFound
from digest.model import Cadence, Preferences, Scope, SubscriptionStatus
from digest.schedules import Schedule
from digest.store import errands, reader_search, subscribers
from digest.store import preferences as stored
from digest.store.errands import Kind, State
from digest.store.reader_search import Wanted
from digest.store.subscribers import Subscriber
from digest.web import finding
from digest.web.errands import ErrandsHere
from digest.web.v1 import guard, people, versions
from digest.web.v1.bearer import Caller, CallerHere
from digest.web.v1.bodies import Body, Line, NewsletterName, Note
from digest.web.v1.guard import needs
from digest.web.v1.numbered import Number
from digest.web.v1.paging import MOST, USUAL, Page, PagingHere, number_of, written
from digest.web.v1.people import ReaderBrief, ReaderWhole
from digest.web.v1.problems import FieldError, Problem
from digest.web.v1.versions import IfMatch

router = guard.routed("", "readers")

#: A day, after which a reader's choices may be changed again.
TOMORROW_S = 86_400
Came = Literal["", "form", "embed", "api", "import", "move"]


class Searching(Body):
    """Who is looked for. In a body, so that no address ever stands in an address of the web."""

    words: Annotated[Line, Field(min_length=1)]
    newsletter: Annotated[str, Field(max_length=40)] = ""
    status: SubscriptionStatus | None = None
    limit: Annotated[int, Field(ge=1, le=MOST)] = USUAL
    cursor: Annotated[str, Field(max_length=200)] = ""


class Choosing(Body):
    """What is to be otherwise; what is not named stays. snooze_weeks: 0 ends a snooze."""

    newsletter: NewsletterName
    name: Line | None = None
    language: Annotated[str, Field(max_length=20)] | None = None
    theme: Annotated[str, Field(max_length=20)] | None = None
    unwanted_sections: (
        Annotated[list[Annotated[Line, Field(min_length=1)]], Field(max_length=60)] | None
    ) = None
    cadence: Cadence | None = None
    snooze_weeks: Literal[0, 1, 2, 4, 8, 12] | None = None
    timezone: Annotated[str, Field(max_length=40)] | None = None


class Leaving(Body):
    """Which newsletter the reader leaves."""

    newsletter: NewsletterName


class Suppressing(Body):
    """Why nobody may mail them any more. note: without the address, since it outlives it."""

    reason: Literal["manual", "complaint"] = "manual"
    note: Note = ""


class Lifting(Body):
    """Why they may be mailed again."""

    why: Annotated[Note, Field(min_length=1)]


class Erasure(BaseModel):
    """A reader who is being forgotten. why: what went wrong."""

    erasure: int
    state: State
    why: str


@router.get("/readers", **needs(Scope.READERS_READ, 404))
def readers(
    caller: CallerHere,
    paging: PagingHere,
    newsletter: Annotated[str, Query(max_length=40)] = "",
    status: SubscriptionStatus | None = None,
    suppressed: bool = False,
    came: Came = "",
) -> Page[ReaderBrief]:
    """Readers, the newest first."""
    if newsletter:
        caller.house.schedule(newsletter)
    wanted = Wanted(newsletter=newsletter, status=status, suppressed=suppressed, method=came)
    found = _look(caller, wanted, below=paging.below(), limit=paging.limit)
    return paging.page([people.brief(one) for one in found.readers], found.before)


@router.post("/reader-searches", **needs(Scope.READERS_READ, 400, 404, 413, 415))
def search(body: Searching, caller: CallerHere) -> Page[ReaderBrief]:
    """Readers by their address, a part of it, or their name. A whole address that is there is all that is found."""
    if body.newsletter:
        caller.house.schedule(body.newsletter)
    below, asked = number_of(body.cursor), Wanted(newsletter=body.newsletter, status=body.status)
    key, words = finding.whole(body.words), tuple(body.words.split()[: finding.WORDS])
    found = (
        _look(caller, dataclasses.replace(asked, key=key), below=below, limit=body.limit)
        if key
        else None
    )
    if found is None or not found.readers:
        found = _look(
            caller, dataclasses.replace(asked, words=words), below=below, limit=body.limit
        )
    items = [people.brief(one) for one in found.readers]
    return Page(items=items, next=written(found.before) if found.before else None)


@router.get("/readers/{reader}", **needs(Scope.READERS_READ, 404))
def reader(reader: Number, caller: CallerHere, response: Response) -> ReaderWhole:
    """One reader with their subscriptions, choices and consents."""
    shown = _shown(caller, reader)
    response.headers["etag"] = versions.tag(shown)
    return shown


@router.patch(
    "/readers/{reader}/preferences",
    status_code=204,
    **needs(Scope.READERS_WRITE, 404, 412, changes=True),
)
def choose(reader: Number, body: Choosing, caller: CallerHere, if_match: IfMatch = "") -> None:
    """Change what a confirmed reader chose. They are told by mail, as of every change; so 6 in a day at the most."""
    schedule, known = caller.house.schedule(body.newsletter), _known(caller, reader)
    if if_match:
        versions.expect(if_match, _shown(caller, reader))
    with caller.house.database.read() as session:
        if subscribers.status(session, reader, body.newsletter) is not SubscriptionStatus.CONFIRMED:
            raise Conflict("only who is confirmed has choices")
        before = stored.of(session, reader, body.newsletter, now=caller.now())
    kept = _keep(caller, known, body.newsletter, _wanted(body, before, schedule, caller.now()))
    if kept is Kept.TOO_OFTEN:
        headers = {"retry-after": str(TOMORROW_S)}
        raise Problem(
            "too-many", "There were many changes today, each told by mail.", headers=headers
        )


@router.post(
    "/readers/{reader}/leave", status_code=204, **needs(Scope.READERS_WRITE, 404, changes=True)
)
def leave(reader: Number, body: Leaving, caller: CallerHere) -> None:
    """End a subscription because its reader asked for it; in force at once, also in the middle of a send."""
    house = caller.house
    house.schedule(body.newsletter)
    _known(caller, reader)
    if not unsubscribe.on_request(
        house.database,
        body.newsletter,
        reader,
        by=caller.actor,
        now=caller.now(),
        goodbyes=house.goodbyes,
        method="api",
    ):
        raise Conflict("there was no subscription to end")


@router.post(
    "/readers/{reader}/suppress", status_code=204, **needs(Scope.READERS_WRITE, 404, changes=True)
)
def suppress(reader: Number, body: Suppressing, caller: CallerHere) -> None:
    """Nobody here mails the reader any more."""
    barring.bar(
        caller.house.database,
        _known(caller, reader).address,
        key=caller.house.key,
        reason=body.reason,
        note=body.note,
        by=caller.actor,
        now=caller.now(),
    )


@router.post(
    "/readers/{reader}/lift", status_code=204, **needs(Scope.READERS_WRITE, 404, changes=True)
)
def lift(reader: Number, body: Lifting, caller: CallerHere) -> None:
    """The reader may be mailed again, where that was for bounces; for more, an admin says so at the desk."""
    try:
        lifting.of_address(
            caller.house.database,
            _known(caller, reader).address,
            key=caller.house.key,
            by=caller.actor,
            wholly=False,
            now=caller.now(),
            why=body.why,
        )
    except NotFound:
        raise Conflict("this reader is not suppressed") from None
    except Conflict:  # which names the address
        raise Conflict(
            "suppressed for more than bounces: an admin lifts that at the desk"
        ) from None


# ---------------------------------------------------------------- forgetting


@router.post(
    "/readers/{reader}/erase", status_code=202, **needs(Scope.READERS_ERASE, 404, changes=True)
)
def erase(reader: Number, caller: CallerHere, at_work: ErrandsHere, response: Response) -> Erasure:
    """Forget a reader, to the last byte. It cannot be taken back, and goes on by itself: see the erasure."""
    _known(caller, reader)
    with caller.house.database.write() as session:
        errand = errands.begin(
            session,
            Kind.ERASE,
            actor=caller.actor,
            state=State.RUNNING,
            subject=reader,
            now=caller.now(),
        )
        caller.record(session, "asked for an erasure", f"subscriber:{reader}")
    at_work.start(errand)
    response.headers["location"] = f"{caller.house.public_url}/api/v1/erasures/{errand.id}"
    return Erasure(erasure=errand.id, state=errand.state, why="")


@router.get("/erasures/{erasure}", **needs(Scope.READERS_ERASE, 404))
def erasure(erasure: Number, caller: CallerHere) -> Erasure:
    """How far an erasure is: `running`, `done` or `failed`."""
    with caller.house.database.read() as session:
        found = errands.by_id(session, erasure)
    if found.kind is not Kind.ERASE:
        raise NotFound("there is no such erasure")
    return Erasure(erasure=found.id, state=found.state, why=found.why)


# ---------------------------------------------------------------- what they share


def _look(caller: Caller, wanted: Wanted, *, below: int | None, limit: int) -> reader_search.Page:
    until = time.monotonic() + finding.PATIENCE_S
    with caller.house.database.read() as session:
        return reader_search.page(
            session,
            wanted,
            at=caller.now(),
            before=below,
            size=limit,
            patient=lambda: time.monotonic() < until,
        )


def _known(caller: Caller, number: int) -> Subscriber:
    """Raises NotFound."""
    with caller.house.database.read() as session:
        found = subscribers.by_id(session, number)
    if found is None:
        raise NotFound(f"no reader has the number {number}")
    return found


def _shown(caller: Caller, number: int) -> ReaderWhole:
    with caller.house.database.read() as session:
        return people.whole(session, number, now=caller.now())


def _keep(caller: Caller, known: Subscriber, newsletter: str, wanted: Preferences) -> Kept:
    """By the reader's own door: the same limits, the same mail to them."""
    house = caller.house
    token = tokens.preferences_token(house.key, newsletter, known.handle)
    return preferences.keep(
        house.database,
        newsletter,
        token,
        wanted,
        key=house.key,
        link=f"{house.public_url}/preferences/{newsletter}/{token}",
        now=caller.now(),
        method="api",
        by=caller.actor,
    )


def _wanted(
    body: Choosing, before: Preferences, schedule: Schedule, now: dt.datetime
) -> Preferences:
    """The choices as they are to be. Raises Problem for what is not offered."""
    given = body.model_dump(exclude_none=True, exclude={"newsletter", "snooze_weeks"})
    offered: Mapping[str, Any] = {
        "language": {"", before.language, *schedule.variants.languages},
        "theme": {"", before.theme, *schedule.variants.themes},
        "timezone": {"", before.timezone, *available_timezones()},
    }
    wrong = [
        FieldError(detail="this is not offered", pointer=f"#/{name}")
        for name, known in offered.items()
        if name in given and given[name] not in known
    ]
    if wrong:
        raise Problem("invalid", "Something in it is not offered.", tuple(wrong))
    if "unwanted_sections" in given:
        given["unwanted"] = frozenset(given.pop("unwanted_sections"))
    if body.snooze_weeks is not None:
        weeks = dt.timedelta(weeks=body.snooze_weeks)
        given["snoozed_until"] = now + weeks if weeks else None
    return dataclasses.replace(before, **given)
