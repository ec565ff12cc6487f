"""Posts as Ghost keeps them: in an export of any version, or as its Content API tells them.

https://ghost.org/docs/content-api/#posts. An export holds keys and password hashes: of it only posts,
their tags and their authors' names are read.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any
from urllib.parse import quote, urljoin

from digest.errors import BadInput
from digest.model import Image, IncomingArticle
from digest.sources import dates, html_text, posts
from digest.sources.items import Item, Items

#: What Ghost writes for the site's own address in an export.
_SITE = "__GHOST_URL__"
#: What comes after it is for members.
_WALL = "<!--members-only-->"
Row = Mapping[str, Any]


def is_one(given: object) -> bool:
    """Whether a JSON value is an export, or an answer of the Content API."""
    return _tables(given) is not None


def items(given: object, *, now: dt.datetime, base_url: str | None) -> Items:
    """The posts of an export or a saved answer. base_url: the site's address, which no export holds."""
    tables = _tables(given) or {}
    people, tags = _people(tables), _tags(tables)
    return [
        Item(
            str(row.get("title") or f"post {number}"),
            partial(
                article,
                row,
                authors=people[str(row.get("id"))] or people[f"user {row.get('author_id')}"],
                tags=tags[str(row.get("id"))],
                base_url=base_url,
                now=now,
            ),
        )
        for number, row in enumerate(_rows(tables, "posts"), 1)
    ]


def article(
    row: Row,
    *,
    now: dt.datetime,
    authors: list[str] | None = None,
    tags: list[str] | None = None,
    base_url: str | None = None,
) -> IncomingArticle | None:
    """The article of a post; None for a page, or one that is not out.

    Of a post that is not public the part before the members' wall is taken, or its excerpt.
    """
    is_page = row.get("page") in (1, True) or row.get("type", "post") not in ("post", None)
    if is_page or row.get("status", "published") != "published":
        return None
    published = _moment(row.get("published_at"))
    if published and published > now:
        return None
    names = authors or [_text(one.get("name")) for one in _rows(row, "authors")]
    words = tags or [_text(one.get("name")) for one in _rows(row, "tags")]
    return posts.article(_post(row, names, words, published, base_url=base_url))


def _post(
    row: Row,
    authors: list[str],
    tags: list[str],
    published: dt.datetime | None,
    *,
    base_url: str | None,
) -> posts.Post:
    site = (base_url or "").rstrip("/")
    url = _address(row, base_url)
    whole = _text(row.get("html")) or html_text.from_plain(_text(row.get("plaintext")))
    before, wall, _ = whole.replace(_SITE, site).partition(_WALL)
    open_to_all = row.get("visibility") in (None, "", "public")
    shown = [tag for tag in tags if not tag.startswith("#")]  # Ghost's own marks are no tags
    picture = _text(row.get("feature_image") or row.get("image")).replace(_SITE, site)
    image = html_text.web_address(picture, base_url)
    return posts.Post(
        id=str(row["id"]) if row.get("id") is not None else None,
        title=html_text.from_plain(_text(row.get("title"))),
        html=whole.replace(_SITE, site) if open_to_all else before,
        url=url,
        authors=tuple(authors),
        sections=tuple(shown[:1]),
        tags=tuple(shown[1:]),
        teaser=_text(
            row.get("custom_excerpt") or row.get("excerpt") or row.get("meta_description")
        ),
        published=published,
        image=Image(image, html_text.plain(row.get("feature_image_alt"))) if image else None,
        public=open_to_all or bool(wall),
    )


def _address(row: Row, base_url: str | None) -> str | None:
    """Its own address, else the one that Ghost gives it by default: the site's and the slug."""
    told = html_text.web_address(row.get("url"))
    slug = _text(row.get("slug"))
    if told or not base_url or not slug:
        return told or html_text.web_address(row.get("canonical_url"))
    return urljoin(base_url.rstrip("/") + "/", quote(slug) + "/")


def _moment(value: object) -> dt.datetime | None:
    """ISO 8601, or milliseconds since 1970 in the oldest exports."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        try:
            return dates.of(dt.datetime.fromtimestamp(value / 1000, dt.UTC))
        except (ValueError, OverflowError, OSError):
            return None
    return dates.moment(_text(value))


def _tables(given: object) -> Row | None:
    """The tables of an export: in `db`, in a list, or bare."""
    inner = given.get("db", given) if isinstance(given, dict) else None
    inner = inner[0] if isinstance(inner, list) and inner else inner
    inner = inner.get("data", inner) if isinstance(inner, dict) else None
    if not isinstance(inner, dict) or not isinstance(inner.get("posts"), list):
        return None
    known = ("html", "published_at", "slug", "lexical", "mobiledoc")
    first = inner["posts"][0] if inner["posts"] else None
    is_ghost = first is None or (isinstance(first, dict) and any(key in first for key in known))
    return inner if is_ghost else None


def _rows(tables: Row, name: str) -> list[Row]:
    rows = tables.get(name)
    return [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []


def _people(tables: Row) -> defaultdict[str, list[str]]:
    """Authors' names by post; by "user …" for versions that know one author only."""
    names = {str(row.get("id")): _text(row.get("name")) for row in _rows(tables, "users")}
    found = _joined(tables, "posts_authors", "author_id", names)
    for number, name in names.items():
        found[f"user {number}"] = [name]
    return found


def _tags(tables: Row) -> defaultdict[str, list[str]]:
    names = {str(row.get("id")): _text(row.get("name")) for row in _rows(tables, "tags")}
    return _joined(tables, "posts_tags", "tag_id", names)


def _joined(
    tables: Row, table: str, key: str, names: Mapping[str, str]
) -> defaultdict[str, list[str]]:
    """Names by post, in their order there."""
    found: defaultdict[str, list[str]] = defaultdict(list)
    for row in sorted(_rows(tables, table), key=_order):
        name = names.get(str(row.get(key)))
        if name:
            found[str(row.get("post_id"))].append(name)
    return found


def _order(row: Row) -> float:
    place = row.get("sort_order")
    return place if isinstance(place, int | float) else 0


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def check(given: object) -> Iterator[Row]:
    """The posts of an answer of the Content API. Raises BadInput where it is none."""
    if not isinstance(given, dict) or not isinstance(given.get("posts"), list):
        raise BadInput("posts", "is no answer of Ghost's Content API")
    yield from _rows(given, "posts")
