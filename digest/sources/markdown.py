"""A file of Markdown as Jekyll, Hugo and their kin keep it: front matter, then the article."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import quote, urljoin

from markdown_it import MarkdownIt

from digest.errors import BadInput
from digest.model import DateSource, Image, IncomingArticle
from digest.sources import dates, front_matter, furniture, html_text

MOST_BYTES = 2_000_000
#: Hugo's own order, https://gohugo.io/configuration/front-matter/
_DATES = ("date", "publishdate", "pubdate", "published", "lastmod")
_NAME = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})[-_](.+)")
_HEADING = re.compile(r"^#\s+(.+?)\s*#*\s*$", re.MULTILINE)
_PLACEHOLDER = re.compile(r"\{\{.*?\}\}|\{%.*?%\}|\[caption[^\]]*\]|\[/caption\]", re.DOTALL)
_MARKDOWN = MarkdownIt("commonmark", {"html": True}).enable("table")


def html_of(text: str) -> str:
    """Markdown as HTML, without what only the site's own program understands."""
    rendered: str = _MARKDOWN.render(_PLACEHOLDER.sub("", text))
    return rendered


def article(
    text: str, path: str, *, now: dt.datetime, base_url: str | None
) -> IncomingArticle | None:
    """The article of a file at a path of its folder; None where it is not out. Raises BadInput.

    base_url: the site's address. An article's own `url` or `permalink` stands under it; else its
    place is taken to be base_url + the file's folder + its slug + "/".
    """
    name = PurePosixPath(path)
    facts, body = front_matter.split(text, item=path)
    published, source = _date(facts, name)
    if not _is_out(facts, name, published, now):
        return None
    url = _url(facts, name, base_url)
    said = html_text.words_of(html_of(body), url)
    title = html_text.plain(facts.get("title")) or _heading(body)
    paragraphs, captions = furniture.clean(said.paragraphs, title)
    if not title and not paragraphs:
        raise BadInput(path, "there is no article in it")
    captions.extend(furniture.credited(line) for line in said.captions)
    sections = _terms(facts, name, "categories", "category", "section")
    return IncomingArticle(
        source="",
        title=title,
        text="\n\n".join(paragraphs),
        source_id=path,
        url=url,
        authors=tuple(_texts(facts, "authors", "author")),
        section=sections[0] if sections else _folder_section(name),
        tags=(*sections[1:], *_terms(facts, name, "tags", "tag")),
        language=html_text.plain(facts.get("language") or facts.get("lang")) or None,
        teaser=html_text.plain(_first(facts, "description", "excerpt", "summary")) or None,
        published_at=published,
        date_source=source,
        image=_image(facts, url or base_url)
        or (Image(said.image, said.image_alt) if said.image else None),
        captions=tuple(captions),
    )


def _url(facts: Mapping[str, Any], name: PurePosixPath, base_url: str | None) -> str | None:
    own = _first(facts, "url", "permalink", "canonical_url")
    if isinstance(own, str) and ":" not in own.removeprefix("https:").removeprefix("http:"):
        return html_text.web_address(own, base_url)
    return urljoin(base_url, quote(_place(facts, name)) + "/") if base_url else None


def _place(facts: Mapping[str, Any], name: PurePosixPath) -> str:
    """The path of an article without an address of its own: its folder and its slug."""
    parts = [part for part in name.parent.parts if part not in ("_posts", "content", "posts")]
    stem = name.stem
    if stem in ("index", "_index") and parts:
        stem = parts.pop()
    dated = _NAME.fullmatch(stem)
    slug = html_text.plain(facts.get("slug")) or (dated[4] if dated else stem)
    return "/".join([*parts, slug.strip("/")])


def _date(facts: Mapping[str, Any], name: PurePosixPath) -> tuple[dt.datetime | None, DateSource]:
    """From the front matter, else from the file's name, else none."""
    for key in _DATES:
        found = dates.of(facts.get(key))
        if found:
            return found, DateSource.SOURCE
    for part in (name.stem, name.parent.name):
        dated = _NAME.fullmatch(part)
        try:
            if dated:
                day = dt.datetime(int(dated[1]), int(dated[2]), int(dated[3]), 12, tzinfo=dt.UTC)
                return day, DateSource.FILE_NAME
        except ValueError:
            continue
    return None, DateSource.NONE


def _is_out(
    facts: Mapping[str, Any], name: PurePosixPath, published: dt.datetime | None, now: dt.datetime
) -> bool:
    """Neither a draft, nor expired, nor to be published later."""
    draft = facts.get("draft") is True or facts.get("published") is False
    opens, closes = (
        dates.of(facts.get("publishdate")) or published,
        dates.of(facts.get("expirydate")),
    )
    shelved = "_drafts" in name.parts or name.stem in ("_index", "README")
    early = opens is not None and opens > now
    return not (draft or shelved or early or (closes is not None and closes <= now))


def _first(facts: Mapping[str, Any], *keys: str) -> Any:
    return next((facts[key] for key in keys if facts.get(key)), None)


def _texts(facts: Mapping[str, Any], *keys: str) -> list[str]:
    """The texts under the first of these keys that has any: a list, or one text."""
    found = _first(facts, *keys)
    many = found if isinstance(found, list) else [found]
    return list(dict.fromkeys(filter(None, _names(many))))


def _terms(facts: Mapping[str, Any], name: PurePosixPath, *keys: str) -> list[str]:
    """Categories or tags. In Jekyll's files, known by their dated names, one text under a plural is a list.

    https://jekyllrb.com/docs/front-matter/#predefined-variables-for-posts
    """
    found = _first(facts, *keys)
    plural = isinstance(found, str) and found == facts.get(keys[0])
    if not plural or not _NAME.fullmatch(name.stem):
        return _texts(facts, *keys)
    parts = found.split(",") if "," in found else found.split()
    return list(dict.fromkeys(filter(None, map(html_text.plain, parts))))


def _names(many: list[Any]) -> Iterator[str]:
    for one in many:
        value = one.get("name") if isinstance(one, dict) else one
        yield html_text.plain(str(value)) if isinstance(value, str | int) else ""


def _image(facts: Mapping[str, Any], base: str | None) -> Image | None:
    found = _first(facts, "image", "images", "cover", "thumbnail", "featured_image")
    found = found[0] if isinstance(found, list) else found
    alt = facts.get("image_alt")
    if isinstance(found, dict):
        alt = found.get("alt") or alt
        found = _first(found, "url", "src", "path", "image")
    address = html_text.web_address(found, base)
    return Image(address, html_text.plain(alt)) if address else None


def _heading(body: str) -> str:
    found = _HEADING.search(body)
    return html_text.plain(found[1]) if found else ""


def _folder_section(name: PurePosixPath) -> str | None:
    """The first folder, where files lie in folders by section as Hugo's do."""
    parts = [part for part in name.parent.parts if not part.startswith("_")]
    return parts[0] if len(parts) > 0 and parts[0] not in ("content", "posts", "post") else None
