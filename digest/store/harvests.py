"""What sources gave and when, in numbers."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from sqlalchemy import ColumnElement, and_, case, func, select
from sqlmodel import Session, col

from digest.store.tables import ArticleRow

_WHEN = col(ArticleRow.happened_at)


@dataclass(frozen=True, slots=True)
class Harvest:
    """What one source gave. weeks: articles of each week, oldest first; gone: how many of them are off their site.

    newest_at: of its newest article, whenever that was.
    """

    weeks: tuple[int, ...]
    gone: int = 0
    newest_at: dt.datetime | None = None


def by_week(
    session: Session, sources: Sequence[str], edges: Sequence[dt.datetime]
) -> dict[str, Harvest]:
    """The harvest of each of `sources` between each two of `edges`, which are in order.

    An article counts for the moment that it had at first sight, as it does for an issue.
    """
    asked = (
        select(col(ArticleRow.source), func.max(_WHEN), *_counts(edges))
        .where(col(ArticleRow.source).in_(sources), *_between(edges))
        .group_by(col(ArticleRow.source))
    )
    weeks, newest = {}, {}
    for source, last, *counts in session.execute(asked):
        weeks[source], newest[source] = tuple(map(int, counts)), last
    newest |= _newest(session, [one for one in sources if one not in weeks])
    gone, nothing = _gone(session, sources, edges), (0,) * (len(edges) - 1)
    return {
        one: Harvest(weeks.get(one, nothing), gone.get(one, 0), newest.get(one)) for one in sources
    }


def _newest(session: Session, sources: Sequence[str]) -> dict[str, dt.datetime]:
    """Of those that gave nothing lately."""
    mine = col(ArticleRow.source).in_(sources)
    asked = select(col(ArticleRow.source), func.max(_WHEN)).where(mine)
    found = session.execute(asked.group_by(col(ArticleRow.source)))
    return {source: newest for source, newest in found}  # noqa: C416


def _gone(session: Session, sources: Sequence[str], edges: Sequence[dt.datetime]) -> dict[str, int]:
    """How many are off their site: few, and found by an index of their own."""
    asked = (
        select(col(ArticleRow.source), func.count())
        .where(col(ArticleRow.gone_at).is_not(None), col(ArticleRow.source).in_(sources))
        .where(*_between(edges))
        .group_by(col(ArticleRow.source))
    )
    return {source: count for source, count in session.execute(asked)}  # noqa: C416


def _between(edges: Sequence[dt.datetime]) -> tuple[ColumnElement[bool], ...]:
    return edges[0] <= _WHEN, edges[-1] > _WHEN


def _counts(edges: Sequence[dt.datetime]) -> list[ColumnElement[int]]:
    """The articles of each week. Asked of the index alone: rows hold whole texts."""
    weeks = [and_(start <= _WHEN, end > _WHEN) for start, end in pairwise(edges)]
    return [func.sum(case((week, 1), else_=0)) for week in weeks]


def times(
    session: Session, source: str, *, since: dt.datetime, now: dt.datetime
) -> list[dt.datetime]:
    """When each story of a source happened from then to now, oldest first."""
    mine = col(ArticleRow.source) == source
    return list(
        session.scalars(select(_WHEN).where(mine, _WHEN.between(since, now)).order_by(_WHEN))
    )


def newest_time(session: Session, source: str, *, now: dt.datetime) -> dt.datetime | None:
    """When the newest story of a source happened; None where it has none. What is dated later than now has not."""
    mine = col(ArticleRow.source) == source
    return session.scalar(select(func.max(_WHEN)).where(mine, now >= _WHEN))
