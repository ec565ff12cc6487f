"""Bytes of a feed to a `ParsedFeed`: feedparser for RSS and Atom, our own reader for JSON Feed.

feedparser's own sanitiser and resolver are off: slow on hostile input
(https://github.com/kurtmckee/feedparser/issues/209); nh3 and `html_text` do both.
"""

from __future__ import annotations

import calendar
import datetime as dt
import io
import re
import warnings
from collections.abc import Iterator, Mapping
from html import unescape
from time import struct_time
from typing import Any

import feedparser
from feedparser.namespaces import mediarss
from pydantic import TypeAdapter

from digest.errors import BadInput
from digest.sources import dates, html_text, json_feed
from digest.sources.parsed_feed import ParsedEntry, ParsedFeed

#: No feed of a news site holds more; the rest is cut off.
MOST_ENTRIES = 5_000
# feedparser takes a picture's `media:description` for the entry's own text, and where it is longer than
# the entry's description it would stand in for the article. Without these it is kept apart, by its name.
for _name in ("_start_media_description", "_end_media_description"):
    if hasattr(mediarss.Namespace, _name):
        delattr(mediarss.Namespace, _name)
_MAIL = re.compile(r"[^\s()<>]+@[^\s()<>]+")
_TAG = re.compile(r"<[a-zA-Z/!?][^<>]*>")
_ACTS = re.compile(r"<\s*(?:script|style|iframe|object|!--)", re.IGNORECASE)
_SHORT = 20_000

_ANSWER = TypeAdapter(ParsedFeed)


def answer(data: bytes, *, url: str | None, content_type: str | None) -> bytes:
    """`read` as JSON, for the child process."""
    return _ANSWER.dump_json(read(data, url=url, content_type=content_type))


def read(data: bytes, *, url: str | None = None, content_type: str | None = None) -> ParsedFeed:
    """A feed of any kind. Raises BadInput where the bytes are none."""
    if data.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"{":
        return json_feed.read(data, url=url)
    headers = {"content-type": content_type or "application/xml"}
    if url:
        headers["content-location"] = url
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # feedparser's own, on keys that it renames
        found = feedparser.parse(
            io.BytesIO(data),
            response_headers=headers,
            sanitize_html=False,
            resolve_relative_uris=False,
        )
        if not found.entries and not found.get("version") and not found.feed.get("title"):
            raise BadInput(url or "feed", _why(found))
        entries = tuple(_entry(entry, url) for entry in found.entries[:MOST_ENTRIES])
        return _feed(found.feed, entries, url)


def _why(found: Mapping[str, Any]) -> str:
    fault = found.get("bozo_exception")
    return f"no feed: {fault}"[:300] if fault else "no feed"


def _feed(
    given: Mapping[str, Any], entries: tuple[ParsedEntry, ...], url: str | None
) -> ParsedFeed:
    return ParsedFeed(
        title=html_text.plain(given.get("title")),
        link=html_text.link_as_given(given.get("link") or _alternate(given), url),
        description=_html(given, "subtitle", url),
        language=given.get("language") or None,
        entries=entries,
    )


def _alternate(given: Mapping[str, Any]) -> str | None:
    """The site's address where an RSS channel has it as an Atom link alone."""
    links = (link for link in given.get("links") or () if link.get("rel") == "alternate")
    return next((link.get("href") for link in links), None)


def _entry(given: Mapping[str, Any], url: str | None) -> ParsedEntry:
    base = html_text.web_address(_detail(given, "title").get("base"), url) or url
    image, weight = next(_pictures(given, base), (None, None))
    return ParsedEntry(
        id=html_text.one_line(str(given["id"])) or None if given.get("id") else None,
        title=_title(given),
        url=_link(given, base),
        authors=tuple(_authors(given)),
        byline=html_text.plain(given.get("author")),
        published=_moment(given, "published_parsed") or _moment(given, "created_parsed"),
        updated=_moment(given, "updated_parsed"),
        summary=_html(given, "summary", url) or html_text.from_plain(_said_of_media(given)),
        content=_content(given, url),
        comments=_count(given.get("slash_comments")),
        tags=tuple(_tags(given, "label", "term")),
        terms=tuple(_tags(given, "term")),
        language=_language(given),
        image=image,
        image_bytes=weight,
    )


def _title(given: Mapping[str, Any]) -> str:
    """A title said to be plain text is one: its `<` and `&` are meant."""
    title = given.get("title")
    if _detail(given, "title").get("type") == "text/plain" and isinstance(title, str):
        return html_text.one_line(title)
    return html_text.plain(title)


