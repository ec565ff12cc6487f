"""What comes in by a provider's webhook, as JSON: read with suspicion, told in few words."""

from __future__ import annotations

import datetime as dt
import json
import re
from typing import Any

from digest.errors import BadInput
from digest.mail.slots import plain

#: The longest words and the longest original that a report carries, in characters.
LONGEST_WORDS = 500
LONGEST_RAW = 20_000

#: An enhanced status code (RFC 3463 §2) standing alone.
_ENHANCED = re.compile(r"(?<![\d.])([245]\.\d{1,3}\.\d{1,3})(?![\d.])")


def load(body: bytes | str, provider: str) -> Any:
    """The JSON in a body. Raises BadInput where it is none, or nested without end."""
    try:
        return json.loads(body)
    except (ValueError, RecursionError) as error:
        raise BadInput(
            provider, f"the webhook's body is no JSON: {type(error).__name__}"
        ) from error


def table(value: object) -> dict[str, Any]:
    """The object itself, or an empty one where it is no object."""
    return value if isinstance(value, dict) else {}


def words(*values: object) -> str:
    """The first that says something, on one line. It comes from strangers: never to be taken as HTML."""
    for value in values:
        said = str(value) if isinstance(value, str | int | float) else ""
        line = " ".join(plain(said.replace("\n", " ").replace("\t", " ")).split())
        if line:
            return line[:LONGEST_WORDS]
    return ""


def status(*values: object) -> str:
    """The first enhanced code that is told; empty where none is."""
    for value in values:
        found = _ENHANCED.search(value[:2_000]) if isinstance(value, str) else None
        if found:
            return found[1]
    return ""


def raw(event: object) -> str:
    """The event as it came, cut where it is longer than anybody reads."""
    return json.dumps(event, ensure_ascii=False, separators=(",", ":"))[:LONGEST_RAW]


def moment(value: object) -> dt.datetime | None:
    """An aware time from seconds since 1970 or from ISO 8601; None where it is neither."""
    try:
        if isinstance(value, bool):
            return None
        if isinstance(value, int | float):
            return dt.datetime.fromtimestamp(value, dt.UTC)
        if isinstance(value, str):
            found = dt.datetime.fromisoformat(value)
            return (found if found.tzinfo else found.replace(tzinfo=dt.UTC)).astimezone(dt.UTC)
    except (ValueError, OverflowError, OSError):
        return None
    return None
