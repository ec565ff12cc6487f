"""The times in files of other systems, in the ways that these write them; UTC where no zone is told."""

from __future__ import annotations

import datetime as dt
import re

#: Go prints ` +0000 UTC` behind a time, and sometimes a reading of its own clock (`m=+0.1`).
_GO = re.compile(r"^(\S+[ T]\S+) ([+-]\d{4})(?: [A-Z]{3,4}| [+-]\d{2,4})?(?: m=\S+)?$")
_DAY_FIRST = re.compile(r"^(\d{1,2})\.(\d{1,2})\.(\d{4})(?:[ ,T]+(.*))?$")
_YEAR_FIRST = re.compile(r"^(\d{4})/(\d{1,2})/(\d{1,2})(?:[ T]+(.*))?$")
_FRACTION = re.compile(r"(?<=\.\d{6})\d+")
#: Clocks that were never set tell the year 1, 1900 or 1970, and "for ever" is 9999: none of these tells a time.
_YEARS = range(1971, 9999)
_WORDS = (
    "%b %d, %Y",
    "%B %d, %Y",
    "%d %b %Y",
    "%d %B %Y",
    "%b %d, %Y %I:%M %p",
    "%B %d, %Y %I:%M %p",
)


def moment(text: str) -> dt.datetime | None:
    """The time that a cell tells; None where it tells none, or one that may be read in two ways.

    Month and day in figures with a stroke (03/04/2024) are such: nobody can know which is which.
    """
    if not text:
        return None
    try:
        found = dt.datetime.fromisoformat(text)
    except ValueError:
        found_otherwise = _otherwise(text)
        if found_otherwise is None:
            return None
        found = found_otherwise
    if found.year not in _YEARS:
        return None
    return found if found.tzinfo else found.replace(tzinfo=dt.UTC)


def as_kept(moment: dt.datetime) -> str:
    """An aware time as both databases take it: UTC, to the microsecond; such texts stand in the order of time."""
    if moment.tzinfo is not dt.UTC:
        moment = moment.astimezone(dt.UTC)
    return moment.replace(tzinfo=None).isoformat(" ", "microseconds")


def _otherwise(text: str) -> dt.datetime | None:
    plain = text.removesuffix(" UTC").removesuffix(" GMT")
    if go := _GO.match(text):
        plain = f"{go[1]}{go[2]}"
    elif day := _DAY_FIRST.match(plain):
        plain = f"{day[3]}-{int(day[2]):02}-{int(day[1]):02}{_clock(day[4])}"
    elif year := _YEAR_FIRST.match(plain):
        plain = f"{year[1]}-{int(year[2]):02}-{int(year[3]):02}{_clock(year[4])}"
    try:
        return dt.datetime.fromisoformat(_FRACTION.sub("", plain))
    except ValueError:
        return _in_words(plain)


def _clock(text: str | None) -> str:
    return f"T{text.zfill(5) if ':' in text[:2] else text}" if text else ""


def _in_words(text: str) -> dt.datetime | None:
    for form in _WORDS:
        try:
            return dt.datetime.strptime(text, form).replace(tzinfo=dt.UTC)
        except ValueError:
            continue
    return None
