"""Weights from what people did with the order: editors' moves, and readers' clicks as counts.

Every story's score is a sum of parts. Where an editor put one story before another, the parts of the first
should have summed to more: a logistic model of such pairs fits one factor a weight, drawn to 1, so that
few moves change little. Clicks make such pairs too, among stories of one kind of place and set right for where
each stood (`positions.py`). Nothing is written here: the outcome is a proposal, shown beside today's order.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from digest import positions
from digest.model import ArticleId, Layout, Story
from digest.positions import Chances, Shown

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
#: All clicks of an issue together speak as loudly as so many pairs of an editor's, at the most.
_MOST_CLICKED = 20.0
_ROUNDS, _STEP = 400, 0.5
_MOST_FACTOR, _MOST_WEIGHT = 4.0, 10.0


#: Clicks by people on one issue, by article; nobody's name.
Clicks = Mapping[ArticleId, int]


@dataclass(frozen=True, slots=True)
class Lesson:
    """One issue: its stories as the stages scored them, where they stood, and how often they were opened.

    moved: whether an editor's hand is in the layout; if not it is the ranking's own, which teaches it nothing.
    places: from 1, as printed; without them a click counts as it is.
    """

    period: str
    stories: tuple[Story, ...]
    layout: Layout
    clicks: Clicks = field(default_factory=dict)
    moved: bool = True
    places: Mapping[ArticleId, int] = field(default_factory=dict)

    @property
    def shown(self) -> list[Shown]:
        """The stories whose clicks were counted, by place."""
        briefs = set(self.layout.briefs)
        found = [
            Shown(
                story.article_id,
                self.places[story.article_id],
                story.article_id in briefs,
                story.score,
                self.clicks[story.article_id],
            )
            for story in self.stories
            if story.article_id in self.clicks and story.article_id in self.places
        ]
        return sorted(found, key=lambda one: one.place)


@dataclass(frozen=True, slots=True)
class Judged:
    """How well an order of one issue's stories would have put first what was read: NDCG against its clicks, set right.

    proposed: by weights that were learned from the other issues; None where there are none.
    """

    period: str
    clicks: int
    printed: float
    today: float
    proposed: float | None


@dataclass(frozen=True, slots=True)
class Proposal:
    """Weights as they are and as people's choices would have them.

    agreed: the share of all pairs that today's weights put in the editors' order; would_agree: that the
    proposed ones do, each issue judged by what the others taught (with one issue: by itself). judged: the
    issues whose clicks were counted. chances: of places, as they were set off.
    """

    issues: int
    pairs: int
    weights: Mapping[str, tuple[float, float]]
    agreed: float
    would_agree: float
    factors: Mapping[str, float]
    judged: tuple[Judged, ...] = ()
    chances: Chances = field(default_factory=Chances)

    @property
    def changes(self) -> dict[str, float]:
        """The weights that would change, with their new values."""
        return {name: new for name, (old, new) in self.weights.items() if new != old}


def propose(lessons: Sequence[Lesson], weights: Mapping[str, float]) -> Proposal | None:
    """What the lessons come to; None where no pair of stories was put in another order than another."""
    chances = positions.learn([lesson.shown for lesson in lessons])
    tables = [_differences(lesson, chances) for lesson in lessons]
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
        judged=_against_clicks(lessons, tables, chances),
        chances=chances,
    )


def judge(lessons: Sequence[Lesson]) -> tuple[Judged, ...]:
    """How today's order did against the clicks, where they teach no other weights."""
    chances = positions.learn([lesson.shown for lesson in lessons])
    return _against_clicks(lessons, [], chances)


def _against_clicks(
    lessons: Sequence[Lesson], tables: Sequence[Table], chances: Chances
) -> tuple[Judged, ...]:
    found = []
    for at, lesson in enumerate(lessons):
        shown = lesson.shown
        gains = {one.article_id: one.clicks * chances.weight(one) for one in shown}
        stories = [story for story in lesson.stories if story.article_id in gains]
        printed = positions.ndcg([one.article_id for one in shown], gains)
        today = positions.ndcg([one.article_id for one in by_score(stories)], gains)
        if printed is None or today is None:
            continue
        others = [one for n, one in enumerate(tables) if n != at and len(one)]
        proposed = None
        if others:
            fitted = dict(zip(LEARNABLE, _fit(np.concatenate(others)).tolist(), strict=True))
            proposed = positions.ndcg([s.article_id for s in reordered(stories, fitted)], gains)
        clicks = sum(one.clicks for one in shown)
        found.append(Judged(lesson.period, clicks, printed, today, proposed))
    return tuple(found)


