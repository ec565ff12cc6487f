"""Readers at the desk: found by address, name, part of an address, standing, segment, or the way they came."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass, replace
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Query
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from pydantic import StringConstraints

from digest.audience import addresses
from digest.bootstrap import House
from digest.errors import BadInput
from digest.model import SubscriptionStatus
from digest.store import reader_search
from digest.store.editors import Role
from digest.store.engine import Session
from digest.store.reader_search import Page, Wanted
from digest.web import forms, masks, reader_words, sealed, sessions
from digest.web.forms import Form
from digest.web.pages import SAFE, HouseHere, PagesHere
from digest.web.sessions import Seat

router = APIRouter(prefix="/desk/readers", include_in_schema=False)
Viewer = Depends(sessions.needs(Role.VIEWER))

PATH = "/desk/readers/search"
#: So many words of a search count, and what stands for all who are suppressed.
WORDS, SUPPRESSED = 5, "suppressed"
#: How long one page looks, in seconds; then it shows what it has, and a link looks further.
PATIENCE_S = 1.0
Short = Annotated[str, StringConstraints(max_length=100)]


class SearchForm(Form):
    """What somebody looks for. segment: `newsletter/name`."""

    csrf: str
    words: Annotated[str, StringConstraints(max_length=254)] = ""
    newsletter: Short = ""
    standing: Short = ""
    came: Short = ""
    segment: Short = ""


@dataclass(frozen=True, slots=True)
class Asked:
    """A search as it stands in a page's address. words: in clear; sealed only in the address itself."""

    words: str = ""
    newsletter: str = ""
    standing: str = ""
    came: str = ""
    segment: str = ""

    def address(self, key: bytes, *, before: int | None = None) -> str:
        fields = {
            "words": sealed.seal(key, self.words),
            "newsletter": self.newsletter,
            "standing": self.standing,
            "came": self.came,
            "segment": self.segment,
            "before": "" if before is None else str(before),
        }
        query = urlencode({name: value for name, value in fields.items() if value})
        return f"{PATH}?{query}" if query else PATH


Search = Depends(forms.reads(SearchForm))


@router.post("/search")
def ask(house: HouseHere, seat: Seat = Viewer, form: SearchForm = Search) -> Response:
    """The page of what was asked for. By POST, so that no address ever stands in one."""
    asked = Asked(form.words, form.newsletter, form.standing, form.came, form.segment)
    return RedirectResponse(asked.address(house.key), status_code=303)


@router.api_route("/search", methods=SAFE)
def search(
    house: HouseHere,
    pages: PagesHere,
    words: str = "",
    newsletter: str = "",
    standing: str = "",
    came: str = "",
    segment: str = "",
    before: Annotated[int | None, Query(ge=1, le=2**62)] = None,
    seat: Seat = Viewer,
) -> HTMLResponse:
    """Readers, the newest first, some at a time."""
    asked = Asked(sealed.opened(house.key, words), newsletter, standing, came, segment)
    with house.database.read() as session:
        found = look(session, house, asked, seat.role, before=before)
    context = {
        "seat": seat,
        "here": "readers",
        "asked": asked,
        "found": found,
        "rows": [(one, masks.shown(one.address, seat.role)) for one in found.readers],
        "next": asked.address(house.key, before=found.before) if found.before else "",
        "first": asked.address(house.key) if before else "",
        "why_words": reader_words.REASONS,
        **choices(house),
    }
    return pages.show("desk/readers_found.html", context)


def choices(house: House) -> dict[str, Any]:
    """What the form of a search offers."""
    return {
        "papers": list(house.schedules.values()),
        "came_words": reader_words.CAME,
        "segments": [
            f"{schedule.key}/{name}"
            for schedule in house.schedules.values()
            for name in schedule.slices
        ],
    }


def look(
    session: Session, house: House, asked: Asked, role: Role, *, before: int | None = None
) -> Page:
    """The readers that a seat with this role may find so. A whole address that is there is all that is found."""
    wanted, now = _wanted(house, asked, role), house.clock()
    key = whole(asked.words)
    if key:
        one = replace(wanted, key=key, words=())
        found = reader_search.page(session, one, at=now, before=before)
        if found.readers or not wanted.in_addresses:
            return found
    until = time.monotonic() + PATIENCE_S
    return reader_search.page(
        session, wanted, at=now, before=before, patient=lambda: time.monotonic() < until
    )


def whole(words: str) -> str:
    """The folded address that the words are; empty for any other words."""
    if "@" not in words:
        return ""
    try:
        return addresses.parse(words).key
    except BadInput:
        return ""


def _wanted(house: House, asked: Asked, role: Role) -> Wanted:
    """What is asked of the store. Who sees no addresses finds nobody by a part of one, else parts would tell the whole."""
    paper, _, name = asked.segment.partition("/")
    schedule = house.schedules.get(paper)
    only = schedule.slices.get(name) if schedule else None
    newsletter = paper if only else asked.newsletter
    known = {one.value for one in SubscriptionStatus}
    status = SubscriptionStatus(asked.standing) if asked.standing in known else None
    if not newsletter and status and len(house.schedules) == 1:
        newsletter = next(iter(house.schedules))
    return Wanted(
        words=tuple(re.split(r"\s+", asked.words.strip())[:WORDS]) if asked.words.strip() else (),
        in_addresses=role >= masks.SEES,
        newsletter=newsletter,
        status=status,
        suppressed=asked.standing == SUPPRESSED,
        method=asked.came if asked.came in reader_search.CAME else "",
        only=only,
    )
