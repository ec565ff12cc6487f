from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from digest.contracts import SourceContract
from digest.errors import FetchError
from digest.protocols import Collected, PollState, Source
from digest.sources.wordpress import WordPressSource
from digest.sources.wordpress_routes import route
from tests.sources.web import LOOPBACK, Site

NOW = dt.datetime(2026, 11, 26, 12, tzinfo=dt.UTC)


def post(number: int, **more: Any) -> dict[str, Any]:
    return {
        "id": number,
        "date": "2026-11-24T11:00:00",
        "date_gmt": "2026-11-24T10:00:00",
        "guid": {"rendered": f"https://gazette.example/?p={number}"},
        "status": "publish",
        "type": "post",
        "link": f"https://gazette.example/{number}/",
        "title": {"rendered": f"Story {number}"},
        "content": {"rendered": "<p>Two goats came.</p>", "protected": False},
        **more,
    }


class Blog:
    """A small WordPress on the test's site: pages of posts, comments, and what it was asked."""

    def __init__(self, site: Site, posts: list[dict[str, Any]], comments: list[int] | None) -> None:
        self.site, self.posts, self.comments = site, posts, comments
        self.asked: list[dict[str, list[str]]] = []
        self.index: dict[str, Any] = {"gmt_offset": 1, "name": "G"}
        self.popular: list[Any] | None = None
        site.give("/", b"<html></html>", Link='</api/>; rel="https://api.w.org/"')
        self.serve()

    def serve(self) -> None:
        real = self.site.answers

        blog = self

        class Routes(dict):  # type: ignore[type-arg]
            def get(self, path: str) -> Any:
                place = urlsplit(path).path
                return blog.answer if place.startswith("/api/") else real.get(path)

        self.site.answers = Routes()

    def answer(self, request: BaseHTTPRequestHandler) -> None:
        place, query = urlsplit(request.path).path, parse_qs(urlsplit(request.path).query)
        if place == "/api/":
            self.give(request, self.index)
        elif (
            place.endswith("/wordpress-popular-posts/v1/popular-posts") and self.popular is not None
        ):
            assert query["range"] == ["last7days"]
            self.give(request, self.popular)
        elif place.endswith("/posts"):
            self.asked.append(query)
            self.page(request, self.posts, query)
        elif self.comments is None:
            request.send_error(401)
        else:
            self.page(request, [{"post": number} for number in self.comments], query)

    def page(
        self, request: BaseHTTPRequestHandler, rows: list[Any], query: dict[str, list[str]]
    ) -> None:
        size, number = int(query["per_page"][0]), int(query.get("page", ["1"])[0])
        pages = max(1, -(-len(rows) // size))
        if number > pages:
            request.send_error(400)
            return
        self.give(request, rows[(number - 1) * size : number * size], pages)

    def give(self, request: BaseHTTPRequestHandler, value: Any, pages: int = 1) -> None:
        body = json.dumps(value).encode()
        request.send_response(200)
        request.send_header("Content-Length", str(len(body)))
        request.send_header("X-WP-TotalPages", str(pages))
        request.end_headers()
        request.wfile.write(body)


def poll(site: Site, state: PollState | None = None) -> Collected:
    source = WordPressSource(key="site", url=f"{site.url}/", allowed=LOOPBACK)
    return source.poll(state or PollState(), NOW)


def test_posts_come_with_their_comments_and_a_page_ends_at_the_last(site: Site) -> None:
    posts = [post(number) for number in range(1, 131)]
    blog = Blog(site, posts, [3, 3, 7])
    found = poll(site)
    assert (len(found.articles), len(blog.asked), found.errors) == (130, 2, ())
    counts = {one.title: one.engagement for one in found.articles if one.engagement}
    assert {title: [(e.kind, e.value) for e in given] for title, given in counts.items()} == {
        "Story 3": [("comments", 2)],
        "Story 7": [("comments", 1)],
    }
    assert found.whole_since == NOW - dt.timedelta(days=15)


def test_a_day_more_is_asked_for_and_the_date_in_utc_decides(site: Site) -> None:
    early = post(1, date_gmt="2026-11-11T11:59:00", date="2026-11-11T12:59:00")
    inside = post(2, date_gmt="2026-11-11T12:01:00", date="2026-11-11T13:01:00")
    ahead = post(3, date_gmt="2026-11-26T12:01:00")
    local = post(4, date_gmt=None, date="2026-11-24T11:00:00")
    blog = Blog(site, [early, inside, ahead, local], [])
    found = poll(site)
    assert [article.title for article in found.articles] == ["Story 2", "Story 4"]
    assert found.articles[1].published_at == dt.datetime(2026, 11, 24, 10, tzinfo=dt.UTC)
    assert blog.asked[0]["after"] == ["2026-11-10T12:00:00"]
    assert blog.asked[0]["before"] == ["2026-11-27T12:00:00"]


def test_hidden_comments_cost_no_article(site: Site) -> None:
    Blog(site, [post(1)], None)
    (article,) = poll(site).articles
    assert article.engagement == ()


def test_a_weeks_views_come_from_popular_posts_where_the_site_has_it(site: Site) -> None:
    old = post(3, date_gmt="2026-11-18T10:00:00", date="2026-11-18T11:00:00")
    counted = post(4, views=900)
    blog = Blog(site, [post(1), post(2), old, counted], [])
    blog.popular = [
        {"id": 1, "pageviews": "231"},
        {"id": 2, "pageviews": 12},
        {"id": 3, "pageviews": "77"},
        {"id": 4, "pageviews": "40"},
        {"id": 5, "pageviews": "many"},
        "no post",
    ]
    assert {e.kind for one in poll(site).articles for e in one.engagement} == {"views"}
    assert [len(one.engagement) for one in poll(site).articles] == [0, 0, 0, 1]
    blog.index["namespaces"] = ["wp/v2", "wordpress-popular-posts/v1"]
    views = {one.title: [e.value for e in one.engagement] for one in poll(site).articles}
    assert views == {"Story 1": [231], "Story 2": [12], "Story 3": [], "Story 4": [900]}
    blog.popular = None
    assert [len(one.engagement) for one in poll(site).articles] == [0, 0, 0, 1]


def test_the_apis_place_is_remembered_and_found_again_when_it_moves(site: Site) -> None:
    Blog(site, [post(1)], [])
    first = poll(site)
    assert first.state.memory == f"{site.url}/api/"
    site.asked.clear()
    poll(site, first.state)
    assert "/" not in [path for path, _ in site.asked]
    again = poll(site, PollState(memory=f"{site.url}/elsewhere/"))
    assert (len(again.articles), again.state.memory) == (1, f"{site.url}/api/")


def test_one_bad_post_is_told_and_stops_no_other(site: Site) -> None:
    locked = post(2, content={"rendered": "", "protected": True})
    Blog(site, [post(1), locked, post(3, title="no object")], [])  # type: ignore[arg-type]
    found = poll(site)
    assert [article.source_id for article in found.articles] == [
        "https://gazette.example/?p=1",
        "https://gazette.example/?p=3",
    ]
    assert [error.reason for error in found.errors] == ["is behind a password"]


def test_a_site_without_an_api_is_told(site: Site) -> None:
    site.give("/", b"<html></html>")
    with pytest.raises(FetchError, match="404"):
        poll(site)


def test_routes_are_made_with_and_without_pretty_links() -> None:
    assert route("https://a.example/wp-json/", "/posts", page=1) == (
        "https://a.example/wp-json/wp/v2/posts?page=1"
    )
    assert route("https://a.example/?rest_route=/", "/posts", page=1) == (
        "https://a.example/?rest_route=/wp/v2/posts&page=1"
    )


def test_a_post_is_dated_by_the_sites_own_clock_and_never_by_a_zone_that_no_place_has(
    site: Site,
) -> None:
    strange = post(2, date="2026-11-24T10:07:00")
    Blog(site, [post(1), strange], [])
    times = [one.published_at.isoformat() for one in poll(site).articles if one.published_at]
    assert times == ["2026-11-24T11:00:00+01:00", "2026-11-24T10:00:00+00:00"]


class TestWordPress(SourceContract):
    @pytest.fixture(autouse=True)
    def _there(self, site: Site) -> None:
        self.site = site
        Blog(
            site,
            [post(1, content={"rendered": "<p>Salt &amp; <em>goats</em>.</p>"}), post(2)],
            [1, 1],
        )

    @contextmanager
    def source(self, folder: Path) -> Iterator[Source]:
        yield WordPressSource(key=self.key, url=self.site.url, allowed=LOOPBACK)

    @contextmanager
    def lost(self, folder: Path) -> Iterator[Source]:
        yield WordPressSource(key=self.key, url="http://127.0.0.1:9/", allowed=LOOPBACK)
