"""WordPress exports (WXR 1.0 to 1.2): RSS with WordPress's own fields, each item read by itself.

The file is cut at its items without parsing it, so that one broken item costs no other and a file of
hundreds of megabytes needs no tree. Elements are matched by their local names: the version stands in
the namespace, and many programs that write these files leave namespaces out.
"""

from __future__ import annotations

import datetime as dt
import re
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from html.entities import html5

from lxml import etree

from digest.errors import BadInput
from digest.model import Image, IncomingArticle
from digest.sources import dates, html_text, post_meta, posts
from digest.sources.items import Item, Items

_TOKEN = re.compile(rb"<!\[CDATA\[|\]\]>|<!--|-->|<item[\s>]|</item\s*>")
_ROOT = re.compile(rb"<rss\b[^<>]{0,5000}>")
_ENCODING = re.compile(rb"<\?xml[^<>]{0,200}?encoding\s*=\s*[\"']([\w.:-]{2,40})")
_ATTACHED = re.compile(rb"attachment_url>\s*(?:<!\[CDATA\[)?\s*([^\s<\]]{1,2000})")
_POST_ID = re.compile(rb"post_id>\s*(?:<!\[CDATA\[)?\s*(\d{1,20})")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_ENTITY = re.compile(r"&(?!(?:amp|lt|gt|quot|apos|#\d{1,7}|#x[0-9a-fA-F]{1,6});)(\w{1,40};)?")
_MARKS = (b"wordpress.org/export", b"wxr_version", b"wp:post_type", b"<wp:status")
_PING = frozenset({"pingback", "trackback"})
#: Items in one file; a larger one is taken for an attack.
MOST_ITEMS = 500_000


def is_one(head: bytes) -> bool:
    """Whether a file that begins so is a WordPress export."""
    return b"<rss" in head and any(mark in head for mark in _MARKS)


@dataclass(frozen=True, slots=True)
class _Site:
    """What stands once in a file: its root element, its authors by login, pictures by their number."""

    root: bytes
    encoding: str
    language: str | None = None
    authors: Mapping[str, str] = field(default_factory=dict)
    pictures: Mapping[str, str] = field(default_factory=dict)


def items(files: Mapping[str, bytes], *, now: dt.datetime) -> Items:
    """The items of one export, which may come in several files that share authors and pictures."""
    cut = {name: _cut(_in_utf8(data)) for name, data in files.items()}
    pictures = dict(pair for _, slices in cut.values() for pair in _pictures(slices))
    sites = {name: _site(head, pictures) for name, (head, _) in cut.items()}
    authors = {login: name for site in sites.values() for login, name in site.authors.items()}
    broken = [
        Item(name, partial(_whole, files[name])) for name, (_, slices) in cut.items() if not slices
    ]
    return broken + [
        Item(
            f"{name}: item {number}",
            partial(_article, one, _with_authors(sites[name], authors), now),
        )
        for name, (_, slices) in cut.items()
        for number, one in enumerate(slices, 1)
    ]


def _whole(data: bytes) -> None:
    """A file without an item may be a site without a post; else it is told. Raises BadInput."""
    try:
        etree.fromstring(data, etree.XMLParser(resolve_entities=False, no_network=True))
    except etree.XMLSyntaxError as error:
        raise BadInput("export", f"holds no item, and is no valid XML: {error.msg}") from error


def _with_authors(site: _Site, authors: Mapping[str, str]) -> _Site:
    return _Site(site.root, site.encoding, site.language, authors, site.pictures)


def _in_utf8(data: bytes) -> bytes:
    """A file in two bytes a letter, brought to one that can be cut."""
    if not data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data
    text = data.decode("utf-16", "replace")
    return re.sub(r"encoding\s*=\s*[\"'][\w.:-]+[\"']", "", text, count=1).encode()


