from __future__ import annotations

import datetime as dt
import gzip
import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from digest.contracts import SourceContract
from digest.errors import BadInput, FetchError
from digest.protocols import Collected, PollState, Source
from digest.sources import sitemaps
from digest.sources.sitemaps import SitemapSource
from tests.sources.web import LOOPBACK, Site

NOW = dt.datetime(2026, 11, 26, 12, tzinfo=dt.UTC)
WORDS = "The harbour office said that the boats will leave every hour from Monday on. " * 5


def urlset(*entries: str) -> bytes:
    head = (
        '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'
        ' xmlns:news="http://www.google.com/schemas/sitemap-news/0.9">'
    )
    return f"<?xml version='1.0'?>{head}{''.join(entries)}</urlset>".encode()


def entry(url: str, changed: str = "2026-11-24T10:00:00Z", news: str = "") -> str:
    return f"<url><loc>{url}</loc><lastmod>{changed}</lastmod>{news}</url>"


def page(title: str) -> bytes:
    return (
        f'<html lang="en"><head><title>{title}</title></head><body><article><h1>{title}</h1>'
        f"<p>{title}. {WORDS}</p></article></body></html>"
    ).encode()


def poll(site: Site, state: PollState | None = None, **more: str) -> Collected:
    source = SitemapSource(key="s", url=f"{site.url}/sitemap.xml", allowed=LOOPBACK, **more)
    return source.poll(state or PollState(), NOW)


def test_an_index_leads_to_the_weeks_pages_of_this_site(site: Site) -> None:
    index = f"""<sitemapindex><sitemap><loc>{site.url}/old.xml</loc><lastmod>2026-01-01</lastmod></sitemap>
<sitemap><loc>{site.url}/news.xml.gz</loc></sitemap><sitemap><loc>https://other.example/x.xml</loc></sitemap>
</sitemapindex>"""
    news = (
        "<news:news><news:publication><news:name>G</news:name><news:language>en</news:language>"
        "</news:publication><news:publication_date>2026-11-24T09:00:00+01:00</news:publication_date>"
        "<news:title>Goats</news:title></news:news>"
    )
    site.give("/sitemap.xml", index.encode())
    entries = (
        entry(f"{site.url}/news/goats", news=news),
        entry(f"{site.url}/news/old", "2026-10-01"),
        entry(f"{site.url}/about", "2026-11-24"),
        entry("https://other.example/news/x"),
        entry("javascript:x()"),
        entry(f"{site.url}/news/undated", ""),
    )
    site.give("/news.xml.gz", gzip.compress(urlset(*entries)))
    site.give("/news/goats", page("Goats came"))
    found = poll(site, within="/news/")
    (article,) = found.articles
    assert article.title == "Goats came"
    assert [error.reason for error in found.errors] == [
        "names 1 page without a date: what is there now is taken as old, what comes later is read"
    ]
    assert article.published_at == dt.datetime(2026, 11, 24, 8, tzinfo=dt.UTC)
    assert article.source_id == f"{site.url}/news/goats"
    assert "/old.xml" not in [path for path, _ in site.asked]


def test_a_page_is_read_once_and_again_when_the_map_says_that_it_changed(site: Site) -> None:
    site.give("/sitemap.xml", urlset(entry(f"{site.url}/a")))
    site.give("/a", page("Goats"))
    first = poll(site)
    again = poll(site, first.state)
    assert (len(first.articles), len(again.articles)) == (1, 0)
    site.give("/sitemap.xml", urlset(entry(f"{site.url}/a", "2026-11-25T10:00:00Z")))
    assert len(poll(site, again.state).articles) == 1


def dated(title: str, date: str) -> bytes:
    meta = f'<meta property="article:published_time" content="{date}"></head>'.encode()
    return page(title).replace(b"</head>", meta)


def test_of_pages_without_a_date_those_that_come_later_are_read_and_their_own_date_decides(
    site: Site,
) -> None:
    old = [f"{site.url}/old/{number}" for number in range(90)]
    site.give("/sitemap.xml", "\n".join(old).encode())
    first = poll(site)
    assert (first.articles, len(first.errors)) == ((), 1)
    site.give("/new", dated("Goats came", "2026-11-25T10:00:00Z"))
    site.give("/plain", page("Goats stay"))
    site.give("/archive", dated("Goats of old", "2019-11-25T10:00:00Z"))
    new = [f"{site.url}/{name}" for name in ("new", "plain", "archive")]
    site.give("/sitemap.xml", "\n".join([*old, *new]).encode())
    second = poll(site, first.state)
    assert {one.title for one in second.articles} == {"Goats came", "Goats stay"}
    assert second.errors == ()
    site.asked.clear()
    assert poll(site, second.state).articles == ()
    assert [path for path, _ in site.asked] == ["/sitemap.xml"]


