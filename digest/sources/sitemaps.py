"""A site by its sitemaps, news sitemaps first: https://www.sitemaps.org/protocol.html.

Every page that is new, or changed by the sitemap's own word, is read by the page reader; what was read is
remembered by a short name of its address and its date. Where a map names pages without a date, those that
it names when it is first read are taken as old, and what comes to them later as new; the page's own date decides then.
"""

from __future__ import annotations

import datetime as dt
import gzip
import hashlib
import io
import zlib
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from urllib.parse import urljoin, urlsplit

from lxml import etree
from pydantic import TypeAdapter

from digest import child
from digest.errors import BadInput, FetchError
from digest.model import DateSource, IncomingArticle
from digest.protocols import Collected, PollState
from digest.sources import boilerplate, dates, html_text, pages
from digest.sources.fetch import Fetched, Limits, fetch

#: So many days back pages are read; pages and maps of one poll; names that are remembered.
DAYS, MOST_PAGES, MOST_MAPS, MOST_NAMES = 15, 60, 30, 8_000
#: Of so many pages without a date it is remembered which were there; with more, none of them is read.
MOST_UNDATED = 5_000
#: The protocol's own limit, uncompressed.
MOST_BYTES = 52_428_800
_ENTRIES = 50_000
_NEVER = dt.datetime.min.replace(tzinfo=dt.UTC)
#: So begins, among the names, that of a map whose pages without a date are known.
_SEEN = "map:"


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of a sitemap. is_map: it names another sitemap. named_by: the address of the map that it stands in."""

    url: str
    changed: dt.datetime | None = None
    published: dt.datetime | None = None
    title: str = ""
    language: str | None = None
    is_map: bool = False
    named_by: str = ""

    @property
    def when(self) -> dt.datetime | None:
        return self.published or self.changed


_PART = TypeAdapter(tuple[Entry, ...])


@dataclass(frozen=True, slots=True, kw_only=True)
class SitemapSource:
    """A sitemap, or an index of several, by address.

    within: only pages under this path are articles (`/news/`). allowed: networks (CIDR) that may be asked
    though they are not public.
    """

    key: str
    url: str
    within: str = "/"
    allowed: tuple[str, ...] = ()

    def poll(self, state: PollState, now: dt.datetime) -> Collected:
        """The pages of the last `DAYS` that were not read before. Raises FetchError where there is no map."""
        known = dict.fromkeys((state.memory or "").split())
        errors: list[BadInput] = []
        entries = list(self._entries(now, errors))
        if self._are_too_many(entries, errors):
            entries = [one for one in entries if one.when]
            known = {name: None for name in known if not name.startswith(_SEEN)}
        known |= self._undated(entries, known, errors)
        fresh = [one for one in entries if _name(one) not in known]
        articles, read = self._read(fresh[:MOST_PAGES], now, errors)
        memory = PollState(memory=" ".join(_remembered(known, read, entries)))
        return Collected(boilerplate.cleaned(articles), tuple(errors), memory)

    def _are_too_many(self, entries: list[Entry], errors: list[BadInput]) -> bool:
        """Whether there are too many without a date to remember them, which is told."""
        count = sum(one.when is None for one in entries)
        if count <= MOST_UNDATED:
            return False
        reason = f"names {count} pages without a date, too many to know the new ones by"
        errors.append(BadInput(self.url, f"{reason}: they are left; a feed would tell them"))
        return True

    def _undated(
        self, entries: Sequence[Entry], known: Collection[str], errors: list[BadInput]
    ) -> dict[str, None]:
        """The names of the pages without a date that are taken as read, which is told once."""
        first = [one for one in entries if one.when is None and _seen(one.named_by) not in known]
        names = [_name(one) for one in first]
        if not names:
            return {}
        pages_told = "1 page" if len(names) == 1 else f"{len(names)} pages"
        reason = f"names {pages_told} without a date: what is there now is taken as old"
        errors.append(BadInput(self.url, f"{reason}, what comes later is read"))
        return dict.fromkeys([*names, *(_seen(one.named_by) for one in first)])

    def _read(
        self, entries: Iterable[Entry], now: dt.datetime, errors: list[BadInput]
    ) -> tuple[list[IncomingArticle], list[str]]:
        """The articles of pages, and the names of all that need not be read again."""
        articles, read = [], []
        for entry in entries:
            try:
                article = self._article(entry, now)
            except (BadInput, FetchError) as error:
                errors.append(BadInput(entry.url, error.reason))
                if isinstance(error, BadInput) or error.permanent:
                    read.append(_name(entry))
                continue
            read.append(_name(entry))
            when = article.published_at
            if entry.when or when is None or when >= now - dt.timedelta(days=DAYS):
                articles.append(article)
        return articles, read

    def _entries(self, now: dt.datetime, errors: list[BadInput]) -> Iterator[Entry]:
        """Pages of the site itself, newest first, each once; then those without a date."""
        since = now - dt.timedelta(days=DAYS)
        found: dict[str, Entry] = {}
        for entry in self._all(since, errors):
            when = entry.when
            fits = when is None or since <= when <= now + dt.timedelta(days=1)
            if fits and self._is_inside(entry.url):
                found.setdefault(entry.url, entry)
        yield from sorted(
            found.values(), key=lambda one: (one.when or _NEVER, one.url), reverse=True
        )

    def _is_inside(self, url: str) -> bool:
        ours, theirs = urlsplit(self.url), urlsplit(url)
        same = (theirs.hostname or "").removeprefix("www.") == (ours.hostname or "").removeprefix(
            "www."
        )
        path = theirs.path or "/"
        return same and path.startswith(self.within) and path not in ("", "/", self.within)

    def _all(self, since: dt.datetime, errors: list[BadInput]) -> Iterator[Entry]:
        """The entries of the map and of those that it names: only such as changed in these days."""
        waiting, asked = [self.url], 0
        while waiting and asked < MOST_MAPS:
            address, asked = waiting.pop(0), asked + 1
            try:
                entries = entries_at(address, self.allowed)
            except FetchError as error:
                if asked == 1:
                    raise
                errors.append(BadInput(address, error.reason))
                continue
            maps = [one for one in entries if one.is_map and self._is_recent(one, since)]
            maps.sort(key=lambda one: ("news" not in one.url, _age(one, since)))
            waiting += [one.url for one in maps if self._is_same_site(one.url)]
            yield from (replace(one, named_by=address) for one in entries if not one.is_map)

    def _is_recent(self, entry: Entry, since: dt.datetime) -> bool:
        return entry.changed is None or entry.changed >= since

    def _is_same_site(self, url: str) -> bool:
        one, other = urlsplit(url).hostname or "", urlsplit(self.url).hostname or ""
        return one.removeprefix("www.") == other.removeprefix("www.")

    def _article(self, entry: Entry, now: dt.datetime) -> IncomingArticle:
        """The page, with what the news sitemap says better: its date, where the page has none."""
        found = _get(entry.url, pages.MOST_BYTES, self.allowed)
        page = pages.parse_page(
            found.body, url=found.url, content_type=found.content_type, item=entry.url
        )
        article = replace(
            pages.of_source(page, self.key, now),
            source_id=entry.url,
            url=page.url or found.url,
            title=page.title or entry.title,
            language=page.language or entry.language,
        )
        if article.published_at or not entry.published:
            return article
        return replace(article, published_at=entry.published, date_source=DateSource.SOURCE)


def entries_at(address: str, allowed: tuple[str, ...] = ()) -> tuple[Entry, ...]:
    """The entries of the map at an address, read in the child process. Raises FetchError."""
    found = _get(address, MOST_BYTES, allowed)
    reader = "digest.sources.sitemaps:answer"
    try:
        return _PART.validate_json(child.read(reader, found.body, {"url": found.url}, item=address))
    except BadInput as error:
        raise FetchError(address, error.reason) from error


def _get(address: str, most: int, allowed: tuple[str, ...]) -> Fetched:
    return fetch(address, allowed=allowed, limits=Limits(seconds=30, size=most))


def _age(entry: Entry, since: dt.datetime) -> float:
    return -((entry.changed or since).timestamp())


def _remembered(
    known: Collection[str], read: Sequence[str], entries: Sequence[Entry]
) -> Sequence[str]:
    """What is listed now, and all of it where a map is missing that was read once: it may come back."""
    listed = {_seen(one.named_by) for one in entries if one.when is None}
    missing = any(name.startswith(_SEEN) and name not in listed for name in known)
    listed |= set(map(_name, entries))
    if not missing or len(known) + len(read) > MOST_NAMES:
        known = [name for name in known if name in listed]
    return [*known, *read][-MOST_NAMES:]


def _seen(address: str) -> str:
    return _SEEN + hashlib.sha256(address.encode("utf-8", "replace")).hexdigest()[:12]


def _name(entry: Entry) -> str:
    """A short name of a page in its present state."""
    stamp = entry.changed.isoformat() if entry.changed else ""
    return hashlib.sha256(f"{entry.url} {stamp}".encode("utf-8", "replace")).hexdigest()[:16]


def answer(data: bytes, *, url: str) -> bytes:
    """A sitemap's entries as JSON, for the child process."""
    return _PART.dump_json(tuple(read(data, url)))