def _cut(data: bytes) -> tuple[bytes, list[bytes]]:
    """What stands before the first item, and the items, each from its first to its last sign."""
    starts: list[int] = []
    ends: list[int] = []
    inside = b""
    for token in _TOKEN.finditer(data):
        what = token[0]
        if what in (b"<![CDATA[", b"<!--"):
            inside = inside or what
        elif what in (b"]]>", b"-->"):
            inside = b"" if inside and (what == b"]]>") == (inside == b"<![CDATA[") else inside
        elif not inside and what.startswith(b"</"):
            ends.append(token.end())
        elif not inside and len(starts) < MOST_ITEMS:
            starts.append(token.start())
    if not starts:
        return data, []
    stops = [*starts[1:], len(data)]
    closed = [_last_before(ends, stop) or stop for stop in stops]
    slices = [
        data[start : max(start, end) if end > start else stop]
        for start, end, stop in zip(starts, closed, stops, strict=True)
    ]
    return data[: starts[0]], slices


def _last_before(ends: list[int], stop: int) -> int:
    """The last end at or before `stop`; 0 where there is none. `ends` rise."""
    place = bisect_right(ends, stop)
    return ends[place - 1] if place else 0


def _pictures(slices: list[bytes]) -> Iterator[tuple[str, str]]:
    for one in slices:
        address, number = _ATTACHED.search(one), _POST_ID.search(one)
        if address and number:
            yield number[1].decode(), address[1].decode("utf-8", "replace").replace("&amp;", "&")


def _site(head: bytes, pictures: Mapping[str, str]) -> _Site:
    root, named = _ROOT.search(head), _ENCODING.search(head)
    site = _Site(root[0] if root else b"<rss>", named[1].decode() if named else "utf-8")
    inner = head[root.end() :] if root else b""
    try:
        tree = _tree(inner.replace(b"<channel>", b"", 1), site)
    except BadInput:
        return _Site(site.root, site.encoding, pictures=pictures)
    language = next((_text(one) for one in tree if _local(one) == "language"), None)
    return _Site(site.root, site.encoding, language, dict(_authors(tree)), pictures)


def _authors(tree: etree._Element) -> Iterator[tuple[str, str]]:
    for one in tree:
        if _local(one) == "author":
            said = {_local(part): _text(part) for part in one}
            names = (said.get("author_display_name"), said.get("author_login"))
            name = next((name for name in names if name and "@" not in name), "")
            yield said.get("author_login", ""), name


def _tree(part: bytes, site: _Site) -> etree._Element:
    """A part of the file as it stands; else mended as little as it needs. Raises BadInput."""
    text = _decoded(part, site.encoding)
    root = _decoded(site.root, site.encoding)
    for mended, recover in ((text, False), (_mended(text), False), (_mended(text), True)):
        parser = etree.XMLParser(
            resolve_entities=False,
            no_network=True,
            load_dtd=False,
            recover=recover,
            remove_comments=True,
            remove_pis=True,
        )
        try:
            tree = etree.fromstring(f"{root}{mended}</rss>".encode(), parser)
        except etree.XMLSyntaxError as error:
            fault = error
            continue
        if tree is not None:
            return tree
    raise BadInput("item", f"is no valid XML: {fault.msg}") from fault


def _decoded(data: bytes, encoding: str) -> str:
    try:
        return data.decode(encoding)
    except (UnicodeDecodeError, LookupError):
        return data.decode("utf-8", "replace")


def _mended(text: str) -> str:
    """Without signs that XML forbids; a bare `&` is one, and HTML's names of signs are known."""

    def sign(found: re.Match[str]) -> str:
        known = html5.get(found[1] or "")
        return known if known and known not in "<>&" else "&amp;" + (found[1] or "")

    pieces = re.split(r"(<!\[CDATA\[.*?\]\]>)", _CONTROL.sub("", text), flags=re.DOTALL)
    return "".join(
        piece if piece.startswith("<![CDATA[") else _ENTITY.sub(sign, piece) for piece in pieces
    )


def _local(element: etree._Element) -> str:
    """An element's name without namespace or prefix."""
    tag = element.tag
    return tag.rpartition("}")[2].rpartition(":")[2] if isinstance(tag, str) else ""


