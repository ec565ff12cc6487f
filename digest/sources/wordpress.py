"""A WordPress site by its REST API: whole posts with authors, pictures, terms and comment counts.

Trap: `after` and `before` compare with the site's own clock, not UTC (core.trac.wordpress.org/changeset/50024),
so a day more is asked for on either side and the dates in UTC decide.
"""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urljoin

from pydantic import TypeAdapter

from digest import child
from digest.errors import BadInput, FetchError
from digest.model import IncomingArticle
from digest.protocols import Collected, PollState
from digest.sources import boilerplate, pages, presence, wordpress_posts, wordpress_readers
from digest.sources.fetch import Fetched, Limits, fetch
from digest.sources.wordpress_routes import A_DAY, MOST_PAGES, PER_PAGE, page_count, route

#: So many days back a poll looks: edits, comments and posts taken back are seen in them.
DAYS = 15
MOST_BYTES = 20_000_000
_EMBED = "author,wp:featuredmedia,wp:term"
#: An article, or why there is none, and the post's number.
Made = tuple[IncomingArticle | None, tuple[str, str] | None, int]
_PART = TypeAdapter(tuple[Made, ...])
_LINK = re.compile(rb"<link\b[^<>]{0,500}api\.w\.org[^<>]{0,500}>", re.IGNORECASE)
_HREF = re.compile(rb"href\s*=\s*[\"']?([^\"'\s<>]{1,500})", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class WordPressSource:
    """A site by its address, or that of its API (`…/wp-json/` or `…/?rest_route=/`).

    allowed: networks (CIDR) that may be asked though they are not public.
    """

    key: str
    url: str
    allowed: tuple[str, ...] = ()

    def poll(self, state: PollState, now: dt.datetime) -> Collected:
        """The posts of the last `DAYS`. Raises FetchError where the API gives none."""
        since = now - dt.timedelta(days=DAYS)
        root = self._root(state)
        index = self._index(root)
        made, complete = self._made(root, _offset(index), since, now)
        errors = tuple(BadInput(*error) for _, error, _ in made if error)
        articles = [(article, number) for article, _, number in made if article]
        readers = wordpress_readers.asked(self._get, root, index, since=since)
        counted = [readers.told_of(*one, now=now) for one in articles]
        told = [pages.of_source(one, self.key, now) for one in counted if _is_since(one, since)]
        fine = complete and all(error.reason == wordpress_posts.LOCKED for error in errors)
        memory = PollState(memory=root)
        return Collected(boilerplate.cleaned(told), errors, memory, since if fine else None)

    def is_missing(self, url: str) -> bool:
        """Whether the site says that a page is not there."""
        return presence.is_missing(url, self.allowed)

    def _made(
        self, root: str, offset: dt.timedelta, since: dt.datetime, now: dt.datetime
    ) -> tuple[list[Made], bool]:
        """What the pages of the API hold, and whether these are all."""
        made: list[Made] = []
        for page in range(1, MOST_PAGES + 1):
            found = self._get(_posts(root, since=since, now=now, page=page))
            part = _read(found, now, offset)
            made += part
            if page >= page_count(found) or len(part) < PER_PAGE:
                return made, True
        return made, False

    def _root(self, state: PollState) -> str:
        """The API's address: as declared, as remembered while it answers, as the site links it."""
        if "rest_route=" in self.url or "/wp-json" in self.url:
            return self.url
        if state.memory:
            try:
                self._get(route(state.memory, "", _fields="name"))
            except FetchError as error:
                if not error.permanent:
                    raise
            else:
                return state.memory
        return find_root(self.url, self.allowed)

    def _get(self, url: str) -> Fetched:
        limits = Limits(seconds=40, size=MOST_BYTES)
        return fetch(url, allowed=self.allowed, limits=limits, accept="application/json")

    def _index(self, root: str) -> dict[str, Any]:
        """What the API says of the site; nothing where it says nothing."""
        try:
            given = json.loads(self._get(route(root, "", _fields="gmt_offset,namespaces")).body)
        except (FetchError, ValueError, RecursionError):
            return {}
        return given if isinstance(given, dict) else {}


def _offset(index: Mapping[str, Any]) -> dt.timedelta:
    """The site's clock against UTC, for servers that leave `date_gmt` out; zero where it is not told."""
    try:
        return dt.timedelta(hours=float(index["gmt_offset"]))
    except (ValueError, KeyError, TypeError, OverflowError):
        return dt.timedelta()


def answer(data: bytes, *, now: str, offset_s: float) -> bytes:
    """A page of posts as JSON, for the child process: article, or error, and the post's number."""
    given = json.loads(data.decode("utf-8-sig", "replace"))
    if not isinstance(given, list):
        raise BadInput("posts", "is no list of posts")
    made = tuple(_made(one, dt.datetime.fromisoformat(now), offset_s) for one in given)
    return _PART.dump_json(made)


def _made(given: Any, now: dt.datetime, offset_s: float) -> Made:
    number = given.get("id", 0) if isinstance(given, dict) else 0
    offset = dt.timedelta(seconds=offset_s)
    try:
        article = wordpress_posts.article(given, now=now, offset=offset)
    except BadInput as error:
        return None, (error.item, error.reason), 0
    return article, None, number if isinstance(number, int) else 0


def _read(found: Fetched, now: dt.datetime, offset: dt.timedelta) -> tuple[Made, ...]:
    options = {"now": now.isoformat(), "offset_s": offset.total_seconds()}
    reader = "digest.sources.wordpress:answer"
    try:
        return _PART.validate_json(child.read(reader, found.body, options, item=found.url))
    except BadInput as error:
        raise FetchError(found.url, error.reason) from error


def _posts(root: str, *, since: dt.datetime, now: dt.datetime, page: int) -> str:
    return route(
        root,
        "/posts",
        after=(since - A_DAY).strftime("%Y-%m-%dT%H:%M:%S"),
        before=(now + A_DAY).strftime("%Y-%m-%dT%H:%M:%S"),
        per_page=PER_PAGE,
        page=page,
        orderby="date",
        order="asc",
        _embed=_EMBED,
    )


def find_root(url: str, allowed: tuple[str, ...] = ()) -> str:
    """The address of a site's API. Raises FetchError where the site cannot be read."""
    found = fetch(url, allowed=allowed, limits=Limits(size=pages.MOST_BYTES))
    return root_in(found) or urljoin(found.url, "/wp-json/")


def root_in(found: Fetched) -> str | None:
    """The API's address as a page tells it, in a header or in its head: `rel="https://api.w.org/"`."""
    for part in found.headers.get("link", "").split(","):
        address, _, kind = part.strip().partition(">")
        if "api.w.org" in kind and address.startswith("<"):
            return urljoin(found.url, address[1:])
    link = _LINK.search(found.body[:300_000])
    href = _HREF.search(link[0]) if link else None
    return urljoin(found.url, href[1].decode("utf-8", "replace")) if href else None


def _is_since(article: IncomingArticle, since: dt.datetime) -> bool:
    return article.published_at is None or article.published_at >= since
