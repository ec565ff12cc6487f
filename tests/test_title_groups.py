"""The communities of a graph of titles."""

from __future__ import annotations

import numpy as np
import pytest

from digest.title_groups import communities


def linked(size: int, *pairs: tuple[int, int]) -> np.ndarray:
    links = np.zeros((size, size))
    for one, other in pairs:
        links[one, other] = links[other, one] = 1.0
    return links


def test_nothing_linked_leaves_each_by_itself() -> None:
    assert communities(linked(3)) == [[0], [1], [2]]
    assert communities(linked(0)) == []


def test_two_circles_with_a_bridge_stay_two() -> None:
    def circle(first: int) -> list[tuple[int, int]]:
        members = range(first, first + 5)
        return [(one, other) for one in members for other in members if one < other]

    links = linked(11, *circle(0), *circle(5), (4, 5))
    assert sorted(communities(links)) == [[0, 1, 2, 3, 4], [5, 6, 7, 8, 9], [10]]


@pytest.mark.parametrize("seed", range(5))
def test_everybody_is_in_exactly_one_group(seed: int) -> None:
    rng = np.random.default_rng(seed)
    links = np.triu(rng.random((40, 40)) * (rng.random((40, 40)) < 0.05), 1)
    found = communities(links + links.T)
    assert sorted(place for group in found for place in group) == list(range(40))
    assert all(group == sorted(group) for group in found)
