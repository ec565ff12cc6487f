from __future__ import annotations

import datetime as dt
import json

import pytest
from selectolax.lexbor import LexborHTMLParser

from digest.model import Image
from digest.sources import markup, metadata
from digest.sources.metadata import PageFacts

URL = "https://www.gazette.example/town/goats/"


def facts(head: str = "", body: str = "", *, url: str | None = URL, lang: str = "") -> PageFacts:
    html = f"<html{lang}><head>{head}</head><body>{body}</body></html>"
    return metadata.facts_of(markup.markup_of(LexborHTMLParser(html)), url)


def linked(**data: object) -> str:
    return f'<script type="application/ld+json">{json.dumps({"@type": "NewsArticle", **data})}</script>'


def test_the_heading_that_the_head_agrees_with_is_the_title() -> None:
    head = '<title>Goats on the mole shut the ferry - Gazette</title><meta property="og:title" content="Goats on the mole shut the ferry: all you must know">'
    found = facts(head, "<h1>The Gazette</h1><h1>Goats on the  mole <em>shut</em> the ferry</h1>")
    assert found.title == "Goats on the mole shut the ferry"


@pytest.mark.parametrize(
    "title",
    [
        "Goats - The Gazette",
        "Goats | gazette.example",
        "Goats – Gazette",
        "The Gazette: Goats",
        "Goats » The Gazette",
    ],
)
def test_the_sites_name_is_taken_off_a_title(title: str) -> None:
    found = facts(f'<title>{title}</title><meta property="og:site_name" content="The Gazette">')
    assert found.title == "Goats"


def test_a_title_of_two_parts_that_are_both_its_own_stays() -> None:
    assert facts("<title>Goats - and boats</title>").title == "Goats - and boats"


def test_a_page_without_a_head_has_its_heading() -> None:
    assert facts(body="<h1>Only this</h1>").title == "Only this"
    assert facts().title == ""


@pytest.mark.parametrize(
    "author",
    [
        {"@type": "Person", "name": "Ann Ferris"},
        [{"name": "Ann Ferris"}, {"name": "The Gazette"}],
        "By Ann Ferris",
        "Ann Ferris, ann@gazette.example",
        "Ann Ferris | Harbour correspondent",
    ],
)
def test_authors_come_from_linked_data_without_site_jobs_and_addresses(author: object) -> None:
    found = facts(linked(author=author, publisher={"name": "The Gazette"}))
    assert found.authors in (("Ann Ferris",), ("Ann Ferris", "Harbour correspondent"))


@pytest.mark.parametrize(
    "joined",
    [
        "Ann Ferris and Bo Quay",
        "Ann Ferris, Bo Quay",
        "Ann Ferris und Bo Quay",
        "Ann Ferris & Bo Quay",
        "Ann Ferris; Bo Quay",
    ],
)
def test_joined_authors_are_split(joined: str) -> None:
    assert facts(f'<meta name="author" content="{joined}">').authors == ("Ann Ferris", "Bo Quay")


def test_a_byline_in_the_page_is_the_last_resort_and_staff_is_nobody() -> None:
    assert facts(body='<a rel="author" href="/ann">Ann Ferris</a>').authors == ("Ann Ferris",)
    assert facts('<meta name="author" content="Staff">').authors == ()
    assert facts('<meta property="article:author" content="https://facebook.com/g">').authors == ()


@pytest.mark.parametrize(
    ("head", "body"),
    [
        (linked(datePublished="2026-11-24T10:00:00+01:00"), ""),
        ('<meta property="article:published_time" content="2026-11-24T10:00:00+01:00">', ""),
        ('<meta name="DC.date.issued" content="2026-11-24T09:00:00Z">', ""),
        ("", '<article><time datetime="2026-11-24T10:00:00+0100">today</time></article>'),
        ("", '<span itemprop="datePublished" content="2026-11-24T09:00:00Z">x</span>'),
        ("", '<article><p class="post-date">Nov 24, 2026 at 9:00 am</p></article>'),
    ],
)
def test_dates_keep_their_time_and_zone(head: str, body: str) -> None:
    assert facts(head, body).published_at == dt.datetime(2026, 11, 24, 9, tzinfo=dt.UTC)


def test_a_date_is_never_guessed() -> None:
    assert (
        facts(body="<p>21 years after 2003</p><time datetime='soon'>soon</time>").published_at
        is None
    )


def test_languages_are_as_declared() -> None:
    assert facts(lang=' lang="de-AT"').languages == ("de-AT",)
    assert facts('<meta property="og:locale" content="fr_FR">').languages == ("fr-FR",)
    assert facts(linked(inLanguage="nl"), lang=' lang="{{x}}"').languages == ("nl",)
    assert facts().languages == ()


def test_the_canonical_address_wins_within_its_own_site() -> None:
    def url_of(href: str, url: str | None = URL) -> str | None:
        return facts(f'<link rel="canonical" href="{href}">', url=url).url

    assert url_of("https://gazette.example/goats") == "https://gazette.example/goats"
    assert url_of("https://news.gazette.example/goats") == "https://news.gazette.example/goats"
    assert url_of("/goats?page=1") == "https://www.gazette.example/goats?page=1"
    assert url_of("https://www.gazette.example/") == URL
    assert url_of("https://other.example/goats") == URL
    assert url_of("javascript:x()", None) is None
    assert url_of("https://other.example/goats", None) == "https://other.example/goats"
    assert url_of("https://other.example/?p=7", None) == "https://other.example/?p=7"


def test_pictures_sections_tags_and_teasers_are_read() -> None:
    head = """<meta property="og:image" content="/p.jpg"><meta property="og:image:width" content="1200">
    <meta property="og:image:alt" content="A goat"><meta property="article:section" content="Town">
    <meta property="article:tag" content="goats"><meta property="article:tag" content="mole">
    <meta name="description" content="Two goats &amp;amp; a ferry">"""
    found = facts(head)
    assert found.image == Image("https://www.gazette.example/p.jpg", "A goat", 1200, None)
    assert (found.section, found.tags) == ("Town", ("goats", "mole"))
    assert found.teaser == "Two goats & a ferry"


def test_linked_data_fills_what_meta_leaves() -> None:
    found = facts(
        linked(
            image={"url": "/q.jpg", "caption": "A boat"}, articleSection=["Sea"], keywords="a, b"
        )
    )
    assert found.image == Image("https://www.gazette.example/q.jpg", "A boat")
    assert (found.section, found.tags) == ("Sea", ("a", "b"))
    assert facts(linked(image=["https://g.example/r.jpg"])).image == Image(
        "https://g.example/r.jpg"
    )
    assert facts(body='<a rel="category tag">Sport</a>').section == "Sport"
