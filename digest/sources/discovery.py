"""What a site offers to be read by: its feeds, WordPress's or Ghost's API, its sitemaps; and OPML lists of feeds.

A page's own links are asked first, then the usual places; what is named is always tried, so that nothing is
offered that does not answer.
"""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit
from zoneinfo import available_timezones

from lxml import etree
from pydantic import TypeAdapter
from selectolax.lexbor import LexborHTMLParser

from digest import child
from digest.errors import BadInput, FetchError
from digest.sources import (
    decoding,
    feeds,
    html_text,
    pages,
    sitemaps,
    wordpress,
    wordpress_routes,
)
from digest.sources.fetch import Fetched, Limits, fetch

_FEEDS = (
    "application/rss+xml",
    "application/atom+xml",
    "application/feed+json",
    "application/rdf+xml",
)
_USUAL = ("/feed/", "/rss", "/feed.xml", "/rss.xml", "/atom.xml", "/index.xml", "/feed.json")
_MOST_LINKS, _MOST_MAPS, _MOST_OUTLINES = 12, 10, 5_000
_KEY = re.compile(r"[0-9a-f]{26}")
_SITEMAP = re.compile(r"^\s*sitemap\s*:\s*(\S+)", re.IGNORECASE | re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Offer:
    """One way to read a site. kind: as a schedule names it. entries, newest: what is there now. zone: the site's clocks."""

    kind: str
    url: str
    title: str = ""
    entries: int = 0
    newest: dt.datetime | None = None
    whole: bool = False
    api_key: str | None = None
    zone: str = ""


@dataclass(frozen=True, slots=True)
class Links:
    """What a page says of itself: its feeds, and Ghost's public key where it is a Ghost site."""

    feeds: tuple[str, ...] = ()
    ghost_key: str | None = None


_LINKS, _OUTLINES = TypeAdapter(Links), TypeAdapter(tuple[tuple[str, str], ...])


def offers(url: str, *, allowed: tuple[str, ...] = ()) -> tuple[Offer, ...]:
    """Every way to read the site at an address, the best first. Raises FetchError where it is not there."""
    given = url if "://" in url else f"https://{url}"
    page = fetch(given, allowed=allowed, limits=Limits(size=pages.MOST_BYTES))
    direct = _feed(page.url, allowed, page)
    if direct:
        return (direct,)
    links = _links(page)
    found = [*_by_api(page, links, allowed), *_feeds(page, links, allowed)]
    found += _sitemaps(page.url, allowed)
    return tuple(sorted(found, key=_worth))


def _worth(offer: Offer) -> tuple[int, float]:
    order = {"wordpress": 0, "ghost": 0, "feed": 1 if offer.whole else 2, "sitemap": 3}
    return order[offer.kind], -(offer.newest.timestamp() if offer.newest else 0.0)


def _by_api(page: Fetched, links: Links, allowed: tuple[str, ...]) -> Iterator[Offer]:
    root = _root(page)
    try:
        found = fetch(wordpress_routes.route(root, "/posts", per_page=1), allowed=allowed)
        posts = json.loads(found.body)
    except (FetchError, ValueError, RecursionError):
        posts = None
    if isinstance(posts, list) and posts:
        total = found.headers.get("x-wp-total", "")
        count = int(total[:7]) if total.isascii() and total.isdigit() else len(posts)
        title, home, zone = _wordpress_site(root, page.url, allowed)
        yield Offer("wordpress", home, title, count, whole=True, zone=zone)
    if links.ghost_key:
        site = urljoin(page.url, "/")
        yield Offer("ghost", site, "Ghost", whole=True, api_key=links.ghost_key)


def _root(page: Fetched) -> str:
    """Where WordPress's API would be: as the page says, or where it usually is; a page of the API is in it."""
    for mark in ("/wp-json", "rest_route="):
        before, found, _ = page.url.partition(mark)
        if found:
            return f"{before}{found}/"
    return wordpress.root_in(page) or urljoin(page.url, "/wp-json/")


def _wordpress_site(root: str, url: str, allowed: tuple[str, ...]) -> tuple[str, str, str]:
    """What the site calls itself in the index of its API, its own address, and the zone of its clocks.

    The address is the site's whatever page was asked for; the zone is empty where it names no place.
    """
    try:
        index = json.loads(fetch(root, allowed=allowed).body)
    except (FetchError, ValueError, RecursionError):
        index = None
    told = index if isinstance(index, dict) else {}
    name, zone = told.get("name"), told.get("timezone_string")
    title = html_text.one_line(name)[:100] if isinstance(name, str) and name else "WordPress"
    place = zone if isinstance(zone, str) and zone in available_timezones() else ""
    home = html_text.web_address(told.get("home"))
    if home and urlsplit(home).hostname == urlsplit(url).hostname:
        return title, home if urlsplit(home).path else f"{home}/", place
    return title, url, place


def _feeds(page: Fetched, links: Links, allowed: tuple[str, ...]) -> Iterator[Offer]:
    """The feeds that the page links; where it links none that answers, those in the usual places."""
    seen: set[str] = set()
    linked = [one for one in (_feed(url, allowed) for url in links.feeds) if one]
    usual = (_feed(urljoin(page.url, place), allowed) for place in _USUAL)
    for offer in linked or (one for one in usual if one):
        if offer.url not in seen:
            seen.add(offer.url)
            yield offer


def _feed(url: str, allowed: tuple[str, ...], page: Fetched | None = None) -> Offer | None:
    """The feed at an address; None where there is none."""
    try:
        found = page or fetch(url, allowed=allowed, limits=Limits(size=feeds.MOST_BYTES))
        feed = feeds.parse_feed(found.body, url=found.url, content_type=found.content_type)
    except (BadInput, FetchError):
        return None
    if not feed.entries and b"<html" in found.body[:2_000].lower():
        return None
    when = [one.published or one.updated for one in feed.entries]
    lengths = sorted(max(len(one.content), len(one.summary)) for one in feed.entries)
    whole = bool(lengths) and lengths[len(lengths) // 2] >= 1_500
    newest = max((one for one in when if one), default=None)
    return Offer("feed", found.url, feed.title, len(feed.entries), newest, whole)


def _sitemaps(url: str, allowed: tuple[str, ...]) -> Iterator[Offer]:
    """The maps that robots.txt names, else the one in the usual place."""
    try:
        robots = fetch(urljoin(url, "/robots.txt"), allowed=allowed).body.decode("utf-8", "replace")
    except FetchError:
        robots = ""
    named = [urljoin(url, one) for one in _SITEMAP.findall(robots)[:_MOST_MAPS]]
    for address in dict.fromkeys(named or [urljoin(url, "/sitemap.xml")]):
        if urlsplit(address).hostname != urlsplit(url).hostname:
            continue
        try:
            entries = sitemaps.entries_at(address, allowed)
        except FetchError:
            continue
        newest = max((one.when for one in entries if one.when), default=None)
        yield Offer("sitemap", address, "Sitemap", len(entries), newest)


def _links(page: Fetched) -> Links:
    """The page's links, read in the child process; none where it cannot be read."""
    options = {"url": page.url, "content_type": page.content_type}
    reader = "digest.sources.discovery:answer"
    try:
        return _LINKS.validate_json(child.read(reader, page.body, options, item=page.url))
    except BadInput:
        return Links()


def answer(data: bytes, *, url: str, content_type: str) -> bytes:
    """`Links` of a page as JSON, for the child process."""
    page = LexborHTMLParser(decoding.decode(data, content_type))
    base = page.css_first("base[href]")
    start = urljoin(url, (base.attributes.get("href") or "") if base else "")
    feeds_found = [
        html_text.web_address(node.attributes.get("href"), start)
        for node in page.css("link[rel~=alternate][href]")
        if (node.attributes.get("type") or "").split(";")[0].strip().lower() in _FEEDS
    ]
    script = page.css_first("script[data-ghost][data-key]")
    key = (script.attributes.get("data-key") or "") if script else ""
    known = tuple(dict.fromkeys(one for one in feeds_found if one))[:_MOST_LINKS]
    return _LINKS.dump_json(Links(known, key if _KEY.fullmatch(key) else None))


def outlines(data: bytes, *, item: str) -> tuple[tuple[str, str], ...]:
    """The feeds of an OPML list: title and address of each, in its order. Raises BadInput where it is none."""
    return _OUTLINES.validate_json(
        child.read("digest.sources.discovery:opml", data, {"item": item}, item=item)
    )


def opml(data: bytes, *, item: str) -> bytes:
    """`outlines` as JSON, for the child process: http://opml.org/spec2.opml."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, recover=True)
    tree = etree.fromstring(data, parser)
    if tree is None or str(tree.tag).lower() != "opml":
        raise BadInput(item, "is no OPML")
    found: dict[str, str] = {}
    for node in tree.iter("outline"):
        address = html_text.web_address(node.get("xmlUrl") or node.get("xmlurl"))
        if address and len(found) < _MOST_OUTLINES:
            title = html_text.plain(node.get("title") or node.get("text"))
            found.setdefault(address, title)
    return _OUTLINES.dump_json(tuple((title, address) for address, title in found.items()))
