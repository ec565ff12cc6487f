"""Group titles that come without a text by how they hang together.

Two titles on one event often share no word, but both share words with a third. So two titles are as like as the
places are where a walk along the links ends that begins at each of them (Pons and Latapy 2005), and groups are
joined by average link. How strong links are does not matter, only whither they lead: so the threshold is the same
for a few big stories, for many small ones and for a week of strangers.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from digest import likeness, nearest

Matrix = NDArray[np.float64]

#: How many links long a walk is.
_STEPS = 2
#: Least mean likeness of two groups that become one; from 0.05 to 0.12 hardly a group is another one.
_LEAST = 0.1


def communities(links: Matrix) -> list[list[int]]:
    """Every place in exactly one group, each in order. links: symmetric, 0 for none, its diagonal 0."""
    groups = {place: [place] for place in range(len(links))}
    for part in likeness.connected(links > 0):
        like = _by_way(links[np.ix_(part, part)])
        for group in nearest.average_link(like, np.ones_like(like, dtype=bool), _LEAST):
            places = sorted(part[at] for at in group)
            for place in places:
                groups.pop(place)
            groups[places[0]] = places
    return list(groups.values())


def _by_way(links: Matrix) -> Matrix:
    """How alike the ends of walks are, from 0 to 1. A walk may stay where it is, as readily as take the strongest link."""
    onward = links + np.diag(links.max(axis=1))
    onward /= onward.sum(axis=1)[:, None]
    ends = np.linalg.matrix_power(onward, _STEPS)
    ends /= np.linalg.norm(ends, axis=1)[:, None]
    return np.asarray(ends @ ends.T)
