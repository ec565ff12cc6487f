"""Feeds: RSS, Atom and JSON Feed, by address or from a file, with the page where they only give an excerpt."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import unquote, urlsplit

from pydantic import TypeAdapter

from digest import child, lines
from digest.errors import BadInput, FetchError
from digest.model import DateSource, IncomingArticle
from digest.protocols import Collected, PollState
from digest.sources import boilerplate, feed_articles, folders, moving, pages, presence, unread
from digest.sources.feed_articles import Offered
from digest.sources.fetch import Fetched, Limits, fetch
from digest.sources.parsed_feed import ParsedFeed

MOST_BYTES = 10_000_000
#: Pages read for the excerpts of one poll; the next poll begins with the rest.
MOST_PAGES = 60
_ACCEPT = "application/feed+json, application/atom+xml, application/rss+xml, application/xml;q=0.9, */*;q=0.5"
_PARSED = TypeAdapter(ParsedFeed)
_OFFERED = TypeAdapter(tuple[Offered, ...])


def parse_feed(
    data: bytes, *, url: str | None = None, content_type: str | None = None
) -> ParsedFeed:
    """A feed from its bytes, read in the child process. Raises BadInput where it is none."""
    return _PARSED.validate_json(_child("feed_reader", data, url, content_type))


def _child(module: str, data: bytes, url: str | None, content_type: str | None) -> bytes:
    item = url or "feed"
    if len(data) > MOST_BYTES:
        raise BadInput(item, f"larger than {MOST_BYTES / 1e6:g} MB")
    options = {"url": url, "content_type": content_type}
    return child.read(f"digest.sources.{module}:answer", data, options, item=item)


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedSource:
    """A feed by address, or in a file.

    full_text: where an entry holds only an excerpt, its page is read: from its address; for a feed
    in a file from the file beside it that has the name of the link's last part and `.html`.
    allowed: networks (CIDR) that may be asked though they are not public.
    """

    key: str
    url: str | None = None
    path: Path | None = None
    full_text: bool = True
    allowed: tuple[str, ...] = ()

    def poll(self, state: PollState, now: dt.datetime) -> Collected:
        """Every entry, or nothing where nothing changed. Raises FetchError where it is no feed."""
        found = self._fetched(state) if self.path is None else Fetched(url="", body=self._file())
        if found.unchanged:
            return Collected((), state=found.state)
        try:
            base, kind = found.url or None, found.content_type or None
            offers = _OFFERED.validate_json(_child("feed_articles", found.body, base, kind))
        except BadInput as error:
            raise FetchError(self.url or str(self.path), error.reason) from error
        articles = [self._of_source(offer, now) for offer in offers]
        again = found.body if self.path is None else None
        plan = unread.plan(articles, state, body=again, most=MOST_PAGES)
        errors, left = self._read_pages(articles, plan.places, now)
        kept = unread.remembering(found.state, (*plan.later, *left), body=found.body)
        whole = None if self.path else _since(articles)
        return Collected(boilerplate.cleaned(articles), tuple(errors), kept, whole)

    def is_missing(self, url: str) -> bool:
        """Whether the site says that a page is not there."""
        return presence.is_missing(url, self.allowed)

    def _fetched(self, state: PollState) -> Fetched:
        assert self.url is not None
        return moving.fetched(self.url, state, self._get)

    def _get(self, url: str, state: PollState) -> Fetched:
        limits = Limits(size=MOST_BYTES)
        return fetch(url, state=state, allowed=self.allowed, limits=limits, accept=_ACCEPT)

    def _file(self) -> bytes:
        assert self.path is not None
        try:
            return folders.read(self.path, MOST_BYTES)
        except BadInput as error:
            raise FetchError(str(self.path), error.reason) from error

    def _of_source(self, offer: Offered, now: dt.datetime) -> IncomingArticle:
        """The article as this source's, its figures read now; a date in the future is none."""
        article = pages.of_source(offer.article, self.key, now)
        article = replace(article, is_excerpt=self.full_text and not offer.whole)
        if feed_articles.not_after(article.published_at, now):
            return article
        return replace(article, published_at=None, date_source=DateSource.NONE)

    def _read_pages(
        self, articles: list[IncomingArticle], places: Sequence[int], now: dt.datetime
    ) -> tuple[list[BadInput], list[str]]:
        """Fill in the articles at `places`; the errors, and the names of those to be tried again."""
        errors: list[BadInput] = []
        left: list[str] = []
        for place in places:
            article = articles[place]
            try:
                articles[place] = self._with_page(article, now)
            except (BadInput, FetchError) as error:
                reason = f"its page could not be read, the excerpt is kept: {error}"
                errors.append(BadInput(article.title, reason))
                if isinstance(error, BadInput) or not error.permanent:
                    left.append(unread.name_of(article))
        return errors, left

    def _with_page(self, article: IncomingArticle, now: dt.datetime) -> IncomingArticle:
        """The article with its page's text. Raises BadInput or FetchError where the page gives none."""
        if article.url is None:
            return article
        page = self._page_file(article.url) if self.path else self._page(article.url)
        return _merged(article, pages.of_source(page, self.key, now)) if page else article

    def _page(self, url: str) -> IncomingArticle:
        found = fetch(url, allowed=self.allowed, limits=Limits(size=pages.MOST_BYTES))
        kind = found.content_type
        return pages.parse_page(found.body, url=found.url, content_type=kind, item=url)

    def _page_file(self, url: str) -> IncomingArticle | None:
        """The page beside the feed's file; None where there is none."""
        assert self.path is not None
        name = Path(unquote(urlsplit(url).path.rstrip("/"))).name.removesuffix(".html")
        folder = self.path.parent.resolve()
        page = (folder / f"{name}.html").resolve()
        if not name or page.parent != folder or not page.is_file():
            return None
        return pages.parse_page(folders.read(page, pages.MOST_BYTES), url=url, item=url)


