"""Whatever accent an operator chooses, what is written in it can be read."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.mail import colours

ANY = st.integers(0, 0xFFFFFF).map(lambda number: f"#{number:06x}")


def test_black_on_white_is_twenty_one_to_one() -> None:
    assert round(colours.contrast("#000000", "#ffffff"), 2) == 21
    assert colours.contrast("#8c1d18", "#8c1d18") == 1


def test_a_colour_that_can_be_read_stays() -> None:
    assert colours.light("#8c1d18").accent == "#8c1d18"
    assert colours.dark("#ffb4a9").accent == "#ffb4a9"


@given(ANY)
def test_every_text_colour_can_be_read_on_every_ground(accent: str) -> None:
    for palette in (colours.light(accent), colours.dark(accent)):
        for text in (palette.ink, palette.muted, palette.accent):
            for ground in (palette.paper, palette.sheet):
                assert colours.contrast(text, ground) >= colours.ENOUGH


def test_where_nothing_else_can_be_read_it_is_the_extreme() -> None:
    assert colours.legible("#777777", ("#767676",), towards="#777777") == "#777777"


@pytest.mark.parametrize(("share", "mixed"), [(0, "#102030"), (0.5, "#889098"), (1, "#ffffff")])
def test_two_colours_mix(share: float, mixed: str) -> None:
    assert colours.mix("#102030", "#ffffff", share) == mixed
