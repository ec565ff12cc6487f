"""Group titles that come without a text by how they hang together: the communities of a graph.

Two titles on one event often share no word, but both share words with a third. So links lead on by way of
others (three steps, Delvenne 2010), and groups are joined as long as more links lead from one into the other
than chance would put there (modularity, Clauset, Newman and Moore 2004). No threshold: a week of a few
big stories and a week of strangers are each measured by themselves.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from digest import likeness
from digest.nearest import NEVER, Nearest

Matrix = NDArray[np.float64]

_STEPS = 3


def communities(links: Matrix) -> list[list[int]]:
    """Every place in exactly one group, each in order. links: symmetric, 0 for none, its diagonal 0."""
    groups = {place: [place] for place in range(len(links))}
    parts = list(likeness.connected(links > 0))
    walked = [_by_way(links[np.ix_(part, part)]) for part in parts]
    total = sum(float(one.sum()) for one in walked)
    for part, one in zip(parts, walked, strict=True):
        for group in _joined(one, total):
            places = sorted(part[at] for at in group)
            for place in places:
                groups.pop(place)
            groups[places[0]] = places
    return list(groups.values())


def _by_way(links: Matrix) -> Matrix:
    """Links with those that lead over one and two others."""
    onward = links / links.sum(axis=1)[:, None]
    found, step = links.copy(), links
    for _ in range(_STEPS - 1):
        step = step @ onward
        found += step
    np.fill_diagonal(found, 0.0)
    return (found + found.T) / 2


def _joined(links: Matrix, total: float) -> list[list[int]]:
    """Join the two groups that gain most, until no two hang together more than by chance."""
    size = links.sum(axis=1)
    gain = links / total - np.outer(size, size) / total**2
    nearest = Nearest(np.where(links > 0, gain, NEVER))
    groups = {place: [place] for place in range(len(links))}
    while nearest.best > 0:
        one, other = nearest.pair()
        linked = (nearest.near[one] > NEVER) | (nearest.near[other] > NEVER)
        linked[[one, other]] = False
        gain[one] += gain[other]
        gain[:, one] = gain[one]
        nearest.join(one, other, np.where(linked, gain[one], NEVER))
        groups[one] += groups.pop(other)
    return list(groups.values())
