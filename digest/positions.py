"""Clicks set right for place: a story high up is opened more often because it is high up.

How much more is learned from the newsletter's own past: within each issue, clicks against place, with what the score
explains taken out, and drawn to a mild decline so that few issues claim little. A click then counts as many
times as its place is seldom looked at, up to a cap (inverse propensity: Joachims, Swaminathan and Schnabel 2017,
"Unbiased Learning-to-Rank with Biased Feedback", WSDM).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from digest.model import ArticleId

#: What is believed before anything is known: chances fall with the root of the place, and briefs get half.
USUAL_DECLINE, USUAL_BRIEF = -0.5, -0.7
#: For so many stories' worth of it.
PRIOR = 24.0
#: A click counts so many times at the most, however far down it was.
CAP = 4.0
#: An issue with fewer clicks by people tells nothing of places.
FEWEST = 30
#: Places that a measure of an order looks at.
DEPTH = 10


@dataclass(frozen=True, slots=True)
class Shown:
    """A story as readers saw it. place: from 1, in printed order. score: the ranking's. clicks: by people."""

    article_id: ArticleId
    place: int
    is_brief: bool
    score: float
    clicks: int


@dataclass(frozen=True, slots=True)
class Chances:
    """How likely a place is looked at, beside the first one. decline: the power of the place; brief: a logarithm."""

    decline: float = USUAL_DECLINE
    brief: float = USUAL_BRIEF
    issues: int = 0

    def weight(self, shown: Shown) -> float:
        """How many times a click there counts: from 1 to CAP."""
        chance = self.decline * math.log(shown.place) + self.brief * shown.is_brief
        return min(CAP, math.exp(-min(chance, 0.0)))


def learn(issues: Sequence[Sequence[Shown]]) -> Chances:
    """The chances of places from issues' clicks; what is usually believed where there are none."""
    used = [one for one in issues if len(one) > 2 and _sum(one) >= FEWEST]
    if not used:
        return Chances()
    known = np.concatenate([_within([[math.log(s.clicks + 1)] for s in one]) for one in used])[:, 0]
    seen = np.concatenate([_within([_seen(s) for s in one]) for one in used])
    score = np.concatenate([_standard([[s.score] for s in one]) for one in used])
    table = np.hstack([seen, score])
    believed = np.array([USUAL_DECLINE, USUAL_BRIEF, 0.0])
    drawn = np.diag([PRIOR, PRIOR, PRIOR / 4])
    found = np.linalg.solve(table.T @ table + drawn, table.T @ known + drawn @ believed)
    return Chances(min(float(found[0]), 0.0), min(float(found[1]), 0.0), len(used))


def ndcg(
    order: Sequence[ArticleId], gains: Mapping[ArticleId, float], depth: int = DEPTH
) -> float | None:
    """How much of the clicks an order has at its top, from 0 to 1 (Järvelin and Kekäläinen 2002); None without any."""
    best = _discounted(sorted(gains.values(), reverse=True)[:depth])
    if not best:
        return None
    return _discounted([gains.get(one, 0.0) for one in order[:depth]]) / best


def _discounted(gains: Sequence[float]) -> float:
    return sum(gain / math.log2(place + 1) for place, gain in enumerate(gains, 1))


def _sum(stories: Sequence[Shown]) -> int:
    return sum(one.clicks for one in stories)


def _seen(shown: Shown) -> list[float]:
    return [math.log(shown.place), float(shown.is_brief)]


def _within(rows: Sequence[Sequence[float]]) -> NDArray[np.float64]:
    """Each column beside its mean in the issue: an issue's own size falls out."""
    table = np.asarray(rows, dtype=np.float64)
    return np.asarray(table - table.mean(axis=0))


def _standard(rows: Sequence[Sequence[float]]) -> NDArray[np.float64]:
    table = _within(rows)
    spread = table.std(axis=0)
    return np.asarray(table / np.where(spread > 0, spread, 1.0))
