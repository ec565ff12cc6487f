"""Articles that were taken off their site: found missing, and back again when they are seen anew."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from typing import NamedTuple

from sqlalchemy import or_, select, update
from sqlmodel import Session, col

from digest.model import ArticleId
from digest.store.incoming import bounded
from digest.store.tables import ArticleRow
from digest.urls import url_key


class Absent(NamedTuple):
    """A stored article that its source did not show."""

    id: ArticleId
    title: str
    url: str | None


def absent(
    session: Session, source: str, *, since: dt.datetime, seen: Collection[ArticleId]
) -> tuple[list[Absent], int]:
    """A source's articles from `since` on that are not among those seen, and how many there are in all."""
    asked = (
        select(col(ArticleRow.id), col(ArticleRow.title), col(ArticleRow.url))
        .where(
            col(ArticleRow.source) == source,
            col(ArticleRow.happened_at) >= since,
            col(ArticleRow.gone_at).is_(None),
        )
        .order_by(col(ArticleRow.id))
    )
    rows = [Absent(ArticleId(number), title, url) for number, title, url in session.execute(asked)]
    known = frozenset(seen)
    return [row for row in rows if row.id not in known], len(rows)


def take_off(session: Session, ids: Sequence[ArticleId], *, now: dt.datetime) -> None:
    """Note that these are not on their site any more."""
    if ids:
        session.execute(
            update(ArticleRow)
            .where(col(ArticleRow.id).in_(ids), col(ArticleRow.gone_at).is_(None))
            .values(gone_at=now)
        )


def take_off_named(
    session: Session, source: str, *, source_id: str | None, url: str | None, now: dt.datetime
) -> bool:
    """Note that a source's article is not on its site any more; False where it is not known, or was noted."""
    key = bounded(url_key(url)) if url else None
    named = [
        column == value
        for column, value in (
            (col(ArticleRow.source_id), bounded(source_id)),
            (col(ArticleRow.url_key), key),
        )
        if value is not None
    ]
    if not named:
        return False
    asked = select(col(ArticleRow.id)).where(
        col(ArticleRow.source) == source, or_(*named), col(ArticleRow.gone_at).is_(None)
    )
    ids = [ArticleId(number) for number in session.scalars(asked) if number is not None]
    take_off(session, ids, now=now)
    return bool(ids)


def among(session: Session, ids: Collection[ArticleId]) -> list[Absent]:
    """Those of these articles that are not on their site any more."""
    asked = (
        select(col(ArticleRow.id), col(ArticleRow.title), col(ArticleRow.url))
        .where(col(ArticleRow.id).in_(ids), col(ArticleRow.gone_at).is_not(None))
        .order_by(col(ArticleRow.id))
    )
    return [Absent(ArticleId(number), title, url) for number, title, url in session.execute(asked)]
