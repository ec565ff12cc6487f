"""The audit log at the desk, for admins: filters, pages, and the newest row's hash to be noted elsewhere."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from fastapi import APIRouter, Depends
from fastapi.responses import HTMLResponse
from starlette.exceptions import HTTPException

from digest.store import api_tokens, chain, editors, events
from digest.store.editors import Role
from digest.store.engine import Session
from digest.store.events import Event, Wanted
from digest.web import sessions
from digest.web.pages import SAFE, HouseHere, PagesHere
from digest.web.sessions import Seat

router = APIRouter(prefix="/desk/house/audit", include_in_schema=False)
Admin = Depends(sessions.needs(Role.ADMIN))

#: Lines on one page.
PAGE = 50
#: What those are called that are no editors.
_OTHERS = {
    "operator": "The command line",
    "schedule": "The schedule",
    "the deadline rule": "The deadline’s rule",
    "api": "The API",
    "sign-up": "The sign-up",
    "somebody": "Somebody",
}


@dataclass(frozen=True, slots=True)
class Line:
    """One line on the page. who, thing: in words; link: to the thing, where it has a page. more: (what, value)."""

    event: Event
    who: str
    thing: str
    link: str
    more: tuple[tuple[str, str], ...]


@router.api_route("", methods=SAFE)
def page(
    house: HouseHere,
    pages: PagesHere,
    seat: Seat = Admin,
    who: str = "",
    what: str = "",
    on: str = "",
    since: str = "",
    until: str = "",
    below: str = "",
) -> HTMLResponse:
    """The newest lines that are wanted, or those below a number."""
    given = {"who": who, "what": what, "on": on, "since": since, "until": until}
    given = {name: value.strip()[:100] for name, value in given.items()}
    last = _day(given["until"])
    wanted = Wanted(
        actor=given["who"],
        action=given["what"],
        subject=given["on"],
        since=_day(given["since"]),
        until=last + dt.timedelta(days=1) if last else None,
        below=_number(below),
    )
    with house.database.read() as session:
        found = events.find(session, wanted, limit=PAGE + 1)
        names = {f"editor:{one.id}": one.name or one.email for one in editors.all(session)}
        names |= {one.actor: f"{one.name} (a token)" for one in api_tokens.all(session)}
        newest = chain.newest(session)
        choices = _choices(session, names)
    filters = {name: value for name, value in given.items() if value}
    context: dict[str, Any] = {
        "seat": seat,
        "here": "house",
        "page": "audit",
        "lines": [_line(one, names) for one in found[:PAGE]],
        "newest": newest,
        "given": given,
        "filtered": bool(filters),
        "below": below,
        "first": f"?{urlencode(filters)}" if filters else "?",
        "next": f"?{urlencode({**filters, 'below': found[PAGE - 1].number})}"
        if len(found) > PAGE
        else "",
        **choices,
    }
    return pages.show("desk/audit.html", context)


def _choices(session: Session, names: Mapping[str, str]) -> dict[str, Any]:
    people = [(one, _who(one, names)) for one in events.actors(session)]
    return {"people": sorted(people, key=lambda one: one[1]), "acts": events.actions(session)}


def _line(event: Event, names: Mapping[str, str]) -> Line:
    more = tuple((_word(name), _value(value)) for name, value in event.data.items())
    link = f"/desk/{event.subject}" if "/" in event.subject else ""
    thing = _who(event.subject, names) if ":" in event.subject else event.subject
    shown = tuple((name, value) for name, value in more if value)
    return Line(event, _who(event.actor, names), thing, link, shown)


def _who(actor: str, names: Mapping[str, str]) -> str:
    kind, _, number = actor.partition(":")
    if kind == "editor":
        return names.get(actor, f"Editor {number}, who has no seat now")
    if actor in names:
        return names[actor]
    return _OTHERS.get(actor) or (f"{kind.capitalize()} {number}" if number else actor)


def _word(name: str) -> str:
    return name.replace("_", " ")


def _value(value: object) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{_word(str(key))} {one}" for key, one in value.items())
    if isinstance(value, list):
        return ", ".join(map(str, value))
    text = "" if value is None else str(value)
    return f"{text[:12]}…" if len(text) == 64 and " " not in text else text


def _day(given: str) -> dt.datetime | None:
    if not given:
        return None
    try:
        return dt.datetime.combine(dt.date.fromisoformat(given), dt.time(), dt.UTC)
    except (ValueError, OverflowError):
        raise HTTPException(422, "A day looks like 2026-11-29.") from None


def _number(given: str) -> int | None:
    if given and not (given.isascii() and given.isdecimal() and len(given) < 16):
        raise HTTPException(422, "That is no number of a line.")
    return int(given) if given else None
