"""The figures of readers' signals: appended when they change, read as the newest of each kind."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from sqlalchemy import ColumnElement, func, insert, select
from sqlmodel import Session, col

from digest.model import ArticleId, Engagement, Unit
from digest.store.incoming import bounded
from digest.store.tables import ArticleRow, EngagementRow
from digest.urls import url_key


class Figures(dict[int, tuple[Engagement, ...]]):
    """Figures by article; an article without any has none."""

    def __missing__(self, key: int) -> tuple[Engagement, ...]:
        return ()


def newest(session: Session, *conditions: ColumnElement[bool]) -> Figures:
    """The newest figure of each kind of the articles that meet `conditions`, by article."""
    age = func.row_number().over(
        partition_by=(col(EngagementRow.article_id), col(EngagementRow.kind)),
        order_by=(col(EngagementRow.taken_at).desc(), col(EngagementRow.id).desc()),
    )
    ranked = (
        select(*EngagementRow.__table__.c, age.label("age"))  # type: ignore[attr-defined]
        .join(ArticleRow, col(ArticleRow.id) == col(EngagementRow.article_id))
        .where(*conditions)
        .subquery()
    )
    asked = select(ranked).where(ranked.c.age == 1).order_by(ranked.c.article_id, ranked.c.kind)
    found = Figures()
    for row in session.execute(asked):
        signal = Engagement(row.kind, row.value, Unit(row.unit), row.n, row.taken_at)
        found[row.article_id] = (*found[row.article_id], signal)
    return found


def whose(
    session: Session, *, url: str | None, source_id: str | None, source: str | None
) -> list[ArticleId]:
    """The articles at this address, or known to `source` by this id; of every source where it is None."""
    key = bounded(url_key(url)) if url else None
    asked = select(col(ArticleRow.id)).order_by(col(ArticleRow.id))
    if key is not None:
        asked = asked.where(col(ArticleRow.url_key) == key)
    else:
        asked = asked.where(col(ArticleRow.source_id) == bounded(source_id))
    if source is not None:
        asked = asked.where(col(ArticleRow.source) == source)
    return [ArticleId(found) for found in session.scalars(asked) if found is not None]


def note(
    session: Session,
    article_id: ArticleId,
    signals: Iterable[Engagement],
    *,
    now: dt.datetime,
) -> None:
    """Append each figure that is news: another value or n, and not older than the one we have."""
    given = {signal.kind: signal for signal in signals}
    if not given:
        return
    known = {e.kind: e for e in newest(session, col(ArticleRow.id) == article_id)[article_id]}
    rows = []
    for kind, signal in given.items():
        taken_at, old = signal.taken_at or now, known.get(kind)
        same = old is not None and (old.value, old.n, old.unit) == (
            signal.value,
            signal.n,
            signal.unit,
        )
        if same or (old is not None and old.taken_at is not None and taken_at < old.taken_at):
            continue
        rows.append(
            {
                "article_id": article_id,
                "kind": kind,
                "value": signal.value,
                "unit": signal.unit.value,
                "n": signal.n,
                "taken_at": taken_at,
            }
        )
    if rows:
        session.execute(insert(EngagementRow), rows)
