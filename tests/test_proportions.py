"""Two shares held against each other: known answers, every small table by counting, and what must always hold."""

from __future__ import annotations

from fractions import Fraction
from math import comb

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest import proportions
from digest.model import Count

SMALL = st.tuples(st.integers(0, 25), st.integers(0, 25)).map(lambda two: Count(min(two), max(two)))
ANY = st.tuples(st.integers(0, 5000), st.integers(0, 5000)).map(
    lambda two: Count(min(two), max(two))
)


def by_counting(a: Count, b: Count) -> Fraction:
    """Fisher's test as it is defined: every table with these margins, each with its exact chance."""
    hits = a.hits + b.hits
    tables = {
        one: comb(a.reached, one) * comb(b.reached, hits - one)
        for one in range(max(0, hits - b.reached), min(hits, a.reached) + 1)
    }
    rare = sum(ways for ways in tables.values() if ways <= tables[a.hits])
    return Fraction(rare, sum(tables.values()))


@given(a=SMALL, b=SMALL)
def test_the_chance_is_that_of_counting_every_table(a: Count, b: Count) -> None:
    assert proportions.chance(a, b) == pytest.approx(float(by_counting(a, b)), rel=1e-6)


def test_the_interval_is_that_of_newcombes_paper() -> None:
    low, high = proportions.interval(Count(48, 80), Count(56, 70))
    assert (round(low, 4), round(high, 4)) == (0.0524, 0.3339)


@given(a=ANY, b=ANY)
def test_an_interval_holds_what_was_seen_and_swaps_with_its_arms(a: Count, b: Count) -> None:
    low, high = proportions.interval(a, b)
    assert -1 <= low <= b.rate - a.rate + 1e-9
    assert b.rate - a.rate - 1e-9 <= high <= 1
    turned = proportions.interval(b, a)
    assert turned == pytest.approx((-high, -low))
    assert proportions.chance(a, b) == pytest.approx(proportions.chance(b, a))


def test_a_million_readers_an_arm_are_judged() -> None:
    assert proportions.chance(Count(100_000, 10**6), Count(101_000, 10**6)) == pytest.approx(
        0.0185, abs=0.001
    )


@pytest.mark.parametrize(
    ("rate", "other", "readers"), [(0.10, 0.20, 199), (0.30, 0.45, 163), (0.10, 0.15, 686)]
)
def test_the_readers_that_it_takes_are_those_of_the_tables(
    rate: float, other: float, readers: int
) -> None:
    assert proportions.needed(rate, other) == readers
    assert proportions.tellable(readers, rate) == pytest.approx(other, abs=0.001)
