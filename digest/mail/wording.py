"""The words, dates, numbers and direction of a newsletter's language.

Our own words are in `templates/email/_words/<language>.toml`, English where there is no such file;
dates and plurals are Babel's (CLDR), so they are right in every language.
"""

from __future__ import annotations

import datetime as dt
import functools
import re
import tomllib
import unicodedata
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from babel import Locale, UnknownLocaleError
from babel.core import get_global
from babel.dates import format_date, format_skeleton, format_time, get_day_names
from babel.lists import format_list
from babel.numbers import format_decimal
from markupsafe import Markup

from digest import places
from digest.mail import cleaning
from digest.model import ComingDay, IssueContent, Story

_TAG = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*")
_WEEK = dt.timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Way:
    """How a text runs inside a mail, and the sides where its lines start and end.

    changed: `lang` and `dir` of its element, each only where it differs from the mail's own.
    own: the mail's, to change back where our words stand inside such an element.
    """

    start: str
    end: str
    changed: Mapping[str, str]
    own: Mapping[str, str]

    @property
    def attributes(self) -> Markup:
        """`changed` as it stands in a start tag, with a space before each."""
        return _attributes(self.changed)

    @property
    def back(self) -> Markup:
        """What undoes `attributes` for an element inside."""
        own = {name: self.own[name] for name in self.changed} if self.changed else self.changed
        return _attributes(own)


_NOTHING = Markup("")


def _attributes(values: Mapping[str, str]) -> Markup:
    if not values:  # nearly always, and several times a story
        return _NOTHING
    return Markup("").join(Markup(' {}="{}"').format(*item) for item in values.items())


class Wording:
    """How one newsletter speaks. language: a BCP 47 tag; timezone: an IANA name."""

    def __init__(self, language: str, timezone: str) -> None:
        self.language = language
        self.zone = ZoneInfo(timezone)
        self.locale = _locale(language, timezone)
        self._spelled = str(self.locale)
        self.words = _words(self.locale.language)
        #: Whether we have words of our own in this language: else it is English with its dates.
        self.is_ours = _file(self.locale.language).is_file()
        self.direction = direction(language) or "ltr"
        self.start, self.end = sides(self.direction)
        upright = self.direction == "rtl" or self.locale.language in ("zh", "ja", "ko")
        self.emphasis = "normal" if upright else "italic"

    def say(self, key: str, n: int | None = None, **values: object) -> str:
        """Our words for `key` (`table.key` inside a table); with `n`, in the plural that the language has for it."""
        table, _, inside = key.partition(".")
        words = self.words[table][inside] if inside else self.words[table]
        if isinstance(words, Mapping):
            words = words.get(self.locale.plural_form(n or 0)) or words["other"]
        if n is not None:
            values["n"] = self.number(n)
        return str(words).format_map(values)

    def number(self, number: int) -> str:
        return _number(number, self._spelled)

    def date(self, period: str) -> str:
        """A period's local date in full: Sunday 29 November 2026."""
        return format_date(dt.date.fromisoformat(period), "full", locale=self.locale)

    def long_date(self, period: str) -> str:
        """The same without its weekday: 29 November 2026."""
        return format_date(dt.date.fromisoformat(period), "long", locale=self.locale)

    def day(self, moment: dt.datetime, end: dt.datetime) -> str:
        """The local weekday of a moment in the week before `end`; further back, with its date."""
        far = moment < end - _WEEK or moment >= end + _WEEK
        return _day(moment.astimezone(self.zone).date(), far, self._spelled)

    def coming(self, one: ComingDay) -> str:
        """A day to come, with its hour where one is said: Thursday 3 December, 19:00."""
        day = str(format_skeleton("MMMMEEEEd", one.day, locale=self.locale))
        return f"{day}, {self.clock(one.clock)}" if one.clock else day

    def weekday(self, number: int) -> str:
        """A day of the week by its number, Monday being 0."""
        return str(get_day_names("wide", locale=self.locale)[number])

    def clock(self, time: dt.time) -> str:
        """A time of day, to the minute."""
        return format_time(time, "short", locale=self.locale)

    def facts(self, story: Story, end: dt.datetime) -> list[str]:
        """What stands under a story's title: day, reading time, authors."""
        minutes = self.say("read", max(1, round(story.read_seconds / 60)))
        names = [cleaning.line(name, cleaning.NAME) for name in story.authors[:3]]
        by = [self.say("by", names=self.listed(names))] if names else []
        return [self.day(story.published_at, end), minutes, *by]

    def whence(self, story: Story, end: dt.datetime) -> list[str]:
        """What stands behind a brief: section and day."""
        section = cleaning.line(story.section, cleaning.NAME)
        return [*([section] if section else []), self.day(story.published_at, end)]

    def coverage(self, content: IssueContent, hidden: int = 0, *, chosen: bool = False) -> str:
        """The proof that nothing is missing: how many articles there were, and where each one is.

        hidden: how many of them this mail leaves to the page on the web. chosen: whether of some sections it
        has only a line.
        """
        counted = content.coverage
        keys = ("lead", "section_items", "storyline_members", "in_brief")
        counts = (
            counted.lead,
            counted.section_items,
            counted.storyline_members,
            counted.briefs,
        )
        parts = [self.say(key, n) for key, n in zip(keys, counts, strict=True) if n]
        if counted.left_out:
            reasons = _reasons(content)
            parts.append(self.say("left_out", counted.left_out, reasons=reasons))
        key = "all_counted" if counted.left_out or hidden or chosen else "all_here"
        said = [self.say(key, counted.total, parts=self.listed(parts))]
        said += [self.say("on_the_web", hidden)] if hidden else []
        said += [self.say("chosen")] if chosen else []
        return " ".join(said)

    def listed(self, parts: Sequence[str]) -> str:
        """One, two and three."""
        return str(format_list(parts, locale=self.locale)) if parts else ""

    def way(self, text: str, language: str | None) -> Way:
        """How a text runs: by its language where that is known and may be true, else by its first letter."""
        known = (
            language if language and _TAG.fullmatch(language) and _may_be(text, language) else None
        )
        found = {}
        if known and _primary(known) != _primary(self.language):
            found["lang"] = known
        runs = (direction(known) if known else None) or first_strong(text) or self.direction
        if runs != self.direction:
            found["dir"] = runs
        return Way(*sides(runs), found, {"lang": self.language, "dir": self.direction})


