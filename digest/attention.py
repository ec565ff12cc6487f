"""How attention fades on this site: the share of a week's signs that a story has after so many hours.

The curve is `1 - exp(-(h / scale) ** shape)`: from all at once to a fixed number an hour. Scale and shape are
learned from the stories themselves. Their counts are taken as negative binomial around the curve (a Poisson
rate that differs from story to story), each curve of a grid is weighed by its likelihood, and the answer is
the mean of all: where little was measured no single one wins.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]

#: Hours after which a share is one.
WEEK_H = 168.0
#: The grid: hours in which most of the attention comes, and how suddenly it fades.
SCALES = (1.0, 3.0, 6.0, 12.0, 24.0, 48.0, 96.0, 200.0, 1000.0)
SHAPES = (0.4, 0.7, 1.0)
#: How much stories differ: shapes of the gamma that their rates come from.
_SPREADS = (0.5, 1.0, 2.0, 4.0, 8.0, 16.0)
_GRID = tuple((scale, shape) for scale in SCALES for shape in SHAPES)


@dataclass(frozen=True, slots=True)
class Sightings:
    """One week's stories with one sign: hours of exposure and counts, side by side."""

    hours: Sequence[float]
    counts: Sequence[float]


@dataclass(frozen=True, slots=True)
class Curve:
    """The weights of the grid's curves; they sum to one."""

    weights: tuple[float, ...]

    def share(self, hours: Sequence[float]) -> Numbers:
        """The share of a week's signs that is there after so many hours; at 168 hours it is one."""
        spans = np.maximum(np.asarray(hours, dtype=float), 1.0)
        logs = np.log([_share(spans, scale, shape) for scale, shape in _GRID])
        return np.asarray(np.exp(np.asarray(self.weights) @ logs))


def learn(weeks: Sequence[Sightings]) -> Curve:
    """The curve that all these sightings speak for; without any, the plain mean of the grid's."""
    fit = np.zeros(len(_GRID))
    for seen in weeks:
        if len(seen.hours) > 1 and math.fsum(seen.counts) > 0:
            fit += _likelihoods(seen)
    weights = np.exp(fit - fit.max())
    return Curve(tuple(float(weight) for weight in weights / weights.sum()))


def _share(hours: Numbers, scale: float, shape: float) -> Numbers:
    whole = -math.expm1(-((WEEK_H / scale) ** shape))
    return np.asarray(-np.expm1(-((hours / scale) ** shape)) / whole)


def _likelihoods(seen: Sightings) -> Numbers:
    """The log-likelihood of each curve of the grid, the unknown spread averaged out."""
    hours = np.maximum(np.asarray(seen.hours, dtype=float), 1.0)
    counts = np.asarray(seen.counts, dtype=float)
    fits = np.empty((len(_GRID), len(_SPREADS)))
    means = np.array([_means(_share(hours, *curve), counts) for curve in _GRID])
    for place, k in enumerate(_SPREADS):
        alike = math.fsum(math.lgamma(n + k) - math.lgamma(k) for n in seen.counts)
        logs = k * np.log(k / (k + means)) + counts * np.log(means / (k + means))
        fits[:, place] = alike + logs.sum(axis=1)
    best = fits.max(axis=1)
    return np.asarray(best + np.log(np.exp(fits - best[:, None]).mean(axis=1)))


def _means(shares: Numbers, counts: Numbers) -> Numbers:
    """The counts to be expected, were all stories alike."""
    return np.asarray(counts.sum() / shares.sum() * shares)
