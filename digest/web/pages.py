"""Our pages: one Jinja environment, strict and escaping, and the colours of each newsletter."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

from fastapi import Depends, Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined

import digest
from digest.bootstrap import House
from digest.schedules import Schedule
from digest.web import spoken

#: The methods of every page that is only read; they never change anything.
SAFE = ["GET", "HEAD"]


def templates_folder() -> Path:
    """Where the templates are: inside an installed package, or beside it in a checkout."""
    package = Path(digest.__file__).parent
    packaged = package / "assets" / "templates"
    return packaged if packaged.is_dir() else package.parent / "templates"


class Pages:
    """Makes pages. `show` gives a whole answer; everything in `context` is escaped."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.folder = templates_folder()
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


def accents(schedules: Any) -> str:
    """A style sheet with each newsletter's colours: our policy allows no styles inside a page."""
    light = "".join(_accent(one, one.render.accent) for one in schedules)
    dark = "".join(_accent(one, one.render.accent_dark) for one in schedules)
    return f"{light}@media (prefers-color-scheme: dark) {{\n{dark}}}\n"


def _accent(schedule: Schedule, colour: str) -> str:
    ink = "#ffffff" if contrast(colour, "#ffffff") >= contrast(colour, "#16130f") else "#16130f"
    return f'[data-newsletter="{schedule.key}"] {{ --accent: {colour}; --on-accent: {ink}; }}\n'


def contrast(one: str, other: str) -> float:
    """The contrast of two colours `#rrggbb`, 1 to 21 (WCAG 2.2, §1.4.3)."""
    low, high = sorted((_luminance(one), _luminance(other)))
    return (high + 0.05) / (low + 0.05)


def _luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _house(request: Request) -> House:
    house: House = request.app.state.house
    return house


def _pages(request: Request) -> Pages:
    pages: Pages = request.app.state.pages
    return pages


HouseHere = Annotated[House, Depends(_house)]
PagesHere = Annotated[Pages, Depends(_pages)]
