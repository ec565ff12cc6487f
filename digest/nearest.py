"""Which two groups are nearest, kept up to date while groups are joined: each row knows its own nearest."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.float64]

#: Less than any nearness: two that must not be joined, and a group that is no more.
NEVER = -1.0


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
