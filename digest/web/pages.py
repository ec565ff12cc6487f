"""Our pages: a Jinja environment for each language, strict and escaping, and each newsletter's colours."""

from __future__ import annotations

import datetime as dt
import functools
import hashlib
from collections.abc import Iterable, Mapping
from types import CodeType
from typing import Annotated, Any

from fastapi import Depends, Request
from fastapi.responses import HTMLResponse, Response
from jinja2 import BytecodeCache, Environment, FileSystemLoader, StrictUndefined
from jinja2.bccache import Bucket
from jinja2.runtime import Macro
from markupsafe import Markup
from starlette.exceptions import HTTPException

from digest import contrast, places
from digest.bootstrap import House
from digest.model import Rendered
from digest.preflight import Finding
from digest.schedules import Schedule
from digest.store.numbers import Tallies
from digest.web import spoken
from digest.web.speech import Speech

#: The methods of every page that is only read; they never change anything.
SAFE = ["GET", "HEAD"]

#: What links stand on in our pages (`base.css`), in light and in dark.
_GROUNDS, _DARK_GROUNDS = ("#ffffff", "#f4f1ea"), ("#1c1a18", "#121110")


#: So many pieces of pages are kept: those of some ten weeks of 200 stories.
PIECES = 4096


@functools.cache
def _speech(language: str, timezone: str) -> Speech:
    return Speech(language, timezone)


class _Compiled(BytecodeCache):
    """Templates as they were compiled, by their name and their text."""

    def __init__(self) -> None:
        self._codes: dict[tuple[str, str], CodeType | None] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        bucket.code = self._codes.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._codes[bucket.key, bucket.checksum] = bucket.code


@functools.cache
def _compiled(language: str, timezone: str) -> _Compiled:
    """For every house of this process; of each language its own, whose words for fixed values are compiled in."""
    return _Compiled()


#: How the desk speaks, and a house without a newsletter.
ENGLISH = _speech("en", "Europe/London")


class Pages:
    """Makes pages. `show` gives a whole answer; everything in `context` is escaped."""

    def __init__(self, house: House) -> None:
        self.house = house
        #: Editions of the archive by checksum and variant, as readers see them.
        self.archived: dict[tuple[str, str, str], Rendered] = {}
        #: What preflight found of drafts, by edition and coverage: every look at an issue asks for it.
        self.findings: dict[object, tuple[Finding, ...]] = {}
        #: What sends came to that are done: to count a million lines takes a while.
        self.tallies: Tallies = {}
        self.folder = places.folder("templates")
        self.versions = self._versions()
        self._environments: dict[tuple[str, str], Environment] = {}
        self._kept: dict[object, Markup] = {}

    def show(
        self,
        template: str,
        context: Mapping[str, Any] | None = None,
        *,
        status: int = 200,
        headers: Mapping[str, str] | None = None,
        language: str = "",
    ) -> HTMLResponse:
        """A page of ours, for readers in the language of the context's `schedule`; the desk's are English.

        language: that of a reader who chose one. Raises jinja2.UndefinedError where a template names
        what is not there.
        """
        words = context or {}
        at_desk = template.startswith("desk/")
        speech = ENGLISH if at_desk else self.speech(words.get("schedule"), language)
        html = self._render(template, words, speech)
        return HTMLResponse(html, status_code=status, headers=dict(headers or {}))

    def piece(self, template: str, context: Mapping[str, Any], schedule: Schedule) -> Markup:
        """A part of a page, in the language of the newsletter that it is about."""
        return Markup(self._render(template, context, self.speech(schedule)))  # nosec B704  # noqa: S704  escaped by it

    def document(
        self, template: str, context: Mapping[str, Any], schedule: Schedule | None, *, kind: str
    ) -> Response:
        """What programs read: a feed, a map of the site. kind: its media type."""
        made = self._render(template, context, self.speech(schedule))
        return Response(made, media_type=kind)

    def speech(self, schedule: Schedule | None, language: str = "") -> Speech:
        """How pages about a newsletter speak; about none, as the first one's do."""
        about = schedule or next(iter(self.house.schedules.values()), None)
        if about is None:
            return ENGLISH
        return _speech(language or about.newsletter.language, about.newsletter.timezone)

    def _render(self, template: str, context: Mapping[str, Any], speech: Speech) -> str:
        key = (speech.tag, speech.zone)
        if key not in self._environments:
            self._environments[key] = self._environment(speech)
        return self._environments[key].get_template(template).render(context)

    def _environment(self, speech: Speech) -> Environment:
        """All that templates may use, in one language: `{% trans %}`, the words for times and days."""
        made = Environment(
            loader=FileSystemLoader(self.folder / "web"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            bytecode_cache=_compiled(speech.tag, speech.zone),
            extensions=["jinja2.ext.i18n"],
        )
        made.policies["ext.i18n.trimmed"] = True
        found = speech.translations
        made.install_gettext_callables(  # type: ignore[attr-defined]
            found.gettext, found.ngettext, newstyle=True, pgettext=found.pgettext
        )
        made.filters.update(spoken.FILTERS, day=speech.day, every=speech.every, on=speech.on)
        made.filters.update(number=speech.number, date=speech.date)
        made.globals.update(
            versions=self.versions, speech=speech, public_url=self.house.public_url, **spoken.WORDS
        )
        made.globals["kept"] = self._piece_of
        return made

    def _piece_of(self, macro: Macro, *given: object, **named: object) -> Markup:
        """What a macro of the desk makes of values, which is all that it depends on: of most stories it is as before."""
        key = (macro.name, given, tuple(named.items()))
        if key not in self._kept:
            if len(self._kept) >= PIECES:
                self._kept.clear()
            self._kept[key] = Markup(macro(*given, **named))  # nosec B704  # noqa: S704  escaped by it
        return self._kept[key]

    def _versions(self) -> dict[str, str]:
        """A short hash of each style sheet and script, so that browsers may keep it and still see a new one."""
        sheets = {
            f"{file.parent.name}/{file.name}": file.read_bytes()
            for kind in ("css", "js")
            for file in self.folder.glob(f"static/{kind}/*")
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
