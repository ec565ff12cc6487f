"""Newsletters, sources and articles."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import (
    Column,
    Index,
    Text,
    UniqueConstraint,
    text,
)
from sqlmodel import Field

from digest.store.tables.base import (
    Row,
    document,
    long_text,
    moment,
    row_id,
    row_key,
)


class NewsletterRow(Row, table=True):
    """A newsletter the program has seen; sends planned before that moment are nobody's debt."""

    __tablename__ = "newsletter"
    key: str = Field(primary_key=True, max_length=40)
    first_seen_at: dt.datetime = moment()


class SourceStateRow(Row, table=True):
    """How a source's last poll went and when the next is due."""

    __tablename__ = "source_state"
    source: str = Field(primary_key=True, max_length=80)
    etag: str | None = long_text(None)
    last_modified: str | None = long_text(None)
    body_hash: str | None = long_text(None)
    moved: str | None = long_text(None)
    memory: str | None = long_text(None)
    polled_at: dt.datetime | None = moment(nullable=True)
    succeeded_at: dt.datetime | None = moment(nullable=True)
    next_poll_at: dt.datetime | None = moment(nullable=True)
    failures: int = 0
    error: str = long_text()
    reading_until: dt.datetime | None = moment(nullable=True)  # somebody is at it; then it is free


class ArticleRow(Row, table=True):
    """An article in its newest revision. `content` is the rest of `model.IncomingArticle` as JSON."""

    __tablename__ = "article"
    __table_args__ = (
        UniqueConstraint("source", "source_id"),
        UniqueConstraint("source", "url_key"),
        Index("ix_article_when", "source", "happened_at"),
        Index(
            "ix_article_gone",
            "source",
            "happened_at",
            sqlite_where=text("gone_at IS NOT NULL"),
            postgresql_where=text("gone_at IS NOT NULL"),
        ),
    )
    id: int | None = row_id()
    source: str = Field(max_length=80)
    source_id: str | None = Field(default=None, sa_column=Column(Text, nullable=True))
    url: str | None = long_text(None)
    url_key: str | None = long_text(None)
    title: str = long_text()
    body: str = long_text()
    content: dict[str, Any] = document()
    content_hash: str = Field(max_length=64)
    revision: int = 1
    happened_at: dt.datetime = moment()
    first_seen_at: dt.datetime = moment()
    changed_at: dt.datetime = moment()
    gone_at: dt.datetime | None = moment(nullable=True)


class ArticleApartRow(Row, table=True):
    """Two articles whose texts are alike and which an editor says are two; one_id is the smaller."""

    __tablename__ = "article_apart"
    one_id: int = row_key("article.id", primary=True)
    other_id: int = row_key("article.id", primary=True)
    by: str = Field(max_length=60)
    at: dt.datetime = moment()


class FurnitureRow(Row, table=True):
    """A paragraph that a source prints under many articles, by the SHA-256 (hex) of its words."""

    __tablename__ = "furniture"
    source: str = Field(primary_key=True, max_length=80)
    key_hash: str = Field(primary_key=True, max_length=64)
    learned_at: dt.datetime = moment()


class ArticleRevisionRow(Row, table=True):
    """What an article said before an edit."""

    __tablename__ = "article_revision"
    article_id: int = row_key("article.id", primary=True)
    revision: int = Field(primary_key=True)
    title: str = long_text()
    body: str = long_text()
    content: dict[str, Any] = document()
    seen_at: dt.datetime = moment()


class EngagementRow(Row, table=True):
    """A signal of readers at one moment; appended when it changes, never overwritten."""

    __tablename__ = "engagement"
    __table_args__ = (Index("ix_engagement_newest", "article_id", "kind", "taken_at"),)
    id: int | None = row_id()
    article_id: int = row_key("article.id")
    kind: str = Field(max_length=40)
    value: float
    unit: str = Field(max_length=10)
    n: int | None = None
    taken_at: dt.datetime = moment()
