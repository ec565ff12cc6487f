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


def circle(first: int, size: int) -> list[tuple[int, int]]:
    members = range(first, first + size)
    return [(one, other) for one in members for other in members if one < other]


def test_two_circles_with_a_bridge_stay_two() -> None:
    links = linked(13, *circle(0, 6), *circle(6, 6), (5, 6))
    assert sorted(communities(links)) == [[0, 1, 2, 3, 4, 5], [6, 7, 8, 9, 10, 11], [12]]


@pytest.mark.parametrize("others", [0, 1, 9])
def test_what_else_there_is_in_a_week_takes_no_group_apart(others: int) -> None:
    chain = [(at, at + step) for at in range(8) for step in (1, 2, 3) if at + step < 9]
    rest = [pair for n in range(others) for pair in circle(9 + 6 * n, 6)]
    found = communities(linked(9 + 6 * others, *chain, *rest))
    assert found[0] == list(range(9))
    assert len(found) == 1 + others


def test_links_ten_times_as_strong_make_the_same_groups() -> None:
    links = linked(13, *circle(0, 6), *circle(6, 6), (5, 6))
    assert communities(10 * links) == communities(links)


@pytest.mark.parametrize("seed", range(5))
def test_everybody_is_in_exactly_one_group(seed: int) -> None:
    rng = np.random.default_rng(seed)
    links = np.triu(rng.random((40, 40)) * (rng.random((40, 40)) < 0.05), 1)
    found = communities(links + links.T)
    assert sorted(place for group in found for place in group) == list(range(40))
    assert all(group == sorted(group) for group in found)
