"""Who wrote a page's article: people first, the house where it alone signs.

Order of belief: JSON-LD, meta elements, elements made for a byline, the lines beside the headline.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from urllib.parse import urlsplit

from selectolax.lexbor import LexborNode

from digest.sources import html_text, linked_data, markup
from digest.sources.markup import Markup

_METAS = (
    "author",
    "article:author",
    "og:article:author",
    "parsely-author",
    "dc.creator",
    "dc:creator",
    "dcterms.creator",
    "byl",
    "sailthru.author",
    "cxenseparse:author",
    "dcsext.author",
)
_BYLINES = (
    "[itemprop=author] [itemprop=name]",
    "[rel=author]",
    ".author .fn, .vcard .fn, .fn.author",
    "[itemprop=author]",
    "[class*=byline] a, [class*=byline__name], [class*=byline-name], [class*=author-name], [class*=author__name], [class*=authorName]",
    "[class*=author] a, [class*=autor] a, [class*=auteur] a, [class*=Author] a, [class*=byline]",
    "a[href*='/author/'], a[href*='/authors/'], a[href*='/autor/'], a[href*='/autoren/'], a[href*='/auteur/'], a[href*='/staff/'], "
    "a[href*='/people/'], a[href*='/profile/'], a[href*='/contributor'], a[href*='/redacteur/'], a[href*='/reporter']",
    ".author, .author-name, .article-author, .post-author, .entry-author, .story-author, .writer, .autor, .auteur, "
    "[class$=__author], [class$=-author], [class*='__author '], [class*='-author ']",
)
_AND = re.compile(r"\s*(?:[,;|/•、，]|\s(?:and|und|et|y|e|en|och|og|&|with)\s)\s*")
_BY_WORDS = (
    r"(?:(?:written|reported|posted|published|story|text|words|article|blog beitrag|erstellt|eingestellt|verfasst|geschrieben|"
    r"publié|écrit|escrito|publicado|scritto|pubblicato|geplaatst|skrevet|skriven) )?"
    r"(?:by|von|par|por|di|da|door|av|af|przez|od)|"
    r"text|words|interview|autor(?:in)?(?:/autor(?:in)?)?|autoren|auteur|author|authors|writer|reporter|redaktion|redactie|quelle|fuente|fonte|source"
)
_BY = re.compile(rf"^(?:{_BY_WORDS})\s*[:：]?\s+", re.IGNORECASE)
#: A line that begins so is a byline: a word for it, then a name with capital letters.
_BYLINE = re.compile(
    rf"^(?i:{_BY_WORDS})\s*[:：]?\s+(?=[^\W\d_a-zß-ÿ])|^[(（]?(?:责编|責任編集|记者|記者|文|撰文|作者)\s*[:：/]\s*"
)
_NO_NAME = re.compile(
    r"@|https?:|www\.|\d{3}|_|^\d+ |^(?:twitter|facebook|instagram|linkedin|youtube|profile|people|home|blog|news|website|rss|e-?mail)$|^(?:no author|anonymous|unknown|wordpress ?admin|(?:wp|site)?-?admin\w*|root|user|null|none|undefined)$"
    r"|^(?:staff|editor(?:s|ial)?|editorial (?:team|staff)|news ?desk|webmaster|author|guest|contributor|reporter|correspondent)s?$"
    r"|\b(?:redaktion|redacción|rédaction|redazione|redactie|redaksjonen|redaktionen|staff (?:reporter|writer|report)s?|news staff)\b"
    r"|^(?:more|all|view|see|show|read|follow|about|email|contact|share|zeige|alle|mehr|voir|ver|tutti)\b",
    re.IGNORECASE,
)
#: "View all posts by Ann Ferris": what stands before the name, in a link's words.
_LINK_WORDS = re.compile(
    r"^(?:view|see|show|read|more|all|zeige|alle|mehr|weitere|voir|tous|ver|todos|tutti|bekijk)\b.*?\b(?:by|from|von|par|de|di|por|van)\s+",
    re.I,
)
_SITE = re.compile(r"\s*\((?:www\.)?[\w-]+\.\w{2,6}\)$")
_JOB = re.compile(r"\s+(?:[|–—]|-\s).*$|\s*\([^)]*\)$")
#: Where a byline's names end: a date, a time, a job.
_END = re.compile(
    r"\s+(?:am|on|le|el|il|op|den|published|updated|posted|at)\s+(?=\S*\d|(?:mon|tue|wed|thu|fri|sat|sun|mo|di|mi|do|fr|sa|so)[a-z]*\b).*$"
    r"|\s*(?:[|•·]|\s[–—-]\s).*$|\s+\S*\d.*$|[,.]\s+(?:updated|published|posted).*$|\s+(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]*\.?\s+\d.*$",
    re.IGNORECASE,
)
_LED = re.compile(
    r"(?<=\S)\s+(?:on|am|at|le|el|il|op|den|published|updated|posted)$", re.IGNORECASE
)
#: News agencies, as they sign beside people and for them.
_AGENCIES = frozenset(
    [
        "associated press",
        "the associated press",
        "ap",
        "reuters",
        "afp",
        "agence france-presse",
        "dpa",
        "apa",
        "ansa",
        "efe",
        "epd",
        "kna",
        "sda",
        "keystone-sda",
        "bloomberg",
        "bloomberg news",
        "upi",
        "tass",
        "interfax",
        "xinhua",
        "kyodo",
        "jiji",
        "yonhap",
        "pti",
        "ani",
        "ians",
        "aap",
        "pa",
        "pa media",
        "press association",
        "belga",
        "ntb",
        "tt",
        "ritzau",
        "stt",
        "lusa",
        "europa press",
        "agencia efe",
        "agenturen",
        "agencies",
        "wire reports",
        "news wire",
        "newswire",
    ]
)
_LABELS = re.compile(
    r"^(?:written by|verfasst von|geschrieben von|écrit par|rédigé par|escrito por|scritto da|geschreven door|skrevet av|skriven av|napisane przez)",
    re.IGNORECASE,
)
_MOST = 10


def authors_of(
    page: Markup, site: str, url: str | None, headline: LexborNode | None
) -> tuple[str, ...]:
    """Names, each once. The publisher signs only where no person does."""
    houses = _houses(page, site, url)
    declared: list[str] = []
    for given in _ways(page, headline):
        names = list(dict.fromkeys(name for raw in given for name in _names(raw, houses)))
        people = [name for name in names if _key(name) not in houses]
        if people:
            return tuple(people[:_MOST])
        declared.extend(names)
    return tuple(dict.fromkeys(declared))[:2]


def _ways(page: Markup, headline: LexborNode | None) -> Iterator[list[str]]:
    """What each way says, in order of belief."""
    for key in ("author", "creator"):
        yield [linked_data.text(one) for one in linked_data.many(page.data.get(key))]
    yield [value for name in _METAS for value in page.metas.get(name, ())]
    yield list(_labelled(page))
    for selector in _BYLINES:
        yield list(_texts(page, selector))
    if headline is not None:
        yield list(_lines(page, headline))


def _houses(page: Markup, site: str, url: str | None) -> frozenset[str]:
    """The publisher's names, and its host's."""
    publisher = linked_data.text(page.data.get("publisher"))
    host = (urlsplit(url).hostname or "").removeprefix("www.") if url else ""
    names = [site, publisher, page.meta("publisher", "article:publisher", "copyright"), host]
    names += [host.rsplit(".", 1)[0], f"www.{host}"]
    return frozenset(key for name in names if (key := _key(name)))


def _labelled(page: Markup) -> Iterator[str]:
    """WordPress's plugins put "Written by" and the name into meta elements for cards."""
    for number in ("1", "2"):
        if _LABELS.match(page.meta(f"twitter:label{number}")):
            yield page.meta(f"twitter:data{number}")