def test_a_map_that_fails_for_a_while_or_is_read_late_makes_no_old_pages_new(site: Site) -> None:
    one, other, late = (f"{site.url}/{name}.xml" for name in ("one", "other", "late"))

    def index(*maps: str) -> bytes:
        named = "".join(f"<sitemap><loc>{address}</loc></sitemap>" for address in maps)
        return f"<sitemapindex>{named}</sitemapindex>".encode()

    def lines(name: str, many: int) -> bytes:
        return "\n".join(f"{site.url}/{name}/{number}" for number in range(many)).encode() + b"\n"

    for name, number in itertools.product(("one", "other", "late"), range(3)):
        site.give(f"/{name}/{number}", page(f"Boats of {name}, {number}"))
    site.give("/sitemap.xml", index(one, other))
    site.give("/one.xml", lines("one", 3))
    site.give("/other.xml", status=503)
    first = poll(site)
    site.give("/other.xml", lines("other", 3))
    second = poll(site, first.state)
    site.give("/one.xml", status=503)
    third = poll(site, second.state)
    site.give("/sitemap.xml", index(one, other, late))
    site.give("/one.xml", lines("one", 4))
    site.give("/one/3", page("Goats"))
    site.give("/late.xml", lines("late", 3))
    fourth = poll(site, third.state)
    assert [found.articles for found in (first, second, third)] == [(), (), ()]
    assert [one.title for one in fourth.articles] == ["Goats"]


def test_too_many_pages_without_a_date_are_left_and_told(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sitemaps, "MOST_UNDATED", 2)
    lines = [f"{site.url}/{number}" for number in range(3)]
    site.give("/sitemap.xml", "\n".join(lines).encode() + b"\n")
    found = poll(site)
    assert (found.articles, found.state.memory) == ((), "")
    assert "3 pages without a date, too many" in found.errors[0].reason


def test_a_page_that_fails_for_now_is_told_and_read_with_the_next_poll(site: Site) -> None:
    site.give("/sitemap.xml", urlset(entry(f"{site.url}/a"), entry(f"{site.url}/b")))
    site.give("/a", page("Goats"))
    site.give("/b", status=500)
    first = poll(site)
    assert ([one.title for one in first.articles], len(first.errors)) == (["Goats"], 1)
    site.give("/b", page("Boats"))
    assert [one.title for one in poll(site, first.state).articles] == ["Boats"]


@pytest.mark.parametrize("body", [b"<html><p>Sorry</p></html>", b"", b"\x1f\x8bbroken"])
def test_what_is_no_map_is_told(site: Site, body: bytes) -> None:
    site.give("/sitemap.xml", body)
    with pytest.raises(FetchError):
        poll(site)


def test_plain_lines_are_a_map_and_an_entity_is_not_read() -> None:
    found = sitemaps.read(b"https://a.example/1\nhttps://a.example/2\n", "u")
    assert [one.url for one in found] == ["https://a.example/1", "https://a.example/2"]
    evil = b'<!DOCTYPE u [<!ENTITY x SYSTEM "file:///etc/hostname">]><urlset><url><loc>https://a.example/&x;</loc></url></urlset>'
    assert [one.url for one in sitemaps.read(evil, "u")] == ["https://a.example/"]
    with pytest.raises(BadInput):
        sitemaps.read(b"no map at all", "u")


class TestSitemap(SourceContract):
    @pytest.fixture(autouse=True)
    def _there(self, site: Site) -> None:
        self.site = site
        site.give("/sitemap.xml", urlset(entry(f"{site.url}/goats"), entry(f"{site.url}/boats")))
        site.give("/goats", page("Goats"), Content_Type="text/html")
        site.give("/boats", page("Boats"), Content_Type="text/html")

    @contextmanager
    def source(self, folder: Path) -> Iterator[Source]:
        yield SitemapSource(key=self.key, url=f"{self.site.url}/sitemap.xml", allowed=LOOPBACK)

    @contextmanager
    def lost(self, folder: Path) -> Iterator[Source]:
        yield SitemapSource(key=self.key, url=f"{self.site.url}/none.xml", allowed=LOOPBACK)
