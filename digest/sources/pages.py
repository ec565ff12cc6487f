"""Pages and plain-text page dumps: one read at a time in the child process, or a folder of them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from urllib.parse import quote, urljoin

from pydantic import TypeAdapter

from digest import child, lines
from digest.errors import BadInput
from digest.model import IncomingArticle
from digest.protocols import Collected, PollState
from digest.sources import folders

MOST_BYTES = 5_000_000
ENDINGS = frozenset({".html", ".htm", ".txt"})
_READER = "digest.sources.page_reader:answer"
_ARTICLE = TypeAdapter(IncomingArticle)


def parse_page(
    data: bytes,
    *,
    url: str | None = None,
    content_type: str | None = None,
    item: str = "page",
) -> IncomingArticle:
    """The article of a page or dump, read in the child process; its `source` is empty.

    Raises BadInput with `item` where there is none, or the page takes too much time or memory.
    """
    if len(data) > MOST_BYTES:
        raise BadInput(item, f"larger than {MOST_BYTES / 1e6:g} MB")
    options = {"url": url, "content_type": content_type, "item": item}
    return _ARTICLE.validate_json(child.read(_READER, data, options, item=item))


def of_source(article: IncomingArticle, key: str, now: dt.datetime) -> IncomingArticle:
    """An article as this source's, its figures read at `now`."""
    figures = tuple(replace(one, taken_at=now) for one in article.engagement)
    return replace(article, source=key, engagement=figures)


@dataclass(frozen=True, slots=True, kw_only=True)
class PagesSource:
    """A folder of saved pages and page dumps.

    base_url: where the folder stands on the web. A page says its own address (canonical); one that
    does not is taken to be at base_url + its path in the folder, a dump at base_url + its path
    without `.txt`. Without base_url such an article has no link.
    """

    key: str
    folder: Path
    base_url: str | None = None

    def poll(self, state: PollState, now: dt.datetime) -> Collected:
        """Every page of the folder. Raises FetchError where there is no such folder."""
        return folders.collected(self.folder, ENDINGS, partial(self._read, now=now))

    def _read(self, path: Path, name: str, *, now: dt.datetime) -> IncomingArticle:
        data = folders.read(path, MOST_BYTES)
        article = of_source(parse_page(data, item=name), self.key, now)
        return replace(article, source_id=name, url=article.url or self._address(name))

    def _address(self, name: str) -> str | None:
        return urljoin(self.base_url, quote(name.removesuffix(".txt"))) if self.base_url else None


def extract_lines(objects: Iterable[Mapping[str, object]]) -> Iterator[dict[str, object]]:
    """`digest extract`: {"id","html_path","url"} to the article's facts, or {"id","error"}."""
    for given in objects:
        try:
            name = lines.name_of(given)
            path = lines.path_of(given, "html_path")
            data = folders.read(path, MOST_BYTES)
            article = parse_page(data, url=lines.text_of(given, "url") or None, item=str(name))
            yield {"id": name, **as_json(article)}
        except BadInput as error:
            yield lines.refusal(given, error)


def as_json(article: IncomingArticle) -> dict[str, object]:
    """An article in the shape of `digest extract`; what is not known is absent or null."""
    return {
        "title": article.title,
        "text": article.text,
        "date": article.published_at.isoformat() if article.published_at else None,
        "date_source": str(article.date_source),
        "author": list(article.authors),
        "language": article.language,
        "url": article.url,
        "section": article.section,
        "image": article.image.url if article.image else None,
        "captions": [{"text": one.text, "credit": one.credit} for one in article.captions],
        "read_time_s": article.read_seconds,
        **_figures(article),
    }


def _figures(article: IncomingArticle) -> dict[str, object]:
    """Engagement by kind: faces together, the rating with its votes."""
    by_kind = {one.kind: one for one in article.engagement}
    faces = {
        kind.removeprefix("reaction:"): {"value": one.value, "unit": str(one.unit)}
        for kind, one in by_kind.items()
        if kind.startswith("reaction:")
    }
    rating = by_kind.get("rating")
    counts: dict[str, object] = {
        kind: by_kind[kind].value
        for kind in ("likes", "dislikes", "comments", "views", "shares")
        if kind in by_kind
    }
    return {
        "reactions": faces or None,
        "rating": {"average": rating.value, "votes": rating.n} if rating else None,
        **counts,
    }