def _since(articles: Sequence[IncomingArticle]) -> dt.datetime | None:
    """Right after the oldest entry: from then on a feed by date holds all. None where one has no date."""
    when = [article.published_at for article in articles]
    known = [moment for moment in when if moment is not None]
    whole = len(known) == len(when) and len(known) > 1
    return min(known) + dt.timedelta(seconds=1) if whole else None


def _merged(entry: IncomingArticle, page: IncomingArticle) -> IncomingArticle:
    """The entry with what its page knows more: the longer text, and whatever the entry lacks."""
    kinds = {one.kind for one in page.engagement}
    figures = (*page.engagement, *(one for one in entry.engagement if one.kind not in kinds))
    dated = entry if entry.published_at else page
    return replace(
        entry,
        title=entry.title or page.title,
        text=max(page.text, entry.text, key=len),
        authors=entry.authors or page.authors,
        section=page.section or entry.section,
        tags=tuple(tag for tag in entry.tags if tag != page.section) or page.tags,
        language=page.language or entry.language,
        teaser=entry.teaser or page.teaser,
        published_at=dated.published_at,
        date_source=dated.date_source,
        image=entry.image or page.image,
        captions=page.captions or entry.captions,
        read_seconds=page.read_seconds,
        engagement=figures,
        is_excerpt=len(page.text) < len(entry.text),
    )


def feed_lines(objects: Iterable[Mapping[str, object]]) -> Iterator[dict[str, object]]:
    """`digest feeds parse`: {"id","feed_path","url","content_type"} to feed and entries, or an error."""
    for given in objects:
        try:
            name = lines.name_of(given)
            data = folders.read(lines.path_of(given, "feed_path"), MOST_BYTES)
            url = lines.text_of(given, "url") or None
            kind = lines.text_of(given, "content_type") or None
            yield {"id": name, **parse_feed(data, url=url, content_type=kind).as_json()}
        except BadInput as error:
            yield lines.refusal(given, error)