def _text(element: etree._Element) -> str:
    return "".join(str(part) for part in element.itertext()).strip()


def _article(part: bytes, site: _Site, now: dt.datetime) -> IncomingArticle | None:
    """The article of an item; None for what is no post, or not out. Raises BadInput."""
    tree = _tree(part, site)
    element = tree[0] if len(tree) else tree
    said: defaultdict[str, list[etree._Element]] = defaultdict(list)
    for child in element:
        said[_qualified(child)].append(child)
    facts = {name: _text(found[0]) for name, found in said.items()}
    if "status" not in facts:
        raise BadInput(facts.get("title", ""), "does not say whether it is published")
    if facts.get("post_type", "post") != "post" or facts["status"] != "publish":
        return None
    if facts.get("post_password"):
        raise BadInput(facts.get("title", ""), "is behind a password")
    published = _published(facts)
    if published and published > now:
        return None
    return posts.article(_post(facts, said, site, published))


def _qualified(element: etree._Element) -> str:
    """The local name; `encoded` stands under two namespaces, and which one matters."""
    name = _local(element)
    excerpt = "excerpt" in str(element.tag).lower()
    return ("excerpt" if excerpt else "content") if name == "encoded" else name


def _published(facts: Mapping[str, str]) -> dt.datetime | None:
    """UTC as stated; a program without it (many zeros) leaves the RSS date, or the site's own clock."""
    for name in ("post_date_gmt", "pubDate", "post_date"):
        text = facts.get(name, "")
        found = None if text.startswith("0000") or "-0001" in text else dates.moment(text)
        if found:
            return found
    return None


def _post(
    facts: Mapping[str, str],
    said: Mapping[str, list[etree._Element]],
    site: _Site,
    published: dt.datetime | None,
) -> posts.Post:
    fields = dict(_fields(said.get("postmeta", ())))
    picture = html_text.web_address(site.pictures.get(fields.get("_thumbnail_id", "")))
    terms = [(one.get("domain"), _text(one)) for one in said.get("category", ())]
    comments = [_comment(one) for one in said.get("comment", ())]
    counted = [stars for is_counted, stars in comments if is_counted]
    return posts.Post(
        id=facts.get("guid") or facts.get("post_id") or None,
        title=facts.get("title", ""),
        html=facts.get("content", ""),
        url=facts.get("link") or None,
        authors=_names(facts, terms, site),
        sections=tuple(name for domain, name in terms if domain in (None, "category")),
        tags=tuple(name for domain, name in terms if domain in ("post_tag", "tag")),
        teaser=facts.get("excerpt", ""),
        published=published,
        image=Image(picture) if picture else None,
        language=site.language,
        engagement=post_meta.engagement(
            fields, comments=len(counted), stars=[stars for stars in counted if stars]
        ),
    )


def _names(
    facts: Mapping[str, str], terms: list[tuple[str | None, str]], site: _Site
) -> tuple[str, ...]:
    """Co-authors where the plugin keeps them as terms, else the login's shown name; never an address."""
    several = [site.authors.get(name) or name for domain, name in terms if domain == "author"]
    login = facts.get("creator", "")
    name = site.authors.get(login) or login
    return tuple(one for one in dict.fromkeys(several or [name]) if one and "@" not in one)


def _fields(found: list[etree._Element] | tuple[()]) -> Iterator[tuple[str, str]]:
    for one in found:
        said = {_local(part): _text(part) for part in one}
        yield said.get("meta_key", ""), said.get("meta_value", "")


def _comment(element: etree._Element) -> tuple[bool, str]:
    """Whether a reader's comment is shown on the page, and its stars. Who wrote it is not read."""
    said = {_local(part): _text(part) for part in element if _local(part) != "commentmeta"}
    shown = said.get("comment_approved") == "1" and said.get("comment_type", "") not in _PING
    fields = dict(_fields([part for part in element if _local(part) == "commentmeta"]))
    return shown, fields.get("rating", "")
