"""A page's facts from its markup: title, authors, date, language, picture, section, address.

Order of belief, measured on pages of some 40 countries: JSON-LD, then meta elements, then the
page itself; for the title, the heading that the others agree with.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

from selectolax.lexbor import LexborHTMLParser

from digest.model import Image
from digest.sources import dates, html_text, linked_data
from digest.sources.linked_data import Node

_DATES = (
    "article:published_time",
    "og:published_time",
    "datepublished",
    "date",
    "dc.date",
    "dc.date.issued",
    "dcterms.date",
    "dcterms.created",
    "dcterms.issued",
    "parsely-pub-date",
    "sailthru.date",
    "pubdate",
    "publishdate",
    "publish-date",
    "publish_date",
    "publication_date",
    "published_time",
    "article.published",
    "article:published",
    "cxenseparse:recs:publishtime",
    "weibo: article:create_at",
    "originalpublicationdate",
    "date.created",
    "og:article:published_time",
)
_TIMES = (
    "[itemprop=datePublished]",
    "time[pubdate]",
    "time.published",
    "time.entry-date",
    "article header time[datetime]",
    "article time[datetime]",
    "main time[datetime]",
    "time[datetime]",
    ".published, .entry-date, .post-date, .article-date, .publish-date, .pubdate, .date-published",
    "article [class*=date], main [class*=date], article [class*=publish]",
)
_AUTHORS = (
    "author",
    "article:author",
    "parsely-author",
    "dc.creator",
    "byl",
    "sailthru.author",
    "cxenseparse:author",
)
_BYLINES = (
    "[itemprop=author] [itemprop=name]",
    "[rel=author]",
    ".author .fn",
    "[itemprop=author]",
    ".byline__name",
    ".byline-name",
    ".author-name",
    ".article-author",
    ".byline a",
    ".author a",
)
_AND = re.compile(r"\s*(?:[,;|/•]|\s(?:and|und|et|y|e|en|och|og|&|with)\s)\s*")
_BY = re.compile(
    r"^(?:(?:written |reported |posted )?by|von|por|par|di|door|av|af|text|autor(?:in)?)\s*:?\s+",
    re.I,
)
_NO_NAME = re.compile(
    r"@|https?:|www\.|\d{3}|^(?:staff|admin|editor(?:s|ial)?|editorial (?:team|staff)|redaktion|redacción|"
    r"rédaction|redazione|redactie|news ?desk|webmaster|author|guest|contributor|reporter)s?$",
    re.I,
)
_JOB = re.compile(r"\s+(?:[|–—]|-\s).*$|\s*\([^)]*\)$")
_CUT = re.compile(r"\s+[|–—·:»«-]+\s+|\s*[|»]\s*|:\s+")


@dataclass(frozen=True, slots=True, kw_only=True)
class PageFacts:
    """What the markup tells of a page's article; empty where it tells nothing."""

    title: str = ""
    authors: tuple[str, ...] = ()
    published_at: dt.datetime | None = None
    language: str | None = None
    teaser: str | None = None
    section: str | None = None
    tags: tuple[str, ...] = ()
    image: Image | None = None
    url: str | None = None
    site: str = ""


@dataclass(frozen=True, slots=True)
class Markup:
    """A parsed page with its meta elements by name (lower case) and its JSON-LD article."""

    page: LexborHTMLParser
    metas: dict[str, list[str]]
    data: Node

    def meta(self, *names: str) -> str:
        """The first of these meta elements that says anything."""
        return next((value for name in names for value in self.metas.get(name, ())), "")


def markup_of(page: LexborHTMLParser) -> Markup:
    """Read the head once."""
    metas: dict[str, list[str]] = {}
    for node in page.css("meta[content]")[:300]:
        given = node.attributes
        name = (
            given.get("property")
            or given.get("name")
            or given.get("itemprop")
            or given.get("http-equiv")
        )
        value = html_text.plain(given.get("content") or "")
        if name and value:
            metas.setdefault(name.strip().lower(), []).append(value[:5000])
    scripts = (node.text() for node in page.css('script[type*="ld+json"]')[:50])
    return Markup(page, metas, linked_data.article_of(scripts))


