"""The kinds of values that a person writes into a file of settings, each refused with what was expected."""

from __future__ import annotations

import functools
import re
import unicodedata
from typing import Annotated
from urllib.parse import urlsplit
from zoneinfo import available_timezones

from babel import Locale, UnknownLocaleError
from email_validator import EmailNotValidError, validate_email
from pydantic import AfterValidator, BeforeValidator, Field

from digest.expected import meant
from digest.moments import WeekTime

_SECONDS = {"m": 60, "h": 3600, "d": 86400}


def _week_time(value: object) -> WeekTime:
    return value if isinstance(value, WeekTime) else WeekTime.parse(str(value))


#: Asked of the disk once: it is a walk through hundreds of files.
_zones = functools.cache(available_timezones)


def _zone(name: str) -> str:
    if name not in _zones():
        near = meant(name, _zones())
        raise ValueError(f"no time zone is called {name!r}; use a name like 'Europe/Berlin'{near}")
    return name


def _language(tag: str) -> str:
    try:
        if re.fullmatch(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*", tag) is None:
            raise ValueError(tag)
        Locale.parse(tag, sep="-")
    except (UnknownLocaleError, ValueError):
        raise ValueError(
            f"{tag!r} is no language that we know; use a tag like 'en' or 'pt-BR'"
        ) from None
    return tag


def _address(value: str) -> str:
    """An address with its domain in ASCII, as it must stand in a header."""
    try:
        found = validate_email(value, check_deliverability=False, allow_smtputf8=False)
    except EmailNotValidError as error:
        raise ValueError(str(error)) from None
    return f"{found.local_part}@{found.ascii_domain}"


def _key(value: str) -> str:
    if not re.fullmatch(r"[a-z0-9][a-z0-9-]{0,39}", value):
        raise ValueError("expected small letters, digits and hyphens, 40 at the most")
    return value


def _colour(value: str) -> str:
    if not re.fullmatch(r"#[0-9a-fA-F]{6}", value):
        raise ValueError("expected a colour as in '#8c1d18'")
    return value.lower()


def _line(value: str) -> str:
    """Text for a header or a line of the mail: what breaks lines there could write headers of its own."""
    if any(unicodedata.category(letter) in ("Cc", "Zl", "Zp") for letter in value):
        raise ValueError("has a line break or another control character; write it on one line")
    return value.strip()


def _seen(value: str) -> str:
    if not any(letter.isprintable() and not letter.isspace() for letter in value):
        raise ValueError("is empty")
    return value


def _span(value: object) -> int:
    match = re.fullmatch(r"([0-9]{1,9})\s*([mhd])", str(value).strip())
    if not match:
        raise ValueError("expected a span of time, as in '30m', '6h' or '2d'")
    return int(match[1]) * _SECONDS[match[2]]


def _poll_span(value: int) -> int:
    if not 300 <= value <= 7 * 86400:
        raise ValueError("expected a span from '5m' to '7d'")
    return value


def _catch_up_span(value: int) -> int:
    if not 600 <= value <= 48 * 3600:
        raise ValueError("expected a span from '10m' to '48h'")
    return value


def _wait_span(value: int) -> int:
    if not 1800 <= value <= 48 * 3600:
        raise ValueError("expected a span from '30m' to '48h'")
    return value


def _subject(value: str) -> str:
    unknown = set(re.findall(r"\{(\w*)\}", value)) - {"lead", "date", "number", "name"}
    if unknown:
        raise ValueError("knows {lead}, {date}, {number} and {name}, and no other words in braces")
    return value


def web_address(value: str) -> str:
    """An http address with a host, as it was given. Raises ValueError that says what was expected."""
    fault = ValueError("expected an address that begins https:// or http:// and names a host")
    if re.search(r"\s|[\x00-\x1f\x7f]", value):
        raise fault
    try:
        parts = urlsplit(value)
        host, _ = parts.hostname, parts.port  # a port that is no number raises
    except ValueError:
        raise fault from None
    if parts.scheme not in ("http", "https") or not host:
        raise fault
    return value


def _secure(value: str) -> str:
    if not value.lower().startswith("https:"):
        raise ValueError(
            "expected an address that begins https://, since mail programs load no other"
        )
    return value


def _api_key(value: str) -> str:
    """Ghost's Content API keys: https://ghost.org/docs/content-api/#key."""
    if not re.fullmatch(r"[0-9a-f]{26}", value):
        raise ValueError("expected a Content API key: 26 signs of 0-9 and a-f")
    return value


def _site_path(value: str) -> str:
    if not re.fullmatch(r"/[^\s?#\x00-\x1f]{0,199}", value):
        raise ValueError("expected a path of the site, as in '/news/'")
    return value


At = Annotated[WeekTime, BeforeValidator(_week_time)]
Seconds = Annotated[int, BeforeValidator(_span)]
PollSeconds = Annotated[Seconds, AfterValidator(_poll_span)]
CatchUpSeconds = Annotated[Seconds, AfterValidator(_catch_up_span)]
WaitSeconds = Annotated[Seconds, AfterValidator(_wait_span)]
#: Percent of the readers who are asked first, both subjects together.
Share = Annotated[int, Field(ge=2, le=80)]
Zone = Annotated[str, AfterValidator(_zone)]
Language = Annotated[str, AfterValidator(_language)]
Address = Annotated[str, AfterValidator(_address)]
WebAddress = Annotated[str, AfterValidator(web_address)]
SecureAddress = Annotated[WebAddress, AfterValidator(_secure)]
ApiKey = Annotated[str, AfterValidator(_api_key)]
SitePath = Annotated[str, AfterValidator(_site_path)]
Key = Annotated[str, AfterValidator(_key)]
Colour = Annotated[str, AfterValidator(_colour)]
#: Text on one line, without space around it; `Line` may be empty, `Words` may not.
Line = Annotated[str, AfterValidator(_line)]
Words = Annotated[Line, AfterValidator(_seen)]
Subject = Annotated[Words, AfterValidator(_subject)]
Weight = Annotated[float, Field(ge=0, le=10)]
#: Points that a person adds or takes off.
Points = Annotated[float, Field(ge=-5, le=5)]
