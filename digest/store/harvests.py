"""What sources gave week by week, in numbers."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from sqlalchemy import ColumnElement, and_, case, func, select
from sqlmodel import Session, col

from digest.store.tables import ArticleRow


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
    when, gone = col(ArticleRow.happened_at), col(ArticleRow.gone_at)
    weeks = [_sum(and_(when >= start, when < end)) for start, end in pairwise(edges)]
    taken_off = _sum(and_(gone.is_not(None), when >= edges[0], when < edges[-1]))
    asked = (
        select(col(ArticleRow.source), taken_off, func.max(when), *weeks)
        .where(col(ArticleRow.source).in_(sources))
        .group_by(col(ArticleRow.source))
    )
    found = {
        source: Harvest(tuple(map(int, counts)), int(lost), newest)
        for source, lost, newest, *counts in session.execute(asked)
    }
    nothing = Harvest((0,) * len(weeks))
    return {source: found.get(source, nothing) for source in sources}


def _sum(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.sum(case((condition, 1), else_=0))