def facts_of(markup: Markup, url: str | None = None) -> PageFacts:
    """Every fact; `url` is where the page was found, if it was."""
    site = markup.meta("og:site_name", "application-name") or linked_data.text(
        markup.data.get("publisher")
    )
    address = canonical(markup, url)
    return PageFacts(
        title=title_of(markup, site, address),
        authors=authors_of(markup, site),
        published_at=date_of(markup),
        language=language_of(markup),
        teaser=markup.meta("og:description", "description", "twitter:description") or None,
        section=_section(markup),
        tags=tuple(_tags(markup)),
        image=_image(markup, address),
        url=address,
        site=site,
    )


def canonical(markup: Markup, url: str | None) -> str | None:
    """The page's own word for its address, if it is of the same site and not its front page."""
    link = markup.page.css_first('link[rel~="canonical"]')
    given = (link.attributes.get("href") if link else None, markup.meta("og:url"))
    for one in given:
        address = html_text.web_address(one, url)
        if address and urlsplit(address).path.strip("/") and (not url or _same_site(address, url)):
            return address
        if address and urlsplit(address).query and not url:
            return address
    return html_text.web_address(url)


def title_of(markup: Markup, site: str, url: str | None) -> str:
    """The heading that shares half its words with what the head says, else that without the site's name."""
    said = [
        markup.meta("og:title"),
        linked_data.text(markup.data.get("headline")),
        markup.meta("twitter:title"),
    ]
    node = markup.page.css_first("title")
    said.append(html_text.plain(node.text()) if node else "")
    said = [one for one in said if one]
    headings = [html_text.one_line(n.text(separator=" ")) for n in markup.page.css("h1")[:10]]
    for heading in headings:
        if 1 < len(heading) < 300 and any(_agrees(heading, one) for one in said):
            return _tidy(heading)
    if said:
        return _tidy(_without_site(said[0], site, url))
    return _tidy(headings[0]) if headings else ""


def authors_of(markup: Markup, site: str) -> tuple[str, ...]:
    """Names, each once: JSON-LD, then meta elements, then a byline in the markup."""
    linked = [linked_data.text(one) for one in linked_data.many(markup.data.get("author"))]
    publisher = {site.casefold(), linked_data.text(markup.data.get("publisher")).casefold()}
    metas = [value for name in _AUTHORS for value in markup.metas.get(name, ())]
    for given in (linked, metas, *(_texts(markup.page, selector) for selector in _BYLINES)):
        names = tuple(dict.fromkeys(name for raw in given for name in _names(raw, publisher)))
        if names:
            return names[:10]
    return ()


def date_of(markup: Markup) -> dt.datetime | None:
    """When it was published, in UTC."""
    data = markup.data
    given = [linked_data.text(data.get("datePublished")), linked_data.text(data.get("dateCreated"))]
    given.extend(markup.meta(name) for name in _DATES)
    found = next((found for one in given if (found := dates.spoken(one.strip()))), None)
    return found or _shown_date(markup.page)


def _shown_date(page: LexborHTMLParser) -> dt.datetime | None:
    """A date that the page shows in an element made for one."""
    for selector in _TIMES:
        for node in page.css(selector)[:3]:
            given = node.attributes.get("datetime") or node.attributes.get("content") or ""
            text = html_text.one_line(node.text(separator=" "))
            found = dates.spoken(given) or (dates.spoken(text) if len(text) <= 60 else None)
            if found:
                return found
    return None


