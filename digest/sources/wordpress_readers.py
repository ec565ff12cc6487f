"""What a WordPress site tells of its readers: comments, and a week's views by WordPress Popular Posts.

That plugin answers `/wordpress-popular-posts/v1/popular-posts?range=last7days` without a login: posts as the
API itself has them, with `pageviews` added, in the order of their views (its `src/Rest/PostsEndpoint.php`).
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from digest.errors import FetchError
from digest.model import Engagement, IncomingArticle
from digest.sources.fetch import Fetched
from digest.sources.wordpress_routes import (
    A_DAY,
    MOST_PAGES,
    PER_PAGE,
    page_count,
    plugin_route,
    route,
    rows,
)

_POPULAR = "wordpress-popular-posts/v1"
#: Of a post no older than that, the views of seven days are all that it ever had.
_WEEK = dt.timedelta(days=7)

Get = Callable[[str], Fetched]


@dataclass(frozen=True, slots=True)
class Readers:
    """Comments and a week's views, by the number of their post."""

    comments: Mapping[int, int] = field(default_factory=dict)
    views: Mapping[int, int] = field(default_factory=dict)

    def told_of(
        self, article: IncomingArticle, number: int, *, now: dt.datetime
    ) -> IncomingArticle:
        """The article with what is known of its post. Views that it tells itself are of its whole life and stay."""
        found = list(article.engagement)
        if comments := self.comments.get(number):
            found.append(Engagement("comments", comments))
        is_young = article.published_at is not None and now - article.published_at <= _WEEK
        is_counted = any(one.kind == "views" for one in found)
        if number in self.views and is_young and not is_counted:
            found.append(Engagement("views", self.views[number]))
        return replace(article, engagement=tuple(found))


def asked(get: Get, root: str, index: Mapping[str, Any], *, since: dt.datetime) -> Readers:
    """What the site tells; nothing of what it hides. index: what its API says of itself."""
    names = index.get("namespaces")
    try:
        comments = _comments(get, root, since)
    except FetchError:
        comments = Counter()
    try:
        views = _views(get, root) if isinstance(names, list) and _POPULAR in names else {}
    except FetchError:
        views = {}
    return Readers(comments, views)


def _comments(get: Get, root: str, since: dt.datetime) -> Counter[int]:
    """Comments by the number of their post, those of the same days that posts are asked for."""
    counts: Counter[int] = Counter()
    after = (since - A_DAY).strftime("%Y-%m-%dT%H:%M:%S")
    for page in range(1, MOST_PAGES + 1):
        given = get(
            route(root, "/comments", after=after, per_page=PER_PAGE, page=page, _fields="post")
        )
        part = rows(given)
        counts.update(row["post"] for row in part if isinstance(row.get("post"), int))
        if page >= page_count(given) or len(part) < PER_PAGE:
            break
    return counts


def _views(get: Get, root: str) -> dict[int, int]:
    """Views of the last seven days by the number of the post, of the most read ones."""
    address = plugin_route(
        root,
        f"/{_POPULAR}/popular-posts",
        range="last7days",
        limit=PER_PAGE,
        _fields="id,pageviews",
    )
    found: dict[int, int] = {}
    for row in rows(get(address)):
        number, views = row.get("id"), str(row.get("pageviews", ""))  # a sum comes as text
        if isinstance(number, int) and views.isascii() and views.isdigit() and len(views) < 12:
            found[number] = int(views)
    return found
