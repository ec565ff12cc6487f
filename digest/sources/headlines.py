"""A page's headline: the visible heading that the head agrees with, without kickers and the site's name.

Head and heading often differ: titles for search engines, the site's name at either end, a logo in
the first h1, breadcrumbs. Each rule below stands for one such custom.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass
from urllib.parse import urlsplit

from selectolax.lexbor import LexborNode

from digest.sources import html_text, linked_data, markup
from digest.sources.markup import Markup

_CUT = re.compile(r"\s+[|–—·:»«-]+\s+|\s*[|»]\s*|:\s+")
#: Parts of a heading that are not the headline: a section's name, a kicker, what only screen readers hear.
_KICKER = re.compile(
    r"(?:^|[-_\s])(?:kicker|over-?line|topline|top-line|roof-?line|dachzeile|spitzmarke|eyebrow|pre-?title|sur-?titre|ante-?titulo|"
    r"volanta|section|category|label|rubri[ck]\w*|badge|tag|flag)(?:$|[-_\s])",
    re.IGNORECASE,
)
_UNSEEN = re.compile(
    r"element-invisible|visually-hidden|sr-only|screen-reader|offscreen|visuallyhidden", re.I
)
_BREADCRUMB = re.compile(r"bread-?crumb|seo-?title", re.IGNORECASE)
_LOGO = re.compile(
    r"(?:^|[-_\s])(?:logo|branding|brand|site-?title|site-?name|blog-?title|masthead)(?:$|[-_\s])",
    re.IGNORECASE,
)
#: Names that an article's heading has, and menus' have not.
_HEADLINE = re.compile(
    r"(?:^|[-_\s])\w*(?:headline|title|titre|titulo|titel|hed)(?:$|[-_\s])", re.IGNORECASE
)
#: Words ahead of a title that name a kind of article, not its matter.
_GENRES = frozenset(
    [
        "opinion",
        "analysis",
        "editorial",
        "comment",
        "commentary",
        "exclusive",
        "breaking",
        "update",
        "live",
        "watch",
        "video",
        "photos",
        "review",
        "podcast",
        "interview",
        "meinung",
        "kommentar",
        "analyse",
        "opinión",
        "análisis",
        "editorial",
        "exclusiva",
        "opinione",
        "analisi",
        "tribune",
    ]
)
_DATE_AHEAD = re.compile(r"^\d{1,2}\.\d{1,2}\.\d{4}\s*[-–—|:]\s*")


@dataclass(frozen=True, slots=True)
class Headline:
    """A title and the element that shows it, where one does."""

    title: str
    node: LexborNode | None = None


@dataclass(frozen=True, slots=True)
class _Heading:
    text: str
    node: LexborNode
    level: int


def headline_of(page: Markup, site: str, url: str | None) -> Headline:
    """The title of the page's article; empty where there is none."""
    said = [one for one in _said(page) if one]
    bare = [_without_site(one, site, url) for one in said]
    headings = list(_headings(page, url, {_folded(one) for one in bare}))
    crumbs = {_folded(markup.text_of(node)) for node in page.page.css("h1")[:5] if _is_crumb(node)}
    found = _agreed(headings, [*bare, *said]) or _part_of(headings, said) or _lone(headings, bare)
    if found:
        return Headline(
            _tidy(_with_kicker(found.text, linked_data.text(page.data.get("headline")), bare)),
            found.node,
        )
    if crumbs:
        bare = [one for one in bare if _folded(one) not in crumbs] or bare
    if bare:
        return Headline(_tidy(_whole(bare[0], bare)))
    return Headline(_tidy(headings[0].text), headings[0].node) if headings else Headline("")


def _said(page: Markup) -> Iterator[str]:
    """What the head calls the article."""
    yield page.meta("og:title", "dc:title", "dc.title", "parsely-title", "sailthru.title")
    yield linked_data.text(page.data.get("headline"))
    yield linked_data.text(page.data.get("alternativeHeadline"))[:200]
    yield page.meta("twitter:title")
    node = page.page.css_first("title")
    yield html_text.plain(node.text()) if node else ""


def _headings(page: Markup, url: str | None, said: Set[str]) -> Iterator[_Heading]:
    """The headings that may be an article's, h1 first."""
    for level in (1, 2, 3):
        for node in page.page.css(f"h{level}")[:40]:
            text = _said_inside(node, said) or _seen(node)
            if (
                1 < len(text) < 300
                and not _is_logo(node, url)
                and not page.is_aside(node)
                and not _is_crumb(node)
            ):
                yield _Heading(text, node, level)


def _agreed(headings: Sequence[_Heading], said: Sequence[str]) -> _Heading | None:
    """An h1 that shares half its words with what the head says; or any heading that says the same."""
    for heading in headings:
        if heading.level == 1 and any(_agrees(heading.text, one) for one in said):
            return heading
    names = {_folded(one) for one in said}
    return next((h for h in headings if len(h.text) > 8 and _folded(h.text) in names), None)