def language_of(markup: Markup) -> str | None:
    """The declared language, as a BCP 47 tag."""
    root = markup.page.root
    given = [root.attributes.get("lang") or root.attributes.get("xml:lang") if root else None]
    given.append(linked_data.text(markup.data.get("inLanguage")))
    given.extend(
        [markup.meta("content-language", "language", "dc.language"), markup.meta("og:locale")]
    )
    for one in given:
        tag = (one or "").split(",")[0].strip().replace("_", "-")
        if re.fullmatch(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*", tag):
            return tag
    return None


def _section(markup: Markup) -> str | None:
    linked = linked_data.text(markup.data.get("articleSection"))
    node = markup.page.css_first('a[rel~="category"], .cat-links a')
    return (
        markup.meta("article:section")
        or linked
        or (html_text.plain(node.text()) if node else "")
        or None
    )


def _tags(markup: Markup) -> Iterator[str]:
    given = list(markup.metas.get("article:tag", ()))
    for one in linked_data.many(markup.data.get("keywords")) if not given else ():
        given.extend(linked_data.text(one).split(","))
    yield from dict.fromkeys(tag.strip() for tag in given[:50] if tag.strip())


def _image(markup: Markup, url: str | None) -> Image | None:
    address = html_text.web_address(
        markup.meta("og:image:secure_url", "og:image", "twitter:image"), url
    )
    alt = markup.meta("og:image:alt", "twitter:image:alt")
    if address:
        width, height = markup.meta("og:image:width"), markup.meta("og:image:height")
        return Image(address, alt, _size(width), _size(height))
    for one in linked_data.many(markup.data.get("image")):
        link = one.get("url") or one.get("contentUrl") if isinstance(one, dict) else one
        address = html_text.web_address(link, url)
        if address:
            return Image(
                address, linked_data.text(one.get("caption")) if isinstance(one, dict) else ""
            )
    return None


def _size(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and 0 < len(text) < 6 else None


def _texts(page: LexborHTMLParser, selector: str) -> list[str]:
    return [
        node.attributes.get("content") or node.text(separator=" ")
        for node in page.css(selector)[:8]
    ]


def _names(raw: str, publisher: Iterable[str]) -> Iterator[str]:
    """The people in a byline, without addresses, jobs and the site itself."""
    if re.match(r"https?:|www\.", raw.strip()):
        return
    for part in _AND.split(_BY.sub("", html_text.plain(raw))):
        name = _JOB.sub("", _BY.sub("", part)).strip(" .:-–—")
        is_name = 2 <= len(name) <= 60 and len(name.split()) <= 6 and not _NO_NAME.search(name)
        if is_name and name.casefold() not in publisher:
            yield name


def _agrees(heading: str, said: str) -> bool:
    mine, theirs = _words(heading), _words(said)
    return (
        bool(mine) and len(mine & theirs) * 2 >= len(mine) and len(mine & theirs) * 3 >= len(theirs)
    )


def _words(text: str) -> set[str]:
    found = set(re.findall(r"\w+", text.casefold()))
    return found if len(found) > 2 else set(text.casefold().replace(" ", ""))


def _without_site(title: str, site: str, url: str | None) -> str:
    """Without the site's name at either end, told by its own name or its host's."""
    host = (urlsplit(url).hostname or "").removeprefix("www.") if url else ""
    known = {_squeezed(site), _squeezed(host), _squeezed(host.rsplit(".", 1)[0])} - {""}
    parts = _CUT.split(title)
    while len(parts) > 1 and _squeezed(parts[-1]) in known:
        title = title[: title.rindex(parts[-1])]
        parts.pop()
    if len(parts) > 1 and _squeezed(parts[0]) in known:
        title = title[title.index(parts[0]) + len(parts[0]) :]
    return title.strip(" |–—·:»«-")


def _squeezed(text: str) -> str:
    return re.sub(r"\W", "", text.casefold())


def _tidy(title: str) -> str:
    return html_text.one_line(title)[:500]


def _same_site(one: str, other: str) -> bool:
    """The same host, or one below the other."""
    hosts = [(urlsplit(url).hostname or "").removeprefix("www.") for url in (one, other)]
    return hosts[0] == hosts[1] or any(
        a.endswith("." + b) and b.count(".") for a, b in (hosts, hosts[::-1])
    )
