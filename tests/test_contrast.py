"""How well colours stand out from each other, and the nearest one that does."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.contrast import ENOUGH, contrast, ink_on, legible, mix

ANY = st.integers(0, 0xFFFFFF).map(lambda number: f"#{number:06x}")


def test_black_on_white_is_twenty_one_to_one() -> None:
    assert round(contrast("#000000", "#ffffff"), 2) == 21
    assert contrast("#8c1d18", "#8c1d18") == 1


def test_a_colour_that_can_be_read_stays() -> None:
    assert legible("#8c1d18", ("#ffffff", "#f4f1ea")) == "#8c1d18"
    assert legible("#ffb4a9", ("#1c1a18", "#121110")) == "#ffb4a9"


@given(ANY, ANY)
def test_a_colour_that_cannot_be_read_is_changed_until_it_can(colour: str, ground: str) -> None:
    found = legible(colour, (ground,))
    assert found is not None
    assert contrast(found, ground) >= ENOUGH


def test_between_grounds_that_lie_too_far_apart_nothing_can_be_read() -> None:
    assert legible("#777777", ("#ffffff", "#767676", "#000000")) is None


@given(ANY)
def test_white_or_black_can_be_read_on_anything(ground: str) -> None:
    assert contrast(ink_on(ground), ground) >= 4.3


@pytest.mark.parametrize(("share", "mixed"), [(0, "#102030"), (0.5, "#889098"), (1, "#ffffff")])
def test_two_colours_mix(share: float, mixed: str) -> None:
    assert mix("#102030", "#ffffff", share) == mixed