def _part_of(headings: Sequence[_Heading], said: Sequence[str]) -> _Heading | None:
    """A heading that is one of the parts of a title: "Site » Archive » Goats on the mole"."""
    parts = {_folded(part) for one in said for part in _CUT.split(one)[:4]} - {""}
    named = (h for h in headings if h.level == 1 or len(h.text.split()) > 1)
    return next((h for h in named if _folded(h.text) in parts), None)


def _lone(headings: Sequence[_Heading], said: Sequence[str]) -> _Heading | None:
    """The page's only h1: print and web differ in words, and search engines get others again."""
    ones = [heading for heading in headings if heading.level == 1]
    if len(ones) != 1 or len(ones[0].text.split()) < 3:
        return None
    tags = {up.tag for up in _ancestors(ones[0].node)}
    return ones[0] if "header" not in tags or tags & {"article", "main"} else None


def _with_kicker(text: str, headline: str, said: Sequence[str]) -> str:
    """With the words ahead of it that all of the head gives it: "Kenya: From below"."""
    kicker, colon, rest = headline.partition(": ")
    whole = _folded(headline)
    is_its_own = colon and _folded(rest) == _folded(text) and kicker.casefold() not in _GENRES
    return headline if is_its_own and sum(_folded(one) == whole for one in said) > 1 else text


def _whole(title: str, said: Sequence[str]) -> str:
    """Where a quotation mark in its attribute cut a title, the whole of it."""
    rests = ((one, one.removeprefix(title).lstrip()) for one in said if one.startswith(title))
    longer = [one for one, rest in rests if rest.startswith(('"', "'", "“", "„", "«"))]
    return longer[0] if longer and not title.endswith((".", "!", "?")) else title


def _said_inside(node: LexborNode, said: Set[str]) -> str:
    """A part of a heading that the head gives as the whole title: what stands round it is a kicker."""
    for child in node.css("span, a, strong, em, div, b"):
        text = markup.text_of(child)
        if len(text) > 8 and _folded(text) in said:
            return text
    return ""


def _seen(node: LexborNode) -> str:
    """A heading's words without its kicker, separators for the eye and words for the ear."""
    whole = markup.text_of(node)
    pieces: list[str] = []
    for child in node.iter(include_text=True):
        if child.tag in ("style", "script") or (child.tag != "-text" and _is_beside(child)):
            continue
        pieces.append((child.text() if child.tag == "-text" else markup.text_of(child)) or "")
    text = html_text.one_line(markup.joined(pieces)).strip(" |–—·-¶").removeprefix(": ")
    return _DATE_AHEAD.sub("", text if len(text) * 3 >= len(whole) else whole)


def _is_beside(node: LexborNode) -> bool:
    given = node.attributes
    name = given.get("class") or ""
    return given.get("aria-hidden") == "true" or bool(_KICKER.search(name) or _UNSEEN.search(name))


def _is_crumb(node: LexborNode) -> bool:
    return any(_BREADCRUMB.search(f"{key} {value or ''}") for key, value in node.attributes.items())


def _is_logo(node: LexborNode, url: str | None) -> bool:
    """The site's own name: a link to its front page, or an element named so."""
    given = node.attributes
    if _LOGO.search(f"{given.get('class') or ''} {given.get('id') or ''}"):
        return True
    link = node.css_first("a[href]")
    return link is not None and _is_front(link, url)


def _is_front(link: LexborNode, url: str | None) -> bool:
    given = link.attributes
    address = html_text.web_address(given.get("href"), url or "http://page.invalid/x")
    parts = urlsplit(address or "http://page.invalid/x")
    bare = parts.path.strip("/") in ("", "index.html", "index.php") and not parts.query
    return bare or "home" in (given.get("rel") or "").split()


def _ancestors(node: LexborNode) -> Iterator[LexborNode]:
    up = node.parent
    while up is not None:
        yield up
        up = up.parent


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
    whole = len(parts)
    while len(parts) > 1 and _squeezed(parts[-1]) in known:
        title = title[: title.rindex(parts[-1])]
        parts.pop()
    if len(parts) > 1 and _squeezed(parts[0]) in known:
        title = title[title.index(parts[0]) + len(parts[0]) :]
        title = title.lstrip(" |–—·:»-")
    stripped = " |–—·:-»" if "«" not in title else " |–—·:-"
    return _DATE_AHEAD.sub("", title.rstrip(stripped) if len(parts) < whole else title.strip())


def _squeezed(text: str) -> str:
    return re.sub(r"\W", "", text.casefold())


def _folded(text: str) -> str:
    return " ".join(re.findall(r"\w+", text.casefold()))


def _tidy(title: str) -> str:
    return html_text.one_line(title)[:500]
