"""Whose export lies at a path, and its items as articles, some at a time: the child process's side.

The child opens the path itself and keeps the last one open, so that it is read once however many
calls it takes.
"""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from digest.errors import BadInput, FetchError
from digest.model import IncomingArticle
from digest.sources import (
    decoding,
    ghost_posts,
    json_feed,
    markdown,
    newsletter_posts,
    packages,
    wordpress_posts,
    wxr,
)
from digest.sources.items import BATCH, ORDER, Batch, Item, Items, Order
from digest.sources.packages import Package

_HEAD = 100_000
_FEED_MARKS = (b"<rss", b"<feed", b"<rdf:RDF", b"<RDF")
_MARKDOWN = (".md", ".markdown", ".mdown")
_PAGES = (".html", ".htm", ".txt")
#: No text of an article is larger; bytes.
_MOST_TEXT = 5_000_000


@dataclass(frozen=True, slots=True)
class _Open:
    order: Order
    stamp: tuple[int, int]
    kind: str
    items: Items


_LAST: list[_Open] = []


def answer(data: bytes, *, order: str, start: int, most: int, seconds: float) -> bytes:
    """A batch from item `start` on, as JSON: at most `most` items, none begun after `seconds`.

    Raises BadInput where the path holds no export.
    """
    asked = ORDER.validate_json(order)
    opened = _opened(asked)
    return BATCH.dump_json(_batch(opened, start=start, most=most, seconds=seconds))


def forget(data: bytes) -> bytes:
    """Let go of what is open."""
    _LAST.clear()
    return b"{}"


def _opened(order: Order) -> _Open:
    stat = Path(order.path).stat() if Path(order.path).exists() else None
    stamp = (stat.st_mtime_ns, stat.st_size) if stat else (0, 0)
    if not _LAST or (_LAST[0].order, _LAST[0].stamp) != (order, stamp):
        _LAST.clear()
        kind, items = _look(order)
        _LAST.append(_Open(order, stamp, kind, items))
    return _LAST[0]


def _batch(opened: _Open, *, start: int, most: int, seconds: float) -> Batch:
    articles: list[IncomingArticle] = []
    errors: list[tuple[str, str]] = []
    until, done = time.monotonic() + seconds, 0
    for item in opened.items[start : start + most]:
        try:
            found = item.article()
        except BadInput as error:
            errors.append((error.item or item.name, error.reason))
        except (MemoryError, RecursionError) as error:
            errors.append((item.name, f"could not be read: {type(error).__name__}"))
        except Exception as error:
            errors.append((item.name, f"could not be read: {type(error).__name__}: {error}"[:300]))
        else:
            articles += [found] if found else []
        done += 1
        if time.monotonic() >= until:
            break
    return Batch(opened.kind, len(opened.items), done, tuple(articles), tuple(errors))


def _look(order: Order) -> tuple[str, Items]:
    """The kind of what lies at a path, and its items. Raises BadInput where it is no export."""
    try:
        package = packages.opened(Path(order.path))
    except FetchError as error:
        raise BadInput(order.path, error.reason) from error
    for look in (_markdown, _tables, _exports, _json, _pages):
        found = look(package, order)
        if found is not None and order.kind in (None, found[0]):
            return found
    raise BadInput(order.path, "holds no export, no page and no Markdown that is known here")


Found = tuple[str, Items] | None


def _markdown(package: Package, order: Order) -> Found:
    """Markdown files; beside them HTML files with front matter, as Jekyll has them too."""
    mains = [name for name in package.names if name.lower().endswith(_MARKDOWN)]
    only = order.kind == "markdown"
    if not only and (not mains or any(name.lower().endswith(".csv") for name in package.names)):
        return None
    pages = [name for name in package.names if name.lower().endswith((".html", ".htm"))]
    fronted = [name for name in pages if package.read(name, _MOST_TEXT).startswith(b"---")]
    names = sorted((*mains, *fronted))
    return "markdown", [Item(name, partial(_of_markdown, package, name, order)) for name in names]


def _of_markdown(package: Package, name: str, order: Order) -> IncomingArticle | None:
    text = package.read(name, markdown.MOST_BYTES).decode("utf-8", "replace")
    return markdown.article(text, name, now=order.now, base_url=order.base_url)


def _tables(package: Package, order: Order) -> Found:
    """A newsletter service's table, with the texts beside it."""
    for name in package.names:
        if not name.lower().endswith(".csv"):
            continue
        table = decoding.decode(package.read(name), None)
        platform = newsletter_posts.platform_of(table)
        if platform:
            find = partial(_text_beside, package)
            read = newsletter_posts.items(table, find, now=order.now, base_url=order.base_url)
            return platform, read
    return None


def _text_beside(package: Package, ending: str) -> str | None:
    name = package.find(ending)
    return decoding.decode(package.read(name, _MOST_TEXT), None) if name else None


def _exports(package: Package, order: Order) -> Found:
    """WordPress exports, all of a package as one; a feed is told by its kind alone."""
    found: dict[str, bytes] = {}
    for name in package.names:
        if not name.lower().endswith((".xml", ".wxr", ".rss", ".atom", ".txt")):
            continue
        data = package.read(name)
        head = data[:_HEAD].replace(b"\0", b"")
        if wxr.is_one(head):
            found[name] = data
        elif len(package.names) == 1 and any(mark in head for mark in _FEED_MARKS):
            return "feed", []
    return ("wxr", wxr.items(found, now=order.now)) if found else None


def _json(package: Package, order: Order) -> Found:
    """Ghost, WordPress's REST API, or a JSON Feed, by what stands in the first such file."""
    for name in package.names:
        if not name.lower().endswith(".json"):
            continue
        try:
            given = json.loads(package.read(name).decode("utf-8-sig", "replace"))
        except (ValueError, RecursionError) as error:
            if len(package.names) == 1:
                raise BadInput(name, f"is no valid JSON: {error}") from error
            continue
        if ghost_posts.is_one(given):
            return "ghost", ghost_posts.items(given, now=order.now, base_url=order.base_url)
        if wordpress_posts.is_one(given):
            return "wordpress", wordpress_posts.items(given, now=order.now)
        if json_feed.is_one(given):
            return "feed", []
        if len(package.names) == 1:
            raise BadInput(name, "is neither an export of Ghost or WordPress nor a JSON Feed")
    return None


def _pages(package: Package, order: Order) -> Found:
    """Stories of Medium, or pages and page dumps."""
    names = [name for name in package.names if name.lower().endswith(_PAGES)]
    if not names:
        return None
    heads = (package.read(name, _MOST_TEXT)[:_HEAD] for name in names[:5])
    if any(newsletter_posts.is_medium(head.decode("utf-8", "replace")) for head in heads):
        return "medium", [Item(name, partial(_of_medium, package, name, order)) for name in names]
    return "pages", [Item(name, partial(_of_page, package, name)) for name in names]


def _of_medium(package: Package, name: str, order: Order) -> IncomingArticle | None:
    html = package.read(name, _MOST_TEXT).decode("utf-8", "replace")
    return newsletter_posts.medium_item(name, html, now=order.now)


def _of_page(package: Package, name: str) -> IncomingArticle:
    from digest.sources import page_reader  # slow to load, and most exports need none

    return page_reader.read(package.read(name, _MOST_TEXT), item=name)
