"""The stages' JSON-lines commands: one object at a time, checked, and its error as its answer."""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Mapping
from pathlib import Path

from digest.errors import BadInput

#: No count of readers is greater; one that is would drown a whole week's.
MOST = 1e15

_LONE = re.compile(r"[\ud800-\udfff]")
_DATE_KEYS = ("published", "date", "created_at")
_US = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})(?:\s+(\d{1,2}):(\d{2}))?")


def name_of(given: Mapping[str, object]) -> str | int:
    """The object's id. Raises BadInput where it has none."""
    found = given.get("id")
    if isinstance(found, bool) or not isinstance(found, str | int) or found == "":
        raise BadInput("id", "expected a text or a whole number")
    return found


def text_of(given: Mapping[str, object], key: str) -> str:
    """A text, empty where absent; half characters become U+FFFD, so that offsets stay right."""
    found = given.get(key)
    if found is None:
        return ""
    if not isinstance(found, str):
        raise BadInput(key, "expected a text")
    return _LONE.sub("\ufffd", found)


def path_of(given: Mapping[str, object], key: str) -> Path:
    """The path of a file. Raises BadInput where it is absent."""
    if found := text_of(given, key):
        return Path(found)
    raise BadInput(key, "expected the path of a file")


def number_of(given: Mapping[str, object], key: str) -> float | None:
    """A number that is not below nought; None where absent."""
    found = given.get(key)
    if found is None or found == "":
        return None
    try:
        number = float(found)  # type: ignore[arg-type]
    except (TypeError, ValueError, OverflowError):
        raise BadInput(key, "expected a number") from None
    if isinstance(found, bool) or not 0 <= number <= MOST:
        raise BadInput(key, f"expected a number from 0 to {MOST:.0e}")
    return number


def published_of(given: Mapping[str, object]) -> dt.datetime | None:
    """`published`, `date` or `created_at` as an aware moment; None where absent."""
    key = next((k for k in _DATE_KEYS if given.get(k)), None)
    return None if key is None else moment_of(given, key)


def moment_of(given: Mapping[str, object], key: str) -> dt.datetime | None:
    """An ISO 8601 date or moment, or month/day/year; without a zone it is UTC."""
    found = text_of(given, key).strip()
    if not found:
        return None
    try:
        american = _US.fullmatch(found)
        if american:
            month, day, year, hour, minute = (int(part or 0) for part in american.groups())
            return dt.datetime(year, month, day, hour, minute, tzinfo=dt.UTC)
        moment = dt.datetime.fromisoformat(found)
        moment = moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)
        return moment.astimezone(dt.UTC)
    except (ValueError, OverflowError):
        raise BadInput(key, "expected a date as in 2026-11-29T08:00:00Z") from None


def refusal(given: object, error: BadInput) -> dict[str, object]:
    """The answer to an object that cannot be used."""
    found = given.get("id") if isinstance(given, Mapping) else None
    plain = found if isinstance(found, str | int | float) else None
    if isinstance(plain, float) and not math.isfinite(plain):
        plain = None  # JSON has no such number
    return {"id": plain, "error": str(error)}
