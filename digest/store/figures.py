"""The figures of readers' signals: appended when they change, read as the newest of each kind."""

from __future__ import annotations

import datetime as dt
import functools
import sys
from collections.abc import Iterable
from typing import Any

from sqlalchemy import ColumnElement, Select, bindparam, func, insert, select
from sqlmodel import Session, col

from digest.model import ArticleId, Engagement, Unit
from digest.store.incoming import bounded
from digest.store.tables import ArticleRow, EngagementRow
from digest.urls import url_key

#: So many rows are taken from the database at a time: eight weeks of a large site have a hundred thousand.
_AT_ONCE = 2000


class Figures(dict[int, tuple[Engagement, ...]]):
    """Figures by article; an article without any has none."""

    def __missing__(self, key: int) -> tuple[Engagement, ...]:
        return ()


def newest(session: Session, *conditions: ColumnElement[bool]) -> Figures:
    """The newest figure of each kind of the articles that meet `conditions`, by article."""
    articles = select(col(ArticleRow.id)).where(*conditions)
    return _read(session, _asked(col(EngagementRow.article_id).in_(articles)), {})


def of_one(session: Session, article_id: ArticleId) -> tuple[Engagement, ...]:
    """The newest figure of each kind of one article."""
    return _read(session, _asked_of_one(), {"article": article_id})[article_id]


@functools.cache
def _asked_of_one() -> Select[Any]:
    """Made once: to make it costs as much as to ask it, and a poll asks it for each article."""
    return _asked(col(EngagementRow.article_id) == bindparam("article"))


def _asked(condition: ColumnElement[bool]) -> Select[Any]:
    age = func.row_number().over(
        partition_by=(col(EngagementRow.article_id), col(EngagementRow.kind)),
        order_by=(col(EngagementRow.taken_at).desc(), col(EngagementRow.id).desc()),
    )
    columns = EngagementRow.__table__.c  # type: ignore[attr-defined]
    ranked = select(*columns, age.label("age")).where(condition).subquery()
    told = (ranked.c[name] for name in ("article_id", "kind", "value", "unit", "n", "taken_at"))
    asked = select(*told).where(ranked.c.age == 1)
    return asked.order_by(ranked.c.article_id, ranked.c.kind)


def _read(session: Session, asked: Select[Any], values: dict[str, int]) -> Figures:
    found: dict[int, list[Engagement]] = {}
    moments: dict[dt.datetime, dt.datetime] = {}  # one poll reads many figures
    units = {unit.value: unit for unit in Unit}
    rows = session.execute(asked.execution_options(yield_per=_AT_ONCE), values)
    for article, kind, value, unit, n, taken_at in rows:
        taken_at = moments.setdefault(taken_at, taken_at)
        signal = Engagement(sys.intern(kind), value, units[unit], n, taken_at)
        found.setdefault(article, []).append(signal)
    return Figures({number: tuple(signals) for number, signals in found.items()})


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
    is_new: bool = False,
) -> None:
    """Append each figure that is news: another value or n, and not older than the one we have.

    is_new: the article came in just now, so none is there.
    """
    given = {signal.kind: signal for signal in signals}
    if not given:
        return
    known = {} if is_new else {e.kind: e for e in of_one(session, article_id)}
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
