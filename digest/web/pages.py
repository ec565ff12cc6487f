"""Our pages: one Jinja environment, strict and escaping, and the colours of each newsletter."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterable, Mapping
from typing import Annotated, Any

from fastapi import Depends, Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.exceptions import HTTPException

from digest import contrast, places
from digest.bootstrap import House
from digest.model import Rendered
from digest.schedules import Schedule
from digest.web import spoken

#: The methods of every page that is only read; they never change anything.
SAFE = ["GET", "HEAD"]

#: What links stand on in our pages (`base.css`), in light and in dark.
_GROUNDS, _DARK_GROUNDS = ("#ffffff", "#f4f1ea"), ("#1c1a18", "#121110")


class Pages:
    """Makes pages. `show` gives a whole answer; everything in `context` is escaped."""

    def __init__(self, house: House) -> None:
        self.house = house
        #: Editions of the archive by checksum and variant, as readers see them.
        self.archived: dict[tuple[str, str], Rendered] = {}
        self.folder = places.folder("templates")
        self.environment = Environment(
            loader=FileSystemLoader(self.folder / "web"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self.environment.filters.update(
            moment=spoken.moment,
            day=spoken.day,
            short_day=spoken.short_day,
            distance=spoken.distance,
            plural=spoken.plural,
            weekly=spoken.weekly,
            reading=spoken.reading,
        )
        self.environment.globals.update(
            versions=self._versions(),
            status_words=spoken.STATUS,
            delivery_words=spoken.DELIVERY,
            subscription_words=spoken.SUBSCRIPTION,
        )

    def show(
        self,
        template: str,
        context: Mapping[str, Any] | None = None,
        *,
        status: int = 200,
        headers: Mapping[str, str] | None = None,
    ) -> HTMLResponse:
        """A page of ours. Raises jinja2.UndefinedError where a template names what is not there."""
        html = self.environment.get_template(template).render(context or {})
        return HTMLResponse(html, status_code=status, headers=dict(headers or {}))

    def _versions(self) -> dict[str, str]:
        """A short hash of each style sheet, so that browsers may keep it and still see a new one."""
        sheets = {
            f"css/{file.name}": file.read_bytes() for file in self.folder.glob("static/css/*")
        }
        sheets["accents.css"] = accents(self.house.schedules.values()).encode()
        return {name: hashlib.sha256(data).hexdigest()[:10] for name, data in sheets.items()}


def accents(schedules: Iterable[Schedule]) -> str:
    """A style sheet with each newsletter's colours: our policy allows no styles inside a page."""
    every = tuple(schedules)
    light = "".join(_accent(one, one.render.look.light.accent, _GROUNDS) for one in every)
    dark = "".join(_accent(one, one.render.look.dark.accent, _DARK_GROUNDS) for one in every)
    return f"{light}@media (prefers-color-scheme: dark) {{\n{dark}}}\n"


def _accent(schedule: Schedule, colour: str, grounds: tuple[str, ...]) -> str:
    """The mail's accent, changed where it could not be read on the grounds of our pages."""
    colour = contrast.legible(colour, grounds) or colour
    on_it = contrast.ink_on(colour)
    return f'[data-newsletter="{schedule.key}"] {{ --accent: {colour}; --on-accent: {on_it}; }}\n'


def period_of(address: str) -> str:
    """The period that an address names: an ISO date and nothing else. Raises HTTPException 404."""
    try:
        day = dt.date.fromisoformat(address)
    except ValueError:
        raise HTTPException(404) from None
    if day.isoformat() != address:
        raise HTTPException(404)
    return address


def _house(request: Request) -> House:
    house: House = request.app.state.house
    return house


def _pages(request: Request) -> Pages:
    pages: Pages = request.app.state.pages
    return pages


HouseHere = Annotated[House, Depends(_house)]
PagesHere = Annotated[Pages, Depends(_pages)]
