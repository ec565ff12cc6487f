"""When a page's article was published, and what on the page says so. Nothing is guessed.

Order of belief: JSON-LD, meta elements, elements made for a date, the lines beside the headline, the
page's own title and address. Readers' comments and lists of other articles are never asked.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Iterator, Sequence
from urllib.parse import urlsplit

from selectolax.lexbor import LexborNode

from digest.model import DateSource
from digest.sources import dates, linked_data, markup
from digest.sources.markup import Markup

_LINKED = ("datePublished", "dateCreated", "uploadDate")
_METAS = (
    "article:published_time",
    "og:published_time",
    "og:article:published_time",
    "article:published",
    "article.published",
    "datepublished",
    "parsely-pub-date",
    "sailthru.date",
    "cxenseparse:recs:publishtime",
    "originalpublicationdate",
    "date.created",
    "date",
    "dc.date",
    "dc.date.issued",
    "dcterms.date",
    "dcterms.issued",
    "dcterms.created",
)
#: Any other meta element that is named so: `sw-pubdate`, `publish-date`, `article_date_original` …
_META_NAME = re.compile(
    r"pub(?:lish(?:ed)?|lication)?[-_. ]?(?:date|time)|date[-_. ]?pub|date[-_. ]?original|issued|create[-_]?at"
)
_NOT_PUBLISHED = re.compile(
    r"modif|updat|aktualis|geändert|expir|revis|valid|access|retriev|birth|event", re.IGNORECASE
)
#: JSON-LD that no parser reads, for a quotation mark too many, still says this much.
_BROKEN = re.compile(r'"datePublished"\s*:\s*"([^"]{8,40})"')
#: Elements made for the date of publication, and elements made for any date.
_MADE = (
    "[itemprop=datePublished]",
    "time[pubdate]",
    "time.published, abbr.published, time.entry-date, time.post-date",
    "article header time",
)
_TIMES = ("article time", "main time", "time")
#: Elements whose name says that they hold a date, and not another's.
_DATE_NAME = re.compile(
    r"(?:^|[-_\s])(?:date|datum|pubdate|pub-date|published|publish|publication|posted|post-date|dateline|byline-date|timestamp|time-?stamp|"
    r"datetime|timedata|fecha|tarih|fecha-hora|data-pub\w*)(?:$|[-_\s])",
    re.IGNORECASE,
)
_DATE_NAMED = "[class*=dat], [class*=publ], [class*=post], [class*=time], [class*=fecha], [class*=tarih], [id*=date], [id*=publ]"
#: A date's line says little else.
_LONGEST_LINE = 90
#: Longer ones beside the headline may be captions that tell when a picture was taken, unless they have parts.
_SHORT, _PARTED = 60, re.compile(r"\s[|·•⋅∙/–—-]\s|^\W?\d")
#: A paragraph that begins with a day in numbers is dated by it; one with a day in words may tell of that day.
_OPENING = re.compile(r"\d{1,2}\.\s?\d{1,2}\.\s?(?:19|20)\d\d\b|(?:19|20)\d\d-\d\d-\d\d\b")
_URL_DAY = re.compile(r"/((?:19|20)\d\d)[/-](\d{1,2})[/-](\d{1,2})(?=[/-]|$)")
_URL_MONTH = re.compile(r"/((?:19|20)\d\d)/([a-z]{3})/(\d{1,2})(?=/)")
#: Without signs between them: "/2026/1124/", "/t20261124_77.html".
_URL_COMPACT = re.compile(
    r"/[a-z]?((?:19|20)\d\d)/?((?:0[1-9]|1[0-2]))((?:[0-2]\d|3[01]))(?=[/_.-]|$)"
)
_URL_NUMBERS = re.compile(r"(?<!\d)(\d{1,2})[.-](\d{1,2})[.-]((?:19|20)\d\d)(?!\d)")
_PART = re.compile(r"\s+[|–—·-]\s+|,\s+(?=\d)|\s*\((?=[^)]*\d{4}\)$)")


def date_of(
    page: Markup, *, language: str | None, url: str | None, headline: LexborNode | None
) -> tuple[dt.datetime | None, DateSource]:
    """The moment in the zone that the page names (UTC where it names none), and where it says so."""
    first = dates.day_first(language)
    told = next(_read(_told(page), first), None)
    if told:
        return _in_own_zone(told, page, headline), DateSource.SOURCE
    ways = (
        _elements(page, _MADE),
        _title_ends(page),
        _only_one(_named(page), first),
        _beside(page, headline),
        _elements(page, _TIMES),
    )
    for way in ways:
        if shown := next(_read(way, first), None):
            return shown, DateSource.DATE_LINE
    if named := _of_address(url):
        return named, DateSource.ADDRESS
    changed = next(_read(_changes(page), first), None)
    return changed, DateSource.UPDATED if changed else DateSource.NONE


def _in_own_zone(told: dt.datetime, page: Markup, headline: LexborNode | None) -> dt.datetime:
    """A moment given in UTC, in the site's zone where the page gives the same moment in that too.

    Either with its offset, or as the hour on its readers' clocks: a time that differs by whole
    quarters of an hour, to the second where it has seconds, is the same moment.
    """
    if told.utcoffset():
        return told
    for text in (*_told(page), *_elements(page, (*_MADE, *_TIMES)), *_beside(page, headline)):
        found = dates.stated(text.strip()) if ":" in text else None
        zone = _zone_between(told, found) if found else None
        if zone:
            return told.astimezone(zone)
    return told


def _zone_between(told: dt.datetime, found: dt.datetime) -> dt.timezone | None:
    """The zone in which `found` is `told`; None where they are different moments or both in UTC."""
    offset = found.utcoffset() or dt.timedelta()
    same = told if found.second else told.replace(second=0, microsecond=0)
    if offset:
        return dt.timezone(offset) if found in (told, same) else None
    apart = found - same
    whole = apart - dt.timedelta(microseconds=apart.microseconds)
    is_zone = abs(whole) <= dt.timedelta(hours=14) and not whole % dt.timedelta(minutes=15)
    return dt.timezone(whole) if whole and is_zone else None


def _read(texts: Iterable[str], first: bool | None) -> Iterator[dt.datetime]:
    for text in texts:
        if found := dates.stated(text.strip(), day_first=first):
            yield found


def _only_one(texts: Iterable[str], first: bool | None) -> Iterator[str]:
    """The texts, where all that are dates name one day: of several nobody knows whose they are."""
    read = [(text, found) for text in texts for found in _read([text], first)]
    if len({found.date() for _, found in read}) == 1:
        yield from (text for text, _ in read)


def _told(page: Markup) -> Iterator[str]:
    """What the head says: the article's JSON-LD, meta elements, other nodes of JSON-LD."""
    yield from (linked_data.text(page.data.get(key)) for key in _LINKED)
    if not page.nodes:
        for script in page.page.css('script[type*="ld+json"]')[:20]:
            yield from _BROKEN.findall(script.text()[:200_000])
    yield from (value for name in _METAS for value in page.metas.get(name, ()))
    for name, values in page.metas.items():
        if _META_NAME.search(name) and not _NOT_PUBLISHED.search(name):
            yield from values
    yield from (linked_data.text(node.get(key)) for node in page.nodes for key in _LINKED)