def read(data: bytes, url: str) -> list[Entry]:
    """The entries of a sitemap: XML, gzip of it, or plain lines. Raises BadInput where it is none."""
    data = _inflated(data)
    if b"<urlset" not in data[:5_000] and b"<sitemapindex" not in data[:5_000]:
        lines = [one.strip() for one in data.decode("utf-8", "replace").splitlines() if one.strip()]
        found = [html_text.web_address(one) for one in lines[:_ENTRIES]]
        if not lines or None in found:
            raise BadInput(url, "is no sitemap")
        return [Entry(one) for one in found if one]
    entries: list[Entry] = []
    parser = etree.iterparse(
        io.BytesIO(data), recover=True, resolve_entities=False, no_network=True, load_dtd=False
    )
    for _, element in parser:
        if _local(element) in ("url", "sitemap"):
            entry = _entry(element, url)
            entries += [entry] if entry else []
            element.clear()
        if len(entries) >= _ENTRIES:
            break
    return entries


def _inflated(data: bytes) -> bytes:
    if not data.startswith(b"\x1f\x8b"):
        return data
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(data)) as file:
            return file.read(MOST_BYTES)
    except (OSError, EOFError, zlib.error) as error:
        raise BadInput("sitemap", f"cannot be unpacked: {error}") from error


def _entry(element: etree._Element, base: str) -> Entry | None:
    said: dict[str, str] = {}
    for one in element.iter():
        text = (one.text or "").strip()
        if text and _local(one) not in said:
            said[_local(one)] = text
    address = html_text.web_address(urljoin(base, said.get("loc", "")))
    if not address or "loc" not in said:
        return None
    return Entry(
        url=address,
        changed=dates.moment(said.get("lastmod", "")),
        published=dates.moment(said.get("publication_date", "")),
        title=html_text.one_line(said.get("title", "")),
        language=said.get("language"),
        is_map=_local(element) == "sitemap",
    )


def _local(element: etree._Element) -> str:
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""
