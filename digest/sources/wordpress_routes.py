"""The addresses of WordPress's REST API, with and without pretty links, and how its lists are cut into pages."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any
from urllib.parse import urlencode

from digest.sources.fetch import Fetched

#: Items of one page, the most that the API gives; pages of one poll.
PER_PAGE, MOST_PAGES = 100, 20
#: `after` and `before` compare with the site's own clock: so much more is asked for on either side.
A_DAY = dt.timedelta(days=1)


def route(root: str, path: str, **query: object) -> str:
    """The address of a route under /wp/v2; of the API itself for an empty path."""
    return plugin_route(root, f"/wp/v2{path}" if path else "/", **query)


def plugin_route(root: str, place: str, **query: object) -> str:
    """The address of any route: plugins have namespaces of their own."""
    if "rest_route=" in root:
        base = root.partition("rest_route=")[0] + "rest_route=" + place
        return f"{base}&{urlencode(query)}"
    return f"{root.rstrip('/')}{place}?{urlencode(query)}"


def page_count(found: Fetched) -> int:
    """How many pages there are: the API says so; asking for one more would be answered 400."""
    told = found.headers.get("x-wp-totalpages", "")
    return int(told[:6]) if told.isascii() and told.isdigit() else MOST_PAGES


def rows(found: Fetched) -> list[dict[str, Any]]:
    """The objects of an answer; none where it is no list."""
    try:
        given = json.loads(found.body)
    except (ValueError, RecursionError):
        return []
    return [row for row in given if isinstance(row, dict)] if isinstance(given, list) else []