def _elements(page: Markup, selectors: Sequence[str]) -> Iterator[str]:
    """What elements made for a date hold: their machine-readable half first."""
    for selector in selectors:
        for node in page.page.css(selector)[:6]:
            if not page.is_aside(node):
                yield from _halves(node)


def _halves(node: LexborNode) -> Iterator[str]:
    given = node.attributes
    yield from (given.get(key) or "" for key in ("datetime", "content", "title"))
    text = markup.text_of(node)
    if len(text) <= _LONGEST_LINE and not _NOT_PUBLISHED.search(text.split("20")[0]):
        yield text


def _beside(page: Markup, headline: LexborNode | None) -> Iterator[str]:
    """The short lines after the headline, up to the prose, then those right before it."""
    before, after = markup.lines_beside(headline) if headline else ([], [])
    for line in (*after, *reversed(before)):
        is_short = len(line) <= _SHORT or (len(line) <= _LONGEST_LINE and _PARTED.search(line))
        if is_short and not _NOT_PUBLISHED.search(line.split("20")[0]):
            yield line
        elif opening := _OPENING.match(line):
            yield opening[0]


def _changes(page: Markup) -> Iterator[str]:
    """What the page says of its last change."""
    yield linked_data.text(page.data.get("dateModified"))
    yield page.meta(
        "article:modified_time",
        "og:updated_time",
        "last-modified",
        "dcterms.modified",
        "dc.date.modified",
    )
    for node in page.page.css(
        "[class*=updat], [class*=modif], [class*=last], [id*=lastmod], p.info"
    )[:30]:
        text = markup.text_of(node)
        if len(text) <= _LONGEST_LINE:
            yield text


def _named(page: Markup) -> Iterator[str]:
    """What elements hold that are named for a date."""
    for node in page.page.css(_DATE_NAMED)[:200]:
        given = node.attributes
        name = f"{given.get('class') or ''} {given.get('id') or ''}"
        if _DATE_NAME.search(name) and not _NOT_PUBLISHED.search(name) and not page.is_aside(node):
            yield from _halves(node)


def _of_address(url: str | None) -> dt.datetime | None:
    """The day that the address itself names, at noon UTC."""
    path = urlsplit(url).path if url else ""
    found = _URL_DAY.search(path)
    if found:
        return dates.stated(f"{found[1]}-{found[2]:0>2}-{found[3]:0>2}")
    if found := _URL_COMPACT.search(path):
        return dates.stated(f"{found[1]}-{found[2]}-{found[3]}")
    if found := _URL_MONTH.search(path):
        return dates.stated(f"{found[3]} {found[2]} {found[1]}")
    found = _URL_NUMBERS.search(path)
    return dates.stated(f"{found[1]}.{found[2]}.{found[3]}") if found else None


def _title_ends(page: Markup) -> Iterator[str]:
    """What the head's title ends in: "Goats on the mole | Gazette | 24.11.2026"."""
    node = page.page.css_first("title")
    for title in (markup.text_of(node) if node else "", page.meta("og:title")):
        last = _PART.split(title)[-1].strip(" )") if title else ""
        if len(last) <= 30:
            yield last
