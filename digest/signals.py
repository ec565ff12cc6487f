"""What readers did with an article, read from its engagement: counts, and ratings with their votes.

A percentage or an average without the number of readers behind it says nothing and counts as
nothing; so does a figure that is below nought, no number, or more than there are people.
"""

from __future__ import annotations

import datetime as dt
import math
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from digest.model import Article, Engagement, Unit

#: More readers than this there are not; a greater figure is a mistake.
MOST_READERS = 10**11


@dataclass(frozen=True, slots=True)
class Rating:
    """An average from 1 to 5 and how many voted; `votes` is None where nobody tells."""

    average: float
    votes: int | None


def comments(article: Article) -> float | None:
    """How many comments; None = not known."""
    return _count(_of(article, "comments"))


def views(article: Article) -> float | None:
    """How many times it was opened; None = not known."""
    return _count(_of(article, "views"))


def reactions(article: Article) -> float | None:
    """Likes and faces of every kind together; None = not known. Dislikes are left out of it."""
    return _count(e for e in article.engagement if e.kind == "likes" or _is_face(e.kind))


def faces(articles: Iterable[Article]) -> dict[str, float]:
    """How many readers gave each face, by its name, over all the articles; likes are no face."""
    found: defaultdict[str, float] = defaultdict(float)
    for one in (e for article in articles for e in article.engagement):
        if one.kind.startswith("reaction:") and (count := _readers(one)):
            found[one.kind.removeprefix("reaction:")] += count
    return dict(found)


def rating(article: Article) -> Rating | None:
    """The readers' stars; from the number of votes a star where no average is given."""
    stated = next(iter(_of(article, "rating")), None)
    if stated is not None and 1 <= stated.value <= 5:
        return Rating(stated.value, _behind(stated))
    stars = {k: _count(_of(article, f"stars:{k}")) or 0.0 for k in range(1, 6)}
    votes = sum(stars.values())
    if votes < 1:
        return None
    return Rating(sum(k * n for k, n in stars.items()) / votes, round(votes))


def taken_at(article: Article, now: dt.datetime) -> dt.datetime:
    """When the article's figures were read; `now` where nobody tells, and never after it."""
    moments = [e.taken_at for e in article.engagement if e.taken_at]
    return min(now, max(moments)) if moments else now


def _is_face(kind: str) -> bool:
    return kind == "reactions" or kind.startswith("reaction:")


def _of(article: Article, kind: str) -> list[Engagement]:
    return [e for e in article.engagement if e.kind == kind]


def _count(found: Iterable[Engagement]) -> float | None:
    """The sum of the figures as numbers of readers; None where none of them counts."""
    counts = [c for c in map(_readers, found) if c is not None]
    return math.fsum(counts) if counts else None


def _readers(one: Engagement) -> float | None:
    if not 0 <= one.value <= MOST_READERS:  # also False for what is no number
        return None
    if one.unit is Unit.COUNT:
        return one.value
    behind = _behind(one)
    if one.unit is Unit.PERCENT and behind:
        return min(one.value, 100.0) / 100 * behind
    return None


def _behind(one: Engagement) -> int | None:
    """How many readers stand behind a percentage or an average; None = not known."""
    return one.n if one.n and 0 < one.n <= MOST_READERS else None
