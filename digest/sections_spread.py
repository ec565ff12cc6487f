"""How much a week's sections differ, and what of it is their readership and not the worth of their stories.

Sections differ by chance, by how many read them, and by how good their stories are. Chance is told apart by the
method of moments (DerSimonian and Laird 1986); of the rest so much is merit as sections can be believed to
differ, and what goes beyond is readership. Where sections are alike nothing is set off.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from digest.attention import Numbers
from digest.exposure import Interest

#: Variance of sections by merit alone, in doublings: one is a third better than another.
MERIT = 0.15
#: Variance of sections that a week begins with, and the sections that it counts for.
_USUAL, _USUAL_COUNT = 0.3, 2.0
#: The least and most stories of the mean beside a section's own.
_LEAST, _MOST = 0.5, 20.0


@dataclass(frozen=True, slots=True)
class Spread:
    """prior: how many stories of the mean stand beside a section's own. readership: its share of the difference."""

    prior: float = 3.0
    readership: float = 0.0


def spread(sections: Sequence[str], found: Sequence[Interest]) -> Spread:
    """Of one week. sections: each story's, empty for none; found: what readers made of each."""
    inside: defaultdict[str, list[tuple[float, float]]] = defaultdict(list)
    for section, one in zip(sections, found, strict=True):
        if section and one.surety:
            inside[section].append((one.doublings, min(1.0, one.surety)))
    if len(inside) < 2:
        return Spread()
    chance, beyond = _variances([np.array(members) for members in inside.values()])
    free = len(inside) - 1
    drawn = max(0.01, (beyond * free + _USUAL * _USUAL_COUNT) / (free + _USUAL_COUNT))
    return Spread(
        prior=min(_MOST, max(_LEAST, chance / drawn)), readership=max(0.0, 1 - MERIT / drawn)
    )


def _variances(sections: Sequence[Numbers]) -> tuple[float, float]:
    """(inside the sections, between them beyond that). sections: rows of a value and its weight."""
    sure = np.array([one[:, 1].sum() for one in sections])
    means = np.array([np.average(one[:, 0], weights=one[:, 1]) for one in sections])
    within = sum(
        float(one[:, 1] @ (one[:, 0] - mean) ** 2)
        for one, mean in zip(sections, means, strict=True)
    )
    chance = within / max(1.0, float(sure.sum()) - len(sections))
    seen = float(sure @ (means - np.average(means, weights=sure)) ** 2)
    whole = float(sure.sum() - sure @ sure / sure.sum())
    return chance, (seen - (len(sections) - 1) * chance) / whole
