"""Rows of bars, drawn by the server as SVG: where each stands and how high it is. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

#: In pixels: a bar, the space after it, the highest one, what is left of one that is nothing.
WIDTH, SPACE, HEIGHT, LEAST = 12, 3, 36, 1


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar. y: from above, as SVG counts. last: the span that is not over yet."""

    x: int
    y: int
    height: int
    count: int
    label: str
    last: bool


def row(counts: Sequence[int], labels: Sequence[str]) -> tuple[Bar, ...]:
    """A bar a count, from left to right, the greatest as high as the row; what is not nothing can be seen."""
    most = max(counts, default=0)
    made = []
    for number, (count, label) in enumerate(zip(counts, labels, strict=True)):
        height = max(LEAST + 1, round(count / most * HEIGHT)) if count else LEAST
        last = number == len(counts) - 1
        made.append(Bar(number * (WIDTH + SPACE), HEIGHT - height, height, count, label, last))
    return tuple(made)
