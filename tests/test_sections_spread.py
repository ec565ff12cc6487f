"""What sections differ by chance, by merit and by readership."""

from __future__ import annotations

import numpy as np
import pytest

from digest import sections_spread
from digest.exposure import Interest
from digest.sections_spread import Spread


def week(spread: float, *, seed: int = 3, size: int = 20) -> tuple[list[str], list[Interest]]:
    """Six sections whose means differ so much, in doublings; stories inside by one doubling."""
    rng = np.random.default_rng(seed)
    means = rng.normal(0, spread, 6)
    sections = [f"section {n % 6}" for n in range(6 * size)]
    found = [Interest((), float(means[n % 6] + rng.normal(0, 1)), 0.9) for n in range(6 * size)]
    return sections, found


@pytest.mark.parametrize("seed", range(5))
def test_alike_sections_owe_nothing_to_their_readerships(seed: int) -> None:
    found = sections_spread.spread(*week(0.0, seed=seed))
    assert found.readership < 0.1
    assert found.prior > 5


@pytest.mark.parametrize("seed", range(5))
def test_the_more_sections_differ_the_more_of_it_is_readership(seed: int) -> None:
    near, far = (sections_spread.spread(*week(s, seed=seed)) for s in (0.5, 2.0))
    assert near.readership < far.readership
    assert far.readership > 0.6
    assert far.prior < near.prior


def test_one_section_or_none_or_nothing_measured_has_no_spread() -> None:
    seen = [Interest((), 1.0, 0.9), Interest((), -1.0, 0.9)]
    assert sections_spread.spread(["a", "a"], seen) == Spread()
    assert sections_spread.spread(["", ""], seen) == Spread()
    assert sections_spread.spread(["a", "b"], [Interest(), Interest()]) == Spread()


def test_two_sections_of_one_story_each_are_no_proof_of_anything() -> None:
    found = sections_spread.spread(["a", "b"], [Interest((), 0.5, 0.9), Interest((), -0.5, 0.9)])
    assert 0.0 <= found.readership < 1.0
    assert found.prior >= 0.5
