"""JSON Feed 1.0 and 1.1 (https://www.jsonfeed.org/version/1.1/), forgiving wrong types everywhere."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from typing import Any

from digest.errors import BadInput
from digest.sources import dates, html_text
from digest.sources.parsed_feed import ParsedEntry, ParsedFeed

MOST_ENTRIES = 5_000


def is_one(given: object) -> bool:
    """Whether a JSON value says that it is a feed."""
    return isinstance(given, dict) and "jsonfeed.org" in str(given.get("version", ""))


def read(data: bytes, *, url: str | None = None) -> ParsedFeed:
    """A feed from JSON. Raises BadInput where it is none."""
    try:
        given = json.loads(data.decode("utf-8-sig", "replace"))
    except (ValueError, RecursionError) as error:
        raise BadInput(url or "feed", f"no JSON Feed: {error}") from error
    if not isinstance(given, dict) or not isinstance(given.get("items"), list):
        raise BadInput(url or "feed", "no JSON Feed: it has no list of items")
    link = html_text.web_address(given.get("home_page_url"), url)
    items = [item for item in given["items"][:MOST_ENTRIES] if isinstance(item, dict)]
    people = tuple(_authors(given))
    return ParsedFeed(
        title=_line(given.get("title")),
        link=link,
        description=html_text.from_plain(_text(given.get("description"))),
        language=_line(given.get("language")) or None,
        entries=tuple(_entry(item, link or url, people) for item in items),
    )


def _entry(item: dict[str, Any], base: str | None, people: tuple[str, ...]) -> ParsedEntry:
    address = html_text.web_address(item.get("url"), base)
    address = address or html_text.web_address(item.get("external_url"), base)
    content = html_text.clean(_text(item.get("content_html")), address or base)
    return ParsedEntry(
        id=_name(item.get("id")),
        title=_line(item.get("title")),
        url=address,
        authors=tuple(_authors(item)) or people,
        published=_moment(item.get("date_published")),
        updated=_moment(item.get("date_modified")),
        summary=html_text.from_plain(_text(item.get("summary"))),
        content=content or html_text.from_plain(_text(item.get("content_text"))),
        tags=tuple(_line(tag) for tag in _list(item.get("tags")) if _line(tag)),
        language=_line(item.get("language")) or None,
        image=html_text.web_address(item.get("image"), base)
        or html_text.web_address(item.get("banner_image"), base),
    )


def _authors(item: dict[str, Any]) -> Iterator[str]:
    for author in _list(item.get("authors")) or [item.get("author")]:
        name = _line(author.get("name")) if isinstance(author, dict) else _line(author)
        if name:
            yield name


def _name(value: object) -> str | None:
    """An id as text; numbers are common."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    return html_text.one_line(str(value)) or None


def _moment(value: object) -> dt.datetime | None:
    return dates.moment(_text(value))


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _line(value: object) -> str:
    return html_text.one_line(_text(value))


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []
