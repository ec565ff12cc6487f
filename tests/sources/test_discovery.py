from __future__ import annotations

import json

import pytest

from digest.errors import BadInput, FetchError
from digest.sources import discovery
from digest.sources.discovery import Offer
from digest.sources.wordpress import find_root
from tests.sources.web import LOOPBACK, Site

FEED = """<rss version="2.0"><channel><title>{0}</title><item><title>A</title>
<pubDate>Tue, 24 Nov 2026 10:00:00 GMT</pubDate><description>{1}</description></item></channel></rss>"""
KEY = "0123456789abcdef0123456789"


def feed(title: str = "News", words: int = 5) -> bytes:
    return FEED.format(title, "word " * words).encode()


def offers(site: Site, path: str = "/") -> list[Offer]:
    return list(discovery.offers(site.url + path, allowed=LOOPBACK))


def test_a_pages_own_links_are_tried_and_full_texts_come_first(site: Site) -> None:
    site.give(
        "/",
        b"""<html><head><base href="/sub/"><link rel="alternate" type="application/rss+xml" href="short.xml">
<link rel="alternate home" type="application/atom+xml; charset=utf-8" href="/long.xml">
<link rel="alternate" type="application/rss+xml" href="/broken.xml"><link rel="alternate" type="text/html" href="/de">
<link rel="alternate" type="application/rss+xml" href="javascript:x()"></head></html>""",
    )
    site.give("/sub/short.xml", feed("Short"))
    site.give("/long.xml", feed("Long", 500))
    site.give("/broken.xml", b"<html>no feed</html>")
    found = offers(site)
    assert [(one.title, one.kind, one.whole) for one in found] == [
        ("Long", "feed", True),
        ("Short", "feed", False),
    ]
    assert "/feed/" not in [path for path, _ in site.asked]


def test_without_links_the_usual_places_are_tried(site: Site) -> None:
    site.give("/", b"<html></html>")
    site.give("/index.xml", feed())
    (found,) = offers(site)
    assert (found.kind, found.url, found.entries) == ("feed", f"{site.url}/index.xml", 1)


@pytest.mark.parametrize("page", ["/2026/ferry/", "/wp-json/", "/wp-json/wp/v2/posts"])
def test_a_wordpress_site_is_named_by_its_own_address_whatever_page_of_it_was_given(
    site: Site, page: str
) -> None:
    index = {"name": "The Gazette", "home": site.url, "url": f"{site.url}/wp"}
    posts = json.dumps([{"id": 1}]).encode()
    site.give("/2026/ferry/", b"<html></html>")
    site.give("/wp-json/", json.dumps(index).encode())
    site.give("/wp-json/wp/v2/posts", posts)
    site.give("/wp-json/wp/v2/posts?per_page=1", posts)
    (found,) = offers(site, page)
    assert (found.kind, found.url, found.title) == ("wordpress", f"{site.url}/", "The Gazette")


def test_wordpress_ghost_and_sitemaps_are_found(site: Site) -> None:
    script = f'<script data-ghost="x" data-key="{KEY}"></script>'
    head = f'<html><head><link rel="https://api.w.org/" href="/api/">{script}</head></html>'
    site.give("/", head.encode())
    site.give("/api/wp/v2/posts?per_page=1", json.dumps([{"id": 1}]).encode(), X_WP_Total="42")
    index = {"name": "The Gazette", "gmt_offset": 1, "timezone_string": "Europe/Berlin"}
    site.give("/api/", json.dumps(index).encode())
    site.give(
        "/robots.txt",
        f"User-agent: *\nSitemap: {site.url}/map.xml\nsitemap: https://other.example/x.xml".encode(),
    )
    site.give("/map.xml", b"<urlset><url><loc>/a</loc><lastmod>2026-11-24</lastmod></url></urlset>")
    found = {one.kind: one for one in offers(site)}
    assert (found["wordpress"].url, found["wordpress"].entries) == (f"{site.url}/", 42)
    assert find_root(found["wordpress"].url, LOOPBACK) == f"{site.url}/api/"
    assert (found["wordpress"].title, found["wordpress"].zone) == ("The Gazette", "Europe/Berlin")
    assert found["ghost"].api_key == KEY
    assert (found["sitemap"].url, found["sitemap"].entries) == (f"{site.url}/map.xml", 1)


def test_a_feeds_own_address_is_the_only_offer(site: Site) -> None:
    site.give("/feed.xml", feed("Own"))
    assert [one.title for one in offers(site, "/feed.xml")] == ["Own"]
    assert len(site.asked) == 1


def test_a_site_that_is_not_there_is_told(site: Site) -> None:
    with pytest.raises(FetchError):
        offers(site, "/nowhere")


def test_a_list_of_feeds_gives_each_once_and_no_link_that_acts() -> None:
    data = b"""<?xml version="1.0"?><opml version="2.0"><body><outline text="Town">
<outline type="rss" text="A &amp; B" xmlUrl="https://a.example/feed"/>
<outline type="rss" title="Again" xmlUrl="https://a.example/feed"/><outline xmlUrl="javascript:x()"/></outline>
<outline text="C" xmlUrl="https://c.example/feed"></body></opml>"""
    assert discovery.outlines(data, item="x.opml") == (
        ("A & B", "https://a.example/feed"),
        ("C", "https://c.example/feed"),
    )
    with pytest.raises(BadInput):
        discovery.outlines(b"<html></html>", item="x.opml")
