"""Dates as sites write them, to moments in UTC. A day without a time is noon UTC of that day."""

from __future__ import annotations

import datetime as dt
import functools
import re
import unicodedata
from email.utils import parsedate_to_datetime
from zoneinfo import ZoneInfo

from babel import Locale

_NOON = dt.time(12)
#: Languages whose month names a date line may use.
_LANGUAGES = "en de fr es it pt nl sv da nb fi pl cs ro hu tr ca el ru uk id"
_DAY = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})")
#: Day, month and year; between dots the day always comes first, else that is the language's matter.
_DAY_LAST = re.compile(
    r"(?<![\d./-])(\d{1,2})(?:\.\s?|[/-])(\d{1,2})(?:\.\s?|[/-])((?:19|20)\d\d)(?![\d/-])"
)
_TIME = re.compile(
    r"(?<![\d:.])(\d{1,2})[:.h](\d{2})(?!\d|[.,]\d)(?::(\d{2}))?\s*(?:([ap])\.?m\.?)?",
    re.IGNORECASE,
)
_HALF_OF_DAY = re.compile(r"\d\s*[ap]\.?\s?m\b", re.IGNORECASE)
#: The zones of RFC 822 §5.1 as they stand after a time, and as newspapers cut them ("ET").
_ZONE = re.compile(r"\s*\(?\b(?:(GMT|UTC)|([ECMP])([SD]?)T)\b")
_PLACES = {
    "E": "America/New_York",
    "C": "America/Chicago",
    "M": "America/Denver",
    "P": "America/Los_Angeles",
}
_CJK = re.compile(r"(\d{4})\s*[年년]\s*(\d{1,2})\s*[月월]\s*(\d{1,2})\s*[日일]")
_WORDY = re.compile(r"[^\W\d_]+|\d+")
_COMPACT_ZONE = re.compile(r"([+-]\d{2})(\d{2})$")


def moment(text: str) -> dt.datetime | None:
    """ISO 8601 or RFC 822, in UTC; without a zone it is UTC. None where it is neither."""
    return _in_utc(_exact(text))


def spoken(text: str) -> dt.datetime | None:
    """A day with its year as people write it (`8. Juli 2024`, `July 8, 2024`), in UTC; None for less."""
    return _in_utc(stated(text))


def stated(text: str, *, day_first: bool | None = None) -> dt.datetime | None:
    """`moment` or `spoken` in the zone that the text itself names; UTC where it names none.

    day_first: what 5/4/2024 means where the text was written; None = not known, and then it is no date.
    """
    found = _exact(text) or _numbers(text, day_first) or _named(text)
    return found if _in_utc(found) else None


def day_first(language: str | None) -> bool | None:
    """Whether 5/4/2024 is in April to readers of a language (a BCP 47 tag); None = nobody knows."""
    main, _, rest = (language or "").lower().partition("-")
    if main == "en":
        region = rest[-2:]
        return None if not region else region not in ("us", "ph", "ca")
    return None if not main or main in ("zh", "ja", "ko", "hu", "lt", "fil") else True


def of(value: object) -> dt.datetime | None:
    """What YAML or TOML gave for a date: a moment, a day, or a text."""
    if isinstance(value, dt.datetime):
        return _in_utc(value)
    if isinstance(value, dt.date):
        return _in_utc(dt.datetime.combine(value, _NOON, dt.UTC))
    return spoken(value) if isinstance(value, str) else None


def _exact(text: str) -> dt.datetime | None:
    text = text.strip()
    if not text or len(text) > 60:
        return None
    found = _iso(text) or _rfc822(text)
    return found.replace(tzinfo=dt.UTC) if found and not found.tzinfo else found


def _in_utc(found: dt.datetime | None) -> dt.datetime | None:
    """Without a zone it is UTC. None in the years 1 (many programs' zero) and 9999, or past them."""
    if found is None:
        return None
    try:
        found = (found if found.tzinfo else found.replace(tzinfo=dt.UTC)).astimezone(dt.UTC)
    except (OverflowError, ValueError):
        return None
    return found if dt.MINYEAR < found.year < dt.MAXYEAR else None


