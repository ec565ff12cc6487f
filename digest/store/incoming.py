"""What an article must be to be stored: the check at the edge, since rows do not validate."""

from __future__ import annotations

import datetime as dt
import hashlib
import math
from dataclasses import fields, is_dataclass, replace
from typing import Any

from digest.errors import BadInput
from digest.model import Engagement, IncomingArticle
from digest.storable import storable
from digest.urls import url_key

#: Longest key that an index holds as it is; PostgreSQL refuses above 2,700 bytes.
_LONGEST_KEY = 500
_LARGEST_COUNT = 2**31 - 1


def checked(article: IncomingArticle) -> IncomingArticle:
    """The article with times in UTC and without letters that no database holds. Raises BadInput.

    The zone that its time was told in is kept beside it.
    """
    clean: IncomingArticle = _clean(article)
    told = article.published_at.utcoffset() if article.published_at else None
    if told:
        clean = replace(clean, zone_s=int(told.total_seconds()))
    name = (clean.url or clean.source_id or clean.title)[:100]
    if not clean.title.strip():
        raise BadInput(name or clean.source, "an article needs a title")
    if not 1 <= len(clean.source) <= 80:
        raise BadInput(name, "an article's source has a key of 1 to 80 letters")
    if not (clean.source_id or (clean.url and url_key(clean.url))):
        raise BadInput(
            name, "an article needs an id of its source or a URL of the web to be known by"
        )
    for signal in clean.engagement:
        _check_signal(name, signal)
    return clean


def bounded(key: str | None) -> str | None:
    """A key short enough for an index: a long one keeps its beginning and gets its SHA-256."""
    if key is None or len(key) <= _LONGEST_KEY:
        return key
    return f"{key[:200]}#{hashlib.sha256(key.encode()).hexdigest()}"


def _check_signal(name: str, signal: Engagement) -> None:
    if not 1 <= len(signal.kind) <= 40:
        raise BadInput(name, "a signal has a kind of 1 to 40 letters")
    if not math.isfinite(signal.value):
        raise BadInput(name, f"the signal {signal.kind} has no number")
    if signal.n is not None and not 0 <= signal.n <= _LARGEST_COUNT:
        raise BadInput(name, f"the signal {signal.kind} stands for an impossible number of readers")


def _clean(value: Any) -> Any:
    """Texts as a database takes them; times in UTC."""
    if type(value) is str:  # an enum's members are clean
        return storable(value)
    if isinstance(value, dt.datetime):
        if value.tzinfo is None:
            raise BadInput(value.isoformat(), "a time without a zone")
        return _in_utc(value)
    if isinstance(value, tuple):
        return tuple(_clean(part) for part in value)
    if is_dataclass(value) and not isinstance(value, type):
        changes = {one.name: _clean(getattr(value, one.name)) for one in fields(value)}
        return replace(value, **changes)
    return value


def _in_utc(moment: dt.datetime) -> dt.datetime:
    """Raises BadInput for a moment of which some zone on Earth has no date: years 1 and 9999."""
    try:
        found = moment.astimezone(dt.UTC)
    except (OverflowError, ValueError):
        found = None
    if found is None or not dt.MINYEAR < found.year < dt.MAXYEAR:
        raise BadInput(moment.isoformat(), "a time that no calendar holds in every zone")
    return found