# A week has seven days and few lengths, and a mail tells them hundreds of times. A locale is slow to compare.
@functools.lru_cache(maxsize=1024)
def _number(number: int, locale: str) -> str:
    return str(format_decimal(number, locale=locale))


@functools.lru_cache(maxsize=1024)
def _day(date: dt.date, far: bool, locale: str) -> str:
    if far:
        return str(format_skeleton("MMMEd", date, locale=locale))
    return str(format_date(date, "EEEE", locale=locale))


def _reasons(content: IssueContent) -> str:
    """The commonest reasons for leaving out, with their numbers where there are several."""
    counts = Counter(cleaning.line(one.reason, cleaning.NAME) for one in content.left_out)
    alone = len(counts) == 1
    common = [
        reason if n == 1 or alone else f"{reason}: {n}" for reason, n in counts.most_common(3)
    ]
    return "; ".join((*common, "…") if len(counts) > 3 else common)


def direction(language: str) -> str | None:
    """`rtl` or `ltr` by CLDR; None where the language is unknown there."""
    try:
        order = Locale.parse(language, sep="-").character_order
    except (UnknownLocaleError, ValueError):
        return None
    return "rtl" if order == "right-to-left" else "ltr"


def first_strong(text: str) -> str | None:
    """The direction of the first letter that has one (UAX 9, rule P2)."""
    for sign in text:
        kind = unicodedata.bidirectional(sign)
        if kind in ("L", "R", "AL"):
            return "ltr" if kind == "L" else "rtl"
    return None


def _may_be(text: str, language: str) -> bool:
    """False for a text with letters, none of which runs as the language does: a wrong label, or an editor's words."""
    runs, first = direction(language), first_strong(text)
    if runs in (None, first) or first is None:
        return True
    return any(first_strong(sign) == runs for sign in text)


def sides(way: str) -> tuple[str, str]:
    """Where a line starts and where it ends."""
    return ("right", "left") if way == "rtl" else ("left", "right")


def _primary(language: str) -> str:
    return language.lower().partition("-")[0]


def _locale(language: str, timezone: str) -> Locale:
    """The locale; one without a country takes the time zone's, so that London writes its own dates."""
    tags = [language, _primary(language)]
    if "-" not in language:
        tags.insert(0, f"{language}-{get_global('zone_territories').get(timezone, '')}")
    for tag in tags:
        try:
            return Locale.parse(tag, sep="-")
        except (UnknownLocaleError, ValueError):
            continue
    return Locale("en")


@functools.cache
def _words(language: str) -> dict[str, Any]:
    path = _file(language)
    return tomllib.loads((path if path.is_file() else _file("en")).read_text("utf-8"))


def spoken() -> frozenset[str]:
    """The languages that the mail's own words are there in."""
    return frozenset(path.stem for path in _file("en").parent.glob("*.toml"))


def _file(language: str) -> Path:
    return places.folder("templates") / "email" / "_words" / f"{language}.toml"
