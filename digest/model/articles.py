"""Articles: as a source gives them, and as stored."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum
from typing import NewType

ArticleId = NewType("ArticleId", int)


class Unit(StrEnum):
    """What a number of engagement counts."""

    COUNT = "count"
    PERCENT = "percent"
    AVERAGE = "average"


class DateSource(StrEnum):
    """Where an article's date came from; a date is never guessed."""

    SOURCE = "source"  # the feed, the page's markup, the front matter, the API call
    DATE_LINE = "date_line"  # a line of the page's words: beside the headline, in a plain-text dump
    UPDATED = "updated"  # the page tells of its last change alone
    ADDRESS = "address"  # the day that the page's address names
    FILE_NAME = "file_name"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Engagement:
    """One measured signal of readers.

    kind: `reaction:happy`, `likes`, `dislikes`, `comments`, `views`, `rating`, `stars:5` …
    value: in `unit`; a rating's average runs from 1 to 5.
    n: how many readers stand behind a percentage or an average; None = not known (no weight).
    """

    kind: str
    value: float
    unit: Unit = Unit.COUNT
    n: int | None = None
    taken_at: dt.datetime | None = None


@dataclass(frozen=True, slots=True)
class Image:
    """A picture by address; sizes in CSS pixels, weight in bytes, where the source told them."""

    url: str
    alt: str = ""
    width: int | None = None
    height: int | None = None
    weight: int | None = None


@dataclass(frozen=True, slots=True)
class Caption:
    """A picture's caption, taken out of the body, with its credit."""

    text: str
    credit: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class IncomingArticle:
    """An article as a source gives it, before it is stored.

    text: plain text, paragraphs apart by a blank line, no furniture, no captions.
    source_id: the source's own id; with `source` it identifies the article; else the URL does.
    read_seconds: as the site states it; None = the site states none.
    is_excerpt: `text` is a feed's excerpt, since the page was not read; it replaces no full text.
    zone_s: how many seconds the clock that `published_at` was told by is ahead of UTC; None = told in UTC.
    """

    source: str
    title: str
    text: str
    source_id: str | None = None
    url: str | None = None
    authors: tuple[str, ...] = ()
    section: str | None = None
    tags: tuple[str, ...] = ()
    language: str | None = None
    teaser: str | None = None
    published_at: dt.datetime | None = None
    date_source: DateSource = DateSource.NONE
    image: Image | None = None
    captions: tuple[Caption, ...] = ()
    read_seconds: int | None = None
    engagement: tuple[Engagement, ...] = ()
    is_excerpt: bool = False
    zone_s: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Article(IncomingArticle):
    """A stored article in its newest revision, with the newest figure of each signal.

    gone_at: when it was found to be off its site; None while it is there.
    """

    id: ArticleId
    first_seen_at: dt.datetime
    revision: int = 1
    gone_at: dt.datetime | None = None

    @property
    def when(self) -> dt.datetime:
        """When it counts as published: the stated date, else when we first saw it."""
        return self.published_at or self.first_seen_at

    def signal(self, kind: str) -> Engagement | None:
        """The newest figure of one kind, or None."""
        return next((e for e in self.engagement if e.kind == kind), None)
