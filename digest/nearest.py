"""Groups joined by average link; which two are nearest is kept up to date, as each row knows its own nearest."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Flags = NDArray[np.bool_]
Matrix = NDArray[np.floating[Any]]

#: Less than any nearness: two that must not be joined, and a group that is no more.
NEVER = -1.0


def average_link(like: Matrix, may: Flags, least: float) -> list[list[int]]:
    """Join the two groups of greatest mean likeness until none reaches `least`; each group in order.

    Two groups may be joined where one article of each may: the others are known by them.
    """
    groups = {place: [place] for place in range(len(like))}
    mean, may = like.copy(), may.copy()
    np.fill_diagonal(may, False)
    nearest = Nearest(np.where(may, mean, NEVER))
    while nearest.best >= least:
        one, other = nearest.pair()
        a, b = len(groups[one]), len(groups[other])
        joined = (mean[one] * a + mean[other] * b) / (a + b)
        either = may[one] | may[other]
        either[[one, other]] = False
        may[other], may[:, other] = False, False
        mean[one], mean[:, one], may[one], may[:, one] = joined, joined, either, either
        nearest.join(one, other, np.where(either, joined, NEVER))
        groups[one] = sorted(groups[one] + groups.pop(other))
    return list(groups.values())


class Nearest:
    """near: symmetric, NEVER on the diagonal. It is kept and changed."""

    def __init__(self, near: Matrix) -> None:
        self.near = near
        self._where = near.argmax(axis=1)
        self._best = near.max(axis=1)

    @property
    def best(self) -> float:
        return float(self._best.max())

    def pair(self) -> tuple[int, int]:
        """The two that are nearest, the lower first; the first pair where several are."""
        one = int(self._best.argmax())
        low, high = sorted((one, int(self._where[one])))
        return low, high

    def join(self, one: int, other: int, near: Matrix) -> None:
        """`other` is no more, and `one` is as near to the rest as `near` says."""
        self.near[one] = self.near[:, one] = near
        self.near[other] = self.near[:, other] = NEVER
        lost = (self._where == one) | (self._where == other) | (near >= self._best)
        lost[[one, other]] = True
        stale = np.flatnonzero(lost)
        self._where[stale] = self.near[stale].argmax(axis=1)
        self._best[stale] = self.near[stale, self._where[stale]]
