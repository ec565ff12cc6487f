"""A Ghost site by its Content API: https://ghost.org/docs/content-api/."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import dataclass, field
from urllib.parse import urlencode, urljoin

from pydantic import TypeAdapter

from digest import child
from digest.errors import BadInput, FetchError
from digest.model import IncomingArticle
from digest.protocols import Collected, PollState
from digest.sources import boilerplate, ghost_posts, pages, presence
from digest.sources.fetch import Limits, fetch

#: So many days back a poll looks: edits and posts taken back are seen in them.
DAYS = 15
#: Posts of one page; pages of one poll.
PER_PAGE, MOST_PAGES = 50, 40
MOST_BYTES = 20_000_000
_PART = TypeAdapter(tuple[tuple[IncomingArticle, ...], int])


@dataclass(frozen=True, slots=True, kw_only=True)
class GhostSource:
    """A site by its address and a Content API key, which is public: it opens what everybody may read.

    allowed: networks (CIDR) that may be asked though they are not public.
    """

    key: str
    url: str
    api_key: str = field(repr=False)
    allowed: tuple[str, ...] = ()

    def poll(self, state: PollState, now: dt.datetime) -> Collected:
        """The posts of the last `DAYS`. Raises FetchError where the API gives none."""
        since = now - dt.timedelta(days=DAYS)
        articles: list[IncomingArticle] = []
        for page in range(1, MOST_PAGES + 1):
            found, last = self._page(since, page, now)
            articles += [pages.of_source(article, self.key, now) for article in found]
            if page >= last:
                return Collected(boilerplate.cleaned(articles), whole_since=since)
        return Collected(boilerplate.cleaned(articles))

    def is_missing(self, url: str) -> bool:
        """Whether the site says that a page is not there."""
        return presence.is_missing(url, self.allowed)

    def _page(
        self, since: dt.datetime, page: int, now: dt.datetime
    ) -> tuple[tuple[IncomingArticle, ...], int]:
        query = {
            "key": self.api_key,
            "filter": f"published_at:>='{since.astimezone(dt.UTC):%Y-%m-%d %H:%M:%S}'",
            "include": "authors,tags",
            "order": "published_at asc",
            "limit": PER_PAGE,
            "page": page,
        }
        address = urljoin(
            self.url.rstrip("/") + "/", f"ghost/api/content/posts/?{urlencode(query)}"
        )
        limits = Limits(seconds=40, size=MOST_BYTES)
        try:
            found = fetch(address, allowed=self.allowed, limits=limits, accept="application/json")
        except FetchError as error:
            raise _without_key(error, self.url) from error
        options = {"now": now.isoformat(), "base_url": self.url}
        try:
            return _PART.validate_json(
                child.read("digest.sources.ghost:answer", found.body, options, item=self.url)
            )
        except BadInput as error:
            raise FetchError(self.url, error.reason) from error


def answer(data: bytes, *, now: str, base_url: str) -> bytes:
    """A page of posts and the number of the last page as JSON, for the child process."""
    given = json.loads(data.decode("utf-8-sig", "replace"))
    moment = dt.datetime.fromisoformat(now)
    made = [
        ghost_posts.article(row, now=moment, base_url=base_url) for row in ghost_posts.check(given)
    ]
    told = given.get("meta", {}).get("pagination", {}).get("pages", 1)
    last = told if isinstance(told, int) else 1
    return _PART.dump_json((tuple(one for one in made if one), last))


def _without_key(error: FetchError, url: str) -> FetchError:
    """The error by the site's address: the one that was asked holds the key."""
    return FetchError(
        url, error.reason, permanent=error.permanent, gone=error.gone, wait_s=error.wait_s
    )
