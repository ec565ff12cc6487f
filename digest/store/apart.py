"""Pairs of articles that an editor says are two, though their texts are alike."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection

from sqlalchemy import delete, or_, select
from sqlmodel import Session, col

from digest.model import ArticleId
from digest.store import statements
from digest.store.tables import ArticleApartRow


def keep(session: Session, one: ArticleId, other: ArticleId, *, by: str, now: dt.datetime) -> None:
    """Note that these two are two. Harmless to repeat."""
    low, high = sorted((one, other))
    statement = statements.insert(session, ArticleApartRow).values(
        one_id=low, other_id=high, by=by[:60], at=now
    )
    session.execute(statement.on_conflict_do_nothing())


def undo(session: Session, one: ArticleId, other: ArticleId) -> None:
    """Let their texts decide again."""
    low, high = sorted((one, other))
    session.execute(
        delete(ArticleApartRow).where(
            col(ArticleApartRow.one_id) == low, col(ArticleApartRow.other_id) == high
        )
    )


def pairs(session: Session, ids: Collection[ArticleId]) -> frozenset[frozenset[ArticleId]]:
    """The pairs that one of these articles belongs to."""
    asked = select(col(ArticleApartRow.one_id), col(ArticleApartRow.other_id)).where(
        or_(col(ArticleApartRow.one_id).in_(ids), col(ArticleApartRow.other_id).in_(ids))
    )
    return frozenset(frozenset((ArticleId(a), ArticleId(b))) for a, b in session.execute(asked))