def _iso(text: str) -> dt.datetime | None:
    text = _COMPACT_ZONE.sub(
        r"\1:\2", text.replace("Z ", "Z").replace(" +", "+").replace(" -", "-")
    )
    try:
        if len(text) <= 10:
            return dt.datetime.combine(dt.date.fromisoformat(text), _NOON, dt.UTC)
        return dt.datetime.fromisoformat(text)
    except ValueError:
        return None


def _rfc822(text: str) -> dt.datetime | None:
    """None also for "5:50 pm", which the parser takes for the morning."""
    if _HALF_OF_DAY.search(text):
        return None
    try:
        return parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError):
        return None


def _numbers(text: str, day_first: bool | None) -> dt.datetime | None:
    """Year first, or an order of day and month that has one meaning only."""
    found = _DAY.search(text) or _CJK.search(text)
    if found:
        return _at(int(found[1]), int(found[2]), int(found[3]), text[found.end() :])
    found = _DAY_LAST.search(text)
    if found is None:
        return None
    one, other = int(found[1]), int(found[2])
    first = True if "." in found[0] else day_first
    if one == other or one > 12 or other > 12:
        first = one > 12 or one == other
    if first is None:
        return None
    day, month = (one, other) if first else (other, one)
    return _at(int(found[3]), month, day, text[found.end() :])


def _named(text: str) -> dt.datetime | None:
    """A month by its name between or beside a day and a year."""
    words = _WORDY.findall(_folded(_TIME.sub(" ", text)))[:14]
    months = _months()
    place = next((i for i, word in enumerate(words) if word in months), None)
    if place is None:
        return None
    numbers = [w for w in words[max(0, place - 2) : place + 4] if w.isdigit()]
    years = [int(n) for n in numbers if len(n) == 4]
    days = [int(n) for n in numbers if len(n) <= 2 and 1 <= int(n) <= 31]
    return _at(years[0], months[words[place]], days[0], text) if years and days else None


def _at(year: int, month: int, day: int, rest: str) -> dt.datetime | None:
    """The day, at the time of day that stands beside it, else at noon; in the zone that is named after it."""
    found = _TIME.search(rest)
    hour, minute, second = (int(part or 0) for part in found.groups()[:3]) if found else (12, 0, 0)
    if found and found[4]:
        hour = hour % 12 + (12 if found[4].lower() == "p" else 0)
    try:
        local = dt.datetime(year, month, day, hour, minute, second)  # noqa: DTZ001 — its zone follows
    except ValueError:
        return None
    zone = _ZONE.match(rest, found.end()) if found else None
    return local.replace(tzinfo=_offset(zone, local) if zone else dt.UTC)


def _offset(zone: re.Match[str], local: dt.datetime) -> dt.timezone:
    if zone[1]:
        return dt.UTC
    known = ZoneInfo(_PLACES[zone[2]])
    said = {"S": local.replace(month=1), "D": local.replace(month=7)}.get(zone[3], local)
    return dt.timezone(said.replace(tzinfo=known).utcoffset() or dt.timedelta())


def _folded(text: str) -> str:
    text = unicodedata.normalize("NFKD", text.lower())
    return "".join(c for c in text if not unicodedata.combining(c))


@functools.cache
def _months() -> dict[str, int]:
    """Month names, whole and cut short, of all `_LANGUAGES`; a name with two meanings is left out."""
    names: dict[str, set[int]] = {}
    for language in _LANGUAGES.split():
        locale = Locale.parse(language)
        for form in ("format", "stand-alone"):
            for width in ("wide", "abbreviated"):
                for number, name in locale.months[form][width].items():
                    for word in _WORDY.findall(_folded(name)):
                        if not word.isdigit() and len(word) > 2:
                            names.setdefault(word, set()).add(number)
    return {word: numbers.pop() for word, numbers in names.items() if len(numbers) == 1}
