"""Posts as WordPress's REST API tells them (`/wp/v2/posts`), from a server or a saved file.

https://developer.wordpress.org/rest-api/reference/posts/
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import Any

from digest.errors import BadInput
from digest.model import Engagement, Image, IncomingArticle
from digest.sources import dates, html_text, posts
from digest.sources.items import Item, Items

LOCKED = "is behind a password"
_SECTION, _TAG, _CO_AUTHOR = "category", "post_tag", "author"


def is_one(given: object) -> bool:
    """Whether a JSON value is a post, or a list that begins with one."""
    first = given[0] if isinstance(given, list) and given else given
    return (
        isinstance(first, dict)
        and "rendered" in _dict(first.get("title"))
        and "rendered" in _dict(first.get("content"))
    )


def items(given: object, *, now: dt.datetime) -> Items:
    """The posts of a saved answer: a list of them, or one."""
    found = given if isinstance(given, list) else [given]
    return [
        Item(f"post {number}", partial(article, one, now=now))
        for number, one in enumerate(found, 1)
    ]


def article(
    given: object, *, now: dt.datetime, offset: dt.timedelta | None = None
) -> IncomingArticle | None:
    """The article of one post; None where it is no post, or not out. Raises BadInput.

    offset: the site's clock against UTC, for servers that leave `date_gmt` out.
    """
    if not isinstance(given, dict):
        raise BadInput("post", "is no object")
    if given.get("status", "publish") != "publish" or given.get("type", "post") != "post":
        return None
    name = html_text.plain(_rendered(given, "title")) or str(given.get("id", "post"))
    if _dict(given.get("content")).get("protected"):
        raise BadInput(name, LOCKED)
    published = _published(given, offset)
    if published and published > now:
        return None
    return posts.article(_post(given, published))


def _post(given: Mapping[str, Any], published: dt.datetime | None) -> posts.Post:
    embedded = _dict(given.get("_embedded"))
    terms = list(_terms(embedded))
    return posts.Post(
        id=_rendered(given, "guid") or _number(given.get("id")),
        title=_rendered(given, "title"),
        html=_rendered(given, "content"),
        url=html_text.web_address(given.get("link")),
        authors=tuple(_authors(embedded, terms)),
        sections=tuple(name for taxonomy, name in terms if taxonomy == _SECTION),
        tags=tuple(name for taxonomy, name in terms if taxonomy == _TAG),
        teaser=_rendered(given, "excerpt"),
        published=published,
        image=_image(given, embedded),
        engagement=tuple(_engagement(given)),
    )


def _published(given: Mapping[str, Any], offset: dt.timedelta | None) -> dt.datetime | None:
    """The post's moment, in the site's zone: `date` is its clock, `date_gmt` the same in UTC."""
    stated, local = given.get("date_gmt"), given.get("date")
    clock = dates.moment(local) if isinstance(local, str) else None
    if isinstance(stated, str) and not stated.startswith("0000"):
        found = dates.moment(stated)
        return _on_clock(found, clock) if found and clock else found
    return clock - offset if clock and offset is not None else clock


def _on_clock(found: dt.datetime, clock: dt.datetime) -> dt.datetime:
    """The moment in the zone whose clock shows `clock`; as it is where no zone's does."""
    apart = clock - found
    is_zone = abs(apart) <= dt.timedelta(hours=14) and not apart % dt.timedelta(minutes=15)
    return found.astimezone(dt.timezone(apart)) if is_zone else found


def _authors(embedded: Mapping[str, Any], terms: Sequence[tuple[str, str]]) -> Iterator[str]:
    """Co-authors where a plugin tells them as terms or as several; one whose name is hidden is none."""
    several = [name for taxonomy, name in terms if taxonomy == _CO_AUTHOR]
    people = [_dict(one).get("name") for one in _list(embedded.get("author"))]
    for name in several or people:
        if isinstance(name, str) and "@" not in name:
            yield name


def _terms(embedded: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Each term with its taxonomy, which the order of the lists does not tell."""
    for group in _list(embedded.get("wp:term")):
        for one in _list(group):
            term = _dict(one)
            if isinstance(term.get("name"), str):
                yield str(term.get("taxonomy", "")), term["name"]


def _image(given: Mapping[str, Any], embedded: Mapping[str, Any]) -> Image | None:
    """The featured picture with its size; a theme's or plugin's field where it is not embedded."""
    media = next((_dict(one) for one in _list(embedded.get("wp:featuredmedia"))), {})
    address = media.get("source_url") or given.get("jetpack_featured_media_url")
    found = html_text.web_address(address, html_text.web_address(given.get("link")))
    if not found:
        return None
    details = _dict(media.get("media_details"))
    alt = html_text.plain(media.get("alt_text"))
    return Image(found, alt, _pixels(details.get("width")), _pixels(details.get("height")))


def _engagement(given: Mapping[str, Any]) -> Iterator[Engagement]:
    """WP-PostViews adds `views`; other fields of readers need a request or a page of their own."""
    views = given.get("views")
    text = str(views) if isinstance(views, int | str) and not isinstance(views, bool) else ""
    if text.isascii() and text.isdigit() and len(text) < 12:
        yield Engagement("views", int(text))


def _rendered(given: Mapping[str, Any], key: str) -> str:
    value = _dict(given.get(key)).get("rendered")
    return value if isinstance(value, str) else ""


def _number(value: object) -> str | None:
    return str(value) if isinstance(value, int | str) and not isinstance(value, bool) else None


def _pixels(value: object) -> int | None:
    text = str(value)
    return int(text) if text.isascii() and text.isdigit() and 0 < int(text[:7]) < 100_000 else None


def _dict(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []
