"""Texts of stored articles, without all else that is kept of them: for the many that a week is held against."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator
from typing import Any

from sqlalchemy import Row, select
from sqlmodel import Session, col

from digest.model import Article, ArticleId
from digest.store.tables import ArticleRow

#: How many ids one question names.
_AT_ONCE = 500


def bodies(session: Session, ids: Collection[ArticleId]) -> Iterator[tuple[ArticleId, str]]:
    """The texts alone, by id, some at a time."""
    for some in _in_parts(ids):
        asked = select(col(ArticleRow.id), col(ArticleRow.body)).where(col(ArticleRow.id).in_(some))
        for one, body in session.execute(asked.order_by(col(ArticleRow.id))):
            yield ArticleId(one), body


def remembered(session: Session, ids: Collection[ArticleId]) -> list[Article]:
    """These articles in order of time, with title, text and dates; all else is empty."""
    names = ("id", "source", "title", "body", "first_seen_at", "happened_at")
    columns = [getattr(ArticleRow, name) for name in names]
    stated = col(ArticleRow.content)["published_at"].as_string().label("stated")
    rows = [
        row
        for some in _in_parts(ids)
        for row in session.execute(select(*columns, stated).where(col(ArticleRow.id).in_(some)))
    ]
    return [_article(row) for row in sorted(rows, key=lambda row: (row.happened_at, row.id))]


def _article(row: Row[Any]) -> Article:
    return Article(
        id=row.id,
        source=row.source,
        title=row.title,
        text=row.body,
        published_at=dt.datetime.fromisoformat(row.stated) if row.stated else None,
        first_seen_at=row.first_seen_at,
    )


def _in_parts(ids: Collection[ArticleId]) -> Iterator[list[ArticleId]]:
    wanted = sorted(ids)
    for start in range(0, len(wanted), _AT_ONCE):
        yield wanted[start : start + _AT_ONCE]