def _link(given: Mapping[str, Any], base: str | None) -> str | None:
    link = html_text.link_as_given(given.get("link"), base)
    if link is None and given.get("guidislink"):
        link = html_text.web_address(given.get("id"), base)
    return link


def _authors(given: Mapping[str, Any]) -> Iterator[str]:
    """Names without mail addresses; each once.

    A single author is read from the text as written: feedparser cuts addresses with long endings.
    """
    seen: set[str] = set()
    people = [person.get("name") for person in given.get("authors") or () if person]
    for raw in people if len(people) > 1 else [given.get("author")]:
        name = html_text.one_line(_MAIL.sub(" ", html_text.plain(raw))).strip(" ()<>,;")
        if name and name.casefold() not in seen:
            seen.add(name.casefold())
            yield name


def _moment(given: Mapping[str, Any], key: str) -> dt.datetime | None:
    """feedparser gives UTC; the text tells the zone. `dict.get`: its own lends one date to another's name."""
    if not isinstance(given, dict):
        return None
    found = dict.get(given, key)
    if not isinstance(found, struct_time):
        return None
    try:
        moment = dates.of(dt.datetime.fromtimestamp(calendar.timegm(found), dt.UTC))
    except (ValueError, OverflowError, OSError):
        return None
    told = dates.stated(str(dict.get(given, key.removesuffix("_parsed")))[:60])
    return told if told and told == moment else moment


def _detail(given: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    return given.get(f"{key}_detail") or {}


def _html(given: Mapping[str, Any], key: str, url: str | None) -> str:
    return _shown(given.get(key), _detail(given, key), given, url)


def _content(given: Mapping[str, Any], url: str | None) -> str:
    """The longest of the entry's contents that are text."""
    parts = [part for part in given.get("content") or () if _is_text(part.get("type"))]
    return max((_shown(part.get("value"), part, given, url) for part in parts), key=len, default="")


def _is_text(media_type: str | None) -> bool:
    return not media_type or media_type.startswith("text/") or "html" in media_type


def _shown(
    value: object, detail: Mapping[str, Any], given: Mapping[str, Any], url: str | None
) -> str:
    """Harmless HTML of a value; its links stand against xml:base, else the entry's link, else the feed."""
    if not isinstance(value, str):
        return ""
    base = detail.get("base") or url
    if base == url:
        base = html_text.web_address(given.get("link"), url) or url
    if detail.get("type") == "text/plain":
        value = html_text.from_plain(value)
    return html_text.clean(value, base).strip() or html_text.from_plain(_without_tags(value))


def _without_tags(value: str) -> str:
    """What stands between the tags of an HTML text of which nothing could be kept: a drawing, a bare `<!`."""
    if len(value) > _SHORT or _ACTS.search(value):
        return ""
    return unescape(_TAG.sub(" ", value))


def _count(given: object) -> int | None:
    text = str(given).strip() if given is not None else ""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None


def _said_of_media(given: Mapping[str, Any]) -> str:
    """A video's description, where the entry has none of its own."""
    return html_text.plain(given.get("media_description"))


def _tags(given: Mapping[str, Any], *keys: str) -> Iterator[str]:
    """Each tag once, by the first of these keys that it has."""
    seen: set[str] = set()
    for tag in given.get("tags") or ():
        name = html_text.plain(next((tag[key] for key in keys if tag.get(key)), None))
        if name and name not in seen:
            seen.add(name)
            yield name


def _language(given: Mapping[str, Any]) -> str | None:
    details = [*(given.get("content") or ()), _detail(given, "summary"), _detail(given, "title")]
    found: list[str] = [d["language"] for d in details if d.get("language")]
    return given.get("language") or (found[0] if found else None)


def _weight(media: Mapping[str, Any]) -> int | None:
    """A picture's bytes; feeds write 0 or 1 where they do not know."""
    told = _count(media.get("filesize") or media.get("length"))
    return told if told and told > 1 else None


def _pictures(given: Mapping[str, Any], base: str | None) -> Iterator[tuple[str, int | None]]:
    """The entry's own pictures and their bytes, the best first: media RSS, else an enclosure of that kind."""
    for media in (*(given.get("media_content") or ()), *(given.get("links") or ())):
        kind = str(media.get("type") or media.get("medium") or "")
        is_link = "href" in media and media.get("rel") != "enclosure"
        address = html_text.web_address(media.get("url") or media.get("href"), base)
        if kind.startswith("image") and address and not is_link:
            yield address, _weight(media)
    for thumb in given.get("media_thumbnail") or ():
        if address := html_text.web_address(thumb.get("url"), base):
            yield address, None
