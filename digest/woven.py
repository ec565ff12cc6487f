"""What two texts share, as it stands in each: in one order, and with as much of something else between.

Who rewrites a text in part rewrites it where it stands, so what was kept keeps its place. Two reports that
share a statement or a paragraph of background have it at different places, with more of their own between.
"""

from __future__ import annotations

from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

#: The part of both texts that is shared or stands over against as much of the other's own.
_ALIKE = 0.8
#: What stands between may be so many times as long as over there, or so many words longer.
_TIMES, _WORDS = 2, 6
#: So many pieces tell how two texts go together, however long they are.
_PIECES = 300
#: So many stretches of shared text must stand apart, with a sentence of either text's own between: a statement
#: or the background of a story that two reports share is one stretch.
_STRETCHES = 3

Codes = NDArray[np.uint64]


class _Piece(NamedTuple):
    """So many units from these places on are the same in both texts."""

    one: int
    other: int
    size: int


def are_alike(one: Codes, other: Codes, size: int, long: int) -> bool:
    """Whether what two texts share makes one pattern. size: units of a shingle; long: those of a piece that counts."""
    pieces = _in_order([piece for piece in _pieces(one, other, size) if piece.size >= long])
    whole = _Piece(len(one) + size - 1, len(other) + size - 1, 0)
    between = [
        sorted((after.one - before.one - before.size, after.other - before.other - before.size))
        for before, after in pairwise([_Piece(0, 0, 0), *pieces, whole])
    ]
    stretches = 1 + sum(1 for least, _ in between[1:-1] if least >= _WORDS)
    alike = sum(
        least + most for least, most in between if most <= max(_TIMES * least, least + _WORDS)
    )
    alike += 2 * sum(piece.size for piece in pieces)
    return stretches >= _STRETCHES and alike >= _ALIKE * (whole.one + whole.other)


def _pieces(one: Codes, other: Codes, size: int) -> list[_Piece]:
    """Shared pieces by their shingles that stand once in either text, in the order of the first."""
    codes, at = _once(one)
    others, there = _once(other)
    _, here, over = np.intersect1d(codes, others, assume_unique=True, return_indices=True)
    found: list[_Piece] = []
    for first, second in sorted(zip(at[here].tolist(), there[over].tolist(), strict=True)):
        last = found[-1] if found else _Piece(-1, -1, 0)
        if second - first == last.other - last.one and first <= last.one + last.size:
            found[-1] = last._replace(size=first + size - last.one)
        else:
            found.append(_Piece(first, second, size))
    return found


def _once(row: Codes) -> tuple[Codes, NDArray[np.intp]]:
    codes, first, many = np.unique(row, return_index=True, return_counts=True)
    return codes[many == 1], first[many == 1]


def _in_order(pieces: list[_Piece]) -> list[_Piece]:
    """Of the longest pieces those that follow one another in both texts and are most together."""
    ordered = sorted(sorted(pieces, key=lambda piece: -piece.size)[:_PIECES])
    units: list[int] = []
    before: list[int] = []
    for piece in ordered:
        ahead = [n for n in range(len(units)) if ordered[n].other < piece.other]
        last = max(ahead, key=lambda n: units[n], default=-1)
        units.append(piece.size + (units[last] if ahead else 0))
        before.append(last)
    chain: list[_Piece] = []
    at = max(range(len(units)), key=lambda n: units[n], default=-1)
    while at >= 0:
        chain.append(ordered[at])
        at = before[at]
    return chain[::-1]