def reordered(stories: Sequence[Story], factors: Mapping[str, float]) -> list[Story]:
    """The stories by the score that they would have with each part times its factor."""
    return sorted(stories, key=lambda story: (-_score(story, factors), story.article_id))


def by_score(stories: Sequence[Story]) -> list[Story]:
    """The stories by today's score."""
    return sorted(stories, key=lambda story: (-story.score, story.article_id))


# ---------------------------------------------------------------- pairs

Table = NDArray[np.float64]


def _differences(lesson: Lesson, chances: Chances) -> Table:
    """For each pair (preferred, other): the differences of their learnable parts, of all the rest together, and how much it counts."""
    parts = {story.article_id: _parts(story) for story in lesson.stories}
    moved = [pair for pair in _moved(lesson) if parts.keys() >= set(pair)]
    clicked = [pair for pair in _clicked(lesson, chances) if parts.keys() >= set(pair)]
    loud = min(1.0, _MOST_CLICKED / max(len(clicked), 1))
    rows = [np.append(parts[a] - parts[b], 1.0) for a, b in moved]
    rows += [np.append(parts[a] - parts[b], loud) for a, b in clicked]
    return np.array(rows).reshape(-1, len(LEARNABLE) + 2)


def _parts(story: Story) -> Table:
    points = dict.fromkeys(LEARNABLE, 0.0)
    for reason in story.reasons:
        if reason.name in points:
            points[reason.name] += reason.points
    rest = story.score - math.fsum(points.values())
    return np.array([*points.values(), rest])


Pairs = list[tuple[ArticleId, ArticleId]]


def _moved(lesson: Lesson) -> Pairs:
    """Who was put before whom by a person: a better kind of place, an earlier place in one section."""
    if not lesson.moved:
        return []
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
    return pairs


def _clicked(lesson: Lesson, chances: Chances) -> Pairs:
    """Who was surely opened more often than whom of the same kind of place, had both stood at the same one."""
    weights = {one.article_id: chances.weight(one) for one in lesson.shown}
    counted = {one: (count, weights.get(one, 1.0)) for one, count in lesson.clicks.items()}
    tiers = [[one for one in tier if one in counted] for tier in _tiers(lesson.layout)]
    return [
        (a, b)
        for tier in tiers
        for a in tier
        for b in tier
        if _surely_more(*counted[a], *counted[b])
    ]


def _tiers(layout: Layout) -> list[list[ArticleId]]:
    lead = [] if layout.lead is None else [layout.lead]
    full = [one for _, inside in layout.sections for one in inside]
    return [lead, full, list(layout.briefs), [one for one, _ in layout.dropped]]


def _surely_more(clicks: int, weight: float, others: int, of_other: float) -> bool:
    """Each click counts `weight` times, and so does its chance: counts vary by their root."""
    spread = math.sqrt(clicks * weight**2 + others * of_other**2 + 1)
    return clicks * weight - others * of_other > _SURE * spread


# ---------------------------------------------------------------- the fit


def _fit(table: Table) -> Table:
    """One factor a part, from 0 to 4, by gradient; the prior is that of PRIOR_PAIRS pairs for a factor of 1."""
    parts, rest, counts = table[:, :-2], table[:, -2], table[:, -1]
    factors = np.ones(parts.shape[1])
    for _ in range(_ROUNDS):
        wrong = counts / (1 + np.exp(np.clip(parts @ factors + rest, -30, 30)))
        slope = parts.T @ wrong - PRIOR_PAIRS * (factors - 1)
        size = PRIOR_PAIRS + counts @ parts**2 / 4
        factors = np.clip(factors + _STEP * slope / size, 0.0, _MOST_FACTOR)
    return np.asarray(factors)


def _agreement(table: Table, factors: Table) -> float:
    found = table[:, :-2] @ factors + table[:, -2]
    return float(np.average((found > 0) + (found == 0) / 2, weights=table[:, -1]))


def _judged(tables: Sequence[Table]) -> float:
    """The agreement of each issue with the factors of all others, every pair counted once."""
    if len(tables) == 1:
        return _agreement(tables[0], _fit(tables[0]))
    right = 0.0
    for place, table in enumerate(tables):
        others = np.concatenate([*tables[:place], *tables[place + 1 :]])
        right += _agreement(table, _fit(others)) * table[:, -1].sum()
    return float(right / sum(table[:, -1].sum() for table in tables))


def _weight(old: float, factor: float) -> float:
    return round(min(_MOST_WEIGHT, old * factor), 2)


def _ratio(old: float, new: float) -> float:
    return new / old if old else 1.0


def _score(story: Story, factors: Mapping[str, float]) -> float:
    moved = (r.points * (factors[r.name] - 1) for r in story.reasons if r.name in factors)
    return story.score + math.fsum(moved)
