"""Weights from what people did with the order: editors' moves, and readers' clicks as counts.

Every story's score is a sum of parts. Where an editor put one story before another, the parts of the first
should have summed to more: a logistic model of such pairs fits one factor a weight, drawn to 1, so that
few moves change little. Nothing is written here: the outcome is a proposal, shown beside today's order.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from digest.model import ArticleId, Layout, Story

#: The weights that can be learned, by the names of the parts that they scale.
LEARNABLE = (
    "reactions",
    "comments",
    "rating",
    "views",
    "mixture",
    "coverage",
    "length",
    "originality",
    "recency",
)
#: How many pairs speak for the weights of today before any other does.
PRIOR_PAIRS = 20.0
#: A story must have so many clicks more than one of its kind of place, in standard errors, to count as read more.
_SURE = 2.0
_ROUNDS, _STEP = 400, 0.5
_MOST_FACTOR, _MOST_WEIGHT = 4.0, 10.0


#: Readers' clicks of one issue: counts by article, nobody's name. Not collected yet: an empty one is given.
Clicks = Mapping[ArticleId, int]


@dataclass(frozen=True, slots=True)
class Lesson:
    """One issue: its stories as the stages scored them, where an editor put them, and who was clicked."""

    period: str
    stories: tuple[Story, ...]
    layout: Layout
    clicks: Clicks = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Proposal:
    """Weights as they are and as people's choices would have them.

    agreed: the share of all pairs that today's weights put in the editors' order; would_agree: that the
    proposed ones do, each issue judged by what the others taught (with one issue: by itself).
    """

    issues: int
    pairs: int
    weights: Mapping[str, tuple[float, float]]
    agreed: float
    would_agree: float
    factors: Mapping[str, float]

    @property
    def changes(self) -> dict[str, float]:
        """The weights that would change, with their new values."""
        return {name: new for name, (old, new) in self.weights.items() if new != old}


def propose(lessons: Sequence[Lesson], weights: Mapping[str, float]) -> Proposal | None:
    """What the lessons come to; None where no pair of stories was put in another order than another."""
    tables = [_differences(lesson) for lesson in lessons]
    taught = [table for table in tables if len(table)]
    if not taught:
        return None
    every = np.concatenate(taught)
    factors = _fit(every)
    new = {name: _weight(weights[name], factors[n]) for n, name in enumerate(LEARNABLE)}
    ones = np.ones(len(LEARNABLE))
    return Proposal(
        issues=len(taught),
        pairs=len(every),
        weights={name: (weights[name], new[name]) for name in LEARNABLE},
        agreed=_agreement(every, ones),
        would_agree=_judged(taught),
        factors={name: _ratio(weights[name], new[name]) for name in LEARNABLE},
    )


def reordered(stories: Sequence[Story], factors: Mapping[str, float]) -> list[Story]:
    """The stories by the score that they would have with each part times its factor."""
    return sorted(stories, key=lambda story: (-_score(story, factors), story.article_id))


def by_score(stories: Sequence[Story]) -> list[Story]:
    """The stories by today's score."""
    return sorted(stories, key=lambda story: (-story.score, story.article_id))


# ---------------------------------------------------------------- pairs

Table = NDArray[np.float64]


def _differences(lesson: Lesson) -> Table:
    """For each pair (preferred, other): the differences of their learnable parts, and of all the rest together."""
    parts = {story.article_id: _parts(story) for story in lesson.stories}
    rows = [parts[a] - parts[b] for a, b in _pairs(lesson) if a in parts and b in parts]
    return np.array(rows).reshape(-1, len(LEARNABLE) + 1)


def _parts(story: Story) -> Table:
    points = dict.fromkeys(LEARNABLE, 0.0)
    for reason in story.reasons:
        if reason.name in points:
            points[reason.name] += reason.points
    rest = story.score - math.fsum(points.values())
    return np.array([*points.values(), rest])


def _pairs(lesson: Lesson) -> list[tuple[ArticleId, ArticleId]]:
    """Who was put before whom: a better kind of place, an earlier place in one section; or clearly more clicks."""
    tiers = _tiers(lesson.layout)
    pairs = [
        (better, worse)
        for place, tier in enumerate(tiers)
        for below in tiers[place + 1 :]
        for better in tier
        for worse in below
    ]
    for _, inside in lesson.layout.sections:
        pairs += [(a, b) for n, a in enumerate(inside) for b in inside[n + 1 :]]
    for tier in tiers:
        pairs += [(a, b) for a in tier for b in tier if _clicked_more(lesson.clicks, a, b)]
    return pairs


def _tiers(layout: Layout) -> list[list[ArticleId]]:
    lead = [] if layout.lead is None else [layout.lead]
    full = [one for _, inside in layout.sections for one in inside]
    return [lead, full, list(layout.briefs), [one for one, _ in layout.dropped]]


def _clicked_more(clicks: Clicks, one: ArticleId, other: ArticleId) -> bool:
    if one not in clicks or other not in clicks:
        return False
    a, b = clicks[one], clicks[other]
    return a - b > _SURE * math.sqrt(a + b + 1)


# ---------------------------------------------------------------- the fit


def _fit(table: Table) -> Table:
    """One factor a part, from 0 to 4, by gradient; the prior is that of PRIOR_PAIRS pairs for a factor of 1."""
    parts, rest = table[:, :-1], table[:, -1]
    factors = np.ones(parts.shape[1])
    for _ in range(_ROUNDS):
        wrong = 1 / (1 + np.exp(np.clip(parts @ factors + rest, -30, 30)))
        slope = parts.T @ wrong - PRIOR_PAIRS * (factors - 1)
        size = PRIOR_PAIRS + (parts**2).sum(axis=0) / 4
        factors = np.clip(factors + _STEP * slope / size, 0.0, _MOST_FACTOR)
    return np.asarray(factors)


def _agreement(table: Table, factors: Table) -> float:
    found = table[:, :-1] @ factors + table[:, -1]
    return float(((found > 0) + (found == 0) / 2).mean())


def _judged(tables: Sequence[Table]) -> float:
    """The agreement of each issue with the factors of all others, every pair counted once."""
    if len(tables) == 1:
        return _agreement(tables[0], _fit(tables[0]))
    right = 0.0
    for place, table in enumerate(tables):
        others = np.concatenate([*tables[:place], *tables[place + 1 :]])
        right += _agreement(table, _fit(others)) * len(table)
    return right / sum(map(len, tables))


def _weight(old: float, factor: float) -> float:
    return round(min(_MOST_WEIGHT, old * factor), 2)


def _ratio(old: float, new: float) -> float:
    return new / old if old else 1.0


def _score(story: Story, factors: Mapping[str, float]) -> float:
    moved = (r.points * (factors[r.name] - 1) for r in story.reasons if r.name in factors)
    return story.score + math.fsum(moved)
