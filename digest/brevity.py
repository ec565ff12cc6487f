"""Brevity: where nothing is known of readers, a title of few words comes before a long one.

A short title says one thing. Papers that have one are cited more (Letchford, Moat and Preis 2015, of 140,000), and
posts and a magazine's stories got more of readers' signs. It is a weak sign, so it speaks only where `crowding` does.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass

from digest import words
from digest.crowding import LEAST
from digest.model import Article

#: The most halvings and doublings of the usual length.
_MOST = 2.0


@dataclass(frozen=True, slots=True)
class Brief:
    """words: of a story's title. usual: the week's median. halvings: how much shorter it is; below 0, longer."""

    words: int
    usual: float

    @property
    def halvings(self) -> float:
        return max(-_MOST, min(_MOST, math.log2(self.usual / self.words)))


def briefs(leads: Sequence[Article]) -> list[Brief | None]:
    """For each story how brief its title is; None where it has none, and in a small week."""
    sizes = [words.count(lead.title) for lead in leads]
    if len(leads) < LEAST or not any(sizes):
        return [None] * len(leads)
    usual = statistics.median(size for size in sizes if size)
    return [Brief(size, usual) if size else None for size in sizes]
