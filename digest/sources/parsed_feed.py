"""A feed as read, whatever it was written in: RSS, Atom or JSON Feed."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class ParsedEntry:
    """One entry. summary, content: HTML that may be shown, links whole. Times are UTC, or None.

    url: relative where the feed's own address is not known. byline: the author as the feed writes
    it, which may hold a mail address; `authors` never do. terms: the tags as machines know them.
    """

    id: str | None = None
    title: str = ""
    url: str | None = None
    authors: tuple[str, ...] = ()
    byline: str = ""
    published: dt.datetime | None = None
    updated: dt.datetime | None = None
    summary: str = ""
    content: str = ""
    comments: int | None = None
    tags: tuple[str, ...] = ()
    terms: tuple[str, ...] = ()
    language: str | None = None
    image: str | None = None
    image_bytes: int | None = None

    def as_json(self) -> dict[str, object]:
        """The shape of `digest feeds parse`."""
        return {
            "id": self.id,
            "title": self.title,
            "url": self.url,
            "author": self._author(),
            "published": self.published.isoformat() if self.published else None,
            "updated": self.updated.isoformat() if self.updated else None,
            "summary": self.summary,
            "content": self.content,
            "comments": self.comments,
            "tags": list(dict.fromkeys((*self.tags, *self.terms))),
        }

    def _author(self) -> str | None:
        """All of several authors; a single one as the feed writes it."""
        names = ", ".join(self.authors)
        return (names if len(self.authors) > 1 else self.byline or names) or None


@dataclass(frozen=True, slots=True, kw_only=True)
class ParsedFeed:
    """A feed's own facts and its entries, as it orders them."""

    title: str = ""
    link: str | None = None
    description: str = ""
    language: str | None = None
    entries: tuple[ParsedEntry, ...] = ()

    def as_json(self) -> dict[str, object]:
        """The shape of `digest feeds parse`, without the caller's id."""
        feed = {
            "title": self.title,
            "link": self.link,
            "description": self.description,
            "language": self.language,
        }
        return {"feed": feed, "entries": [entry.as_json() for entry in self.entries]}
