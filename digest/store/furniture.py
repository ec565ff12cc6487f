"""Paragraphs that a source prints under its articles week after week: learned once, known from then on.

What is taken out of an article is no longer in its text, so the texts alone would forget it again.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Collection, Iterable

from sqlalchemy import select
from sqlmodel import Session, col

from digest.store import statements
from digest.store.tables import ArticleRow, FurnitureRow

#: So many of a source's newest articles show what recurs.
RECENT = 60


def known(session: Session, source: str, keys: Iterable[str]) -> frozenset[str]:
    """Those of the paragraphs' keys that were learned from this source before."""
    asked = select(col(FurnitureRow.key_hash)).where(col(FurnitureRow.source) == source)
    learned = set(session.scalars(asked))
    return frozenset(key for key in keys if _hash(key) in learned) if learned else frozenset()


def learn(session: Session, source: str, keys: Collection[str], *, now: dt.datetime) -> None:
    """Keep the keys of paragraphs; some may be kept already."""
    rows = [{"source": source, "key_hash": _hash(key), "learned_at": now} for key in sorted(keys)]
    if rows:
        put = statements.insert(session, FurnitureRow).values(rows)
        session.execute(put.on_conflict_do_nothing())


def recent(session: Session, source: str) -> list[tuple[str | None, str | None, str]]:
    """The newest articles of a source: each one's own id, its address and its text."""
    asked = (
        select(col(ArticleRow.source_id), col(ArticleRow.url), col(ArticleRow.body))
        .where(col(ArticleRow.source) == source)
        .order_by(col(ArticleRow.happened_at).desc())
        .limit(RECENT)
    )
    return [(row.source_id, row.url, row.body) for row in session.execute(asked)]


def _hash(key: str) -> str:
    return hashlib.sha256(key.encode("utf-8", "replace")).hexdigest()
