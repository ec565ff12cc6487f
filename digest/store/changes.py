"""What articles said at a moment, and what they say now: the edits since a draft was made."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import and_, func, select
from sqlmodel import Session, col

from digest.model import ArticleId
from digest.store.tables import ArticleRevisionRow, ArticleRow


@dataclass(frozen=True, slots=True)
class Change:
    """An article that was edited: title and text before and now. at: when the last edit was seen."""

    article_id: ArticleId
    at: dt.datetime
    old_title: str
    old_text: str
    title: str
    text: str


def since(session: Session, ids: Collection[ArticleId], at: dt.datetime) -> list[Change]:
    """The edits of these articles after `at`, against what was known of each then; the newest first."""
    known = (
        select(
            col(ArticleRevisionRow.article_id).label("article_id"),
            func.max(col(ArticleRevisionRow.revision)).label("revision"),
        )
        .where(col(ArticleRevisionRow.article_id).in_(ids), col(ArticleRevisionRow.seen_at) <= at)
        .group_by(col(ArticleRevisionRow.article_id))
        .subquery()
    )
    asked = (
        select(ArticleRow, ArticleRevisionRow)
        .join(known, known.c.article_id == col(ArticleRow.id))
        .join(
            ArticleRevisionRow,
            and_(
                col(ArticleRevisionRow.article_id) == known.c.article_id,
                col(ArticleRevisionRow.revision) == known.c.revision,
            ),
        )
        .where(col(ArticleRow.changed_at) > at)
        .order_by(col(ArticleRow.changed_at).desc(), col(ArticleRow.id))
    )
    found = [
        Change(ArticleId(row.id or 0), row.changed_at, old.title, old.body, row.title, row.body)
        for row, old in session.execute(asked)
    ]
    return [one for one in found if (one.old_title, one.old_text) != (one.title, one.text)]
