"""Two shares held against each other: may their difference be chance, where does it lie, and how many it takes to see one.

Exact (Fisher) for the first question, since counts may be small; Newcombe's interval for the second (R. G. Newcombe,
Statistics in Medicine 17, 1998, method 10), which stays within what a difference can be.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator

from digest.model import Count

#: Two-sided 5 %, and a power of 80 %, as quantiles of the normal curve.
LEVEL = 0.05
_Z, _POWER = 1.959964, 0.841621
#: Weights below this share of the greatest one add nothing to a sum.
_NOTHING = 1e-18


def chance(a: Count, b: Count) -> float:
    """Fisher's exact test, two-sided: how often chance alone parts two such arms so far or further."""
    hits, all_ = a.hits + b.hits, a.reached + b.reached
    low, high = max(0, hits - b.reached), min(hits, a.reached)
    likely = min(max((hits + 1) * (a.reached + 1) // (all_ + 2), low), high)

    def step(one: int) -> float:
        """How much likelier `one + 1` hits of A are than `one`."""
        return ((hits - one) * (a.reached - one)) / ((one + 1) * (b.reached - hits + one + 1))

    up = list(_falling(range(likely, high), step))
    down = list(_falling(range(likely - 1, low - 1, -1), lambda one: 1 / step(one)))
    weights = {likely: 1.0}
    weights |= {likely + 1 + n: weight for n, weight in enumerate(up)}
    weights |= {likely - 1 - n: weight for n, weight in enumerate(down)}
    seen = weights.get(a.hits, 0.0)
    rare = math.fsum(weight for weight in weights.values() if weight <= seen * (1 + 1e-9))
    return min(1.0, rare / math.fsum(weights.values()))


def _falling(places: Iterable[int], step: Callable[[int], float]) -> Iterator[float]:
    """Weights away from the likeliest number of hits, until they are nothing."""
    weight = 1.0
    for one in places:
        weight *= step(one)
        if weight < _NOTHING:
            return
        yield weight


def interval(a: Count, b: Count) -> tuple[float, float]:
    """Where the true difference of the rates, B's less A's, lies: 95 % of such intervals hold it."""
    (low_a, high_a), (low_b, high_b) = _wilson(a), _wilson(b)
    apart = b.rate - a.rate
    below = math.hypot(b.rate - low_b, high_a - a.rate)
    above = math.hypot(high_b - b.rate, a.rate - low_a)
    return max(-1.0, apart - below), min(1.0, apart + above)


def _wilson(one: Count) -> tuple[float, float]:
    if not one.reached:
        return 0.0, 1.0
    n, z2 = one.reached, _Z * _Z
    middle = (one.rate + z2 / (2 * n)) / (1 + z2 / n)
    half = _Z / (1 + z2 / n) * math.sqrt(one.rate * (1 - one.rate) / n + z2 / (4 * n * n))
    return max(0.0, middle - half), min(1.0, middle + half)


def needed(rate: float, other: float) -> int:
    """Readers an arm, so that four contests of five tell these two rates apart."""
    middle = (rate + other) / 2
    spread = _Z * math.sqrt(2 * middle * (1 - middle))
    spread += _POWER * math.sqrt(rate * (1 - rate) + other * (1 - other))
    return math.ceil((spread / (rate - other)) ** 2)


def tellable(readers: int, rate: float) -> float:
    """The least higher rate that arms of so many readers tell from this one, four times of five; 1 where none."""
    low, high = rate, 1.0
    for _ in range(40):
        middle = (low + high) / 2
        if middle > rate and needed(rate, middle) <= readers:
            high = middle
        else:
            low = middle
    return high