def _texts(page: Markup, selector: str) -> Iterator[str]:
    """The words of elements made for a byline, without those in readers' comments and lists of articles.

    Only the first and those beside it: further down other articles' authors stand.
    """
    first = None
    for node in page.page.css(selector)[:12]:
        text = node.attributes.get("content") or markup.text_of(node)
        if not text or len(text) > 120 or page.is_aside(node) or not _is_own_link(node, text):
            continue
        place = _place_of(node)
        first = place if first is None else first
        if place == first or place & first:
            yield _without_end(_LINK_WORDS.sub("", text))


def _without_end(text: str) -> str:
    """A byline up to where its names end, and without the word that led to what stood there."""
    return _LED.sub("", _END.sub("", text))


def _place_of(node: LexborNode) -> set[int]:
    """The elements right round a node."""
    found: set[int] = set()
    up = node.parent
    while up is not None and len(found) < 3 and up.tag not in ("body", "article", "main"):
        found.add(up.mem_id)
        up = up.parent
    return found


def _is_own_link(node: LexborNode, text: str) -> bool:
    """True for a link whose address has a word of the name: "/staff/ann-ferris"; and for what is no link."""
    href = (node.attributes.get("href") or "").casefold()
    if node.tag != "a" or not href or node.attributes.get("rel"):
        return True
    ascii_name = unicodedata.normalize("NFKD", text.casefold()).encode("ascii", "ignore").decode()
    words = re.findall(r"\w{3,}", ascii_name)
    return not words or any(word in href for word in words)


def _lines(page: Markup, headline: LexborNode) -> Iterator[str]:
    """Lines beside the headline that begin as bylines do."""
    before, after = markup.lines_beside(headline)
    for line in (*after, *reversed(before)):
        if len(line) <= 120 and _BYLINE.match(line):
            yield _without_end(_BYLINE.sub("", line)).strip("()（） ")
            return


def _names(raw: str, houses: Iterable[str]) -> Iterator[str]:
    """The names in a byline, without addresses and jobs."""
    if re.match(r"https?:|www\.", raw.strip()):
        return
    whole = _LINK_WORDS.sub("", _BY.sub("", html_text.plain(raw))).strip(" .:-–—")
    whole = _SITE.sub("", whole)
    if _key(whole) in houses:
        yield whole
        return
    parts = _AND.split(whole)
    if len(parts) > 1 and "," in whole:
        parts = [part for part in parts if _key(part) not in _AGENCIES] or parts
    for part in parts:
        name = _JOB.sub("", _BY.sub("", part)).strip(" .:-–—")
        if 2 <= len(name) <= 60 and len(name.split()) <= 6 and not _NO_NAME.search(name):
            yield name


def _key(name: str) -> str:
    return " ".join(re.findall(r"[\w.]+", name.casefold())).strip(".")


def is_byline(line: str) -> bool:
    """True for a line that begins as a byline does and says little else."""
    return (
        len(line) <= 120 and bool(_BYLINE.match(line)) and not line.endswith((".", "!", "?", ":"))
    )
