"""Three themes, and what an operator may change of them."""

from __future__ import annotations

from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest import looks, places
from digest.contrast import ENOUGH, contrast
from digest.schedules import RenderTable

THEMES = sorted(looks.THEMES)
ANY = st.integers(0, 0xFFFFFF).map(lambda number: f"#{number:06x}")


def test_the_schedule_file_knows_the_same_themes_and_each_has_its_templates() -> None:
    folder = places.folder("templates") / "email" / "_themes"
    assert set(THEMES) == set(get_args(RenderTable.model_fields["theme"].annotation))
    assert set(THEMES) == {path.stem for path in folder.glob("*.mjml")}
    assert set(looks.KEYS) < set(RenderTable.model_fields)


@pytest.mark.parametrize("name", THEMES)
def test_every_theme_can_be_read_in_both_schemes_as_it_comes(name: str) -> None:
    theme = looks.THEMES[name]
    for palette in (theme.light, theme.dark):
        for text, ground in theme.pairs:
            assert contrast(getattr(palette, text), getattr(palette, ground)) >= ENOUGH


@given(st.dictionaries(st.sampled_from(looks.KEYS), ANY, max_size=4), st.sampled_from(THEMES))
def test_whatever_is_not_refused_can_be_read(chosen: dict[str, str], name: str) -> None:
    refused = {key for key, _ in looks.pale(name, chosen)}
    assert refused <= chosen.keys()
    made = looks.look(name, chosen)
    pairs = [
        (palette, pair)
        for palette in (made.light, made.dark)
        for pair in made.theme.pairs
        if pair[0] != "on_accent"
    ]
    poor = [
        pair
        for one, pair in pairs
        if contrast(getattr(one, pair[0]), getattr(one, pair[1])) < ENOUGH
    ]
    assert bool(poor) == bool(refused)


def test_what_is_refused_names_what_it_stands_on_and_the_nearest_that_would_do() -> None:
    ((key, told),) = looks.pale("broadsheet", {"accent": "#ffee00"})
    assert key == "accent"
    assert told == (
        "has a contrast of 1.2 to the sheet, #ffffff, in light; 4.5 is the least; #807700 has it"
    )
    assert not list(looks.pale("broadsheet", {"accent": "#807700"}))


def test_a_ground_is_refused_where_the_themes_own_text_cannot_be_read_on_it() -> None:
    ((key, told),) = looks.pale("plain", {"sheet_dark": "#777777"})
    assert key == "sheet_dark"
    assert "to the muted text, #a2aab3, in dark" in told


def test_only_what_the_theme_prints_counts() -> None:
    """Cards are the magazine's: only there does the accent stand on the paper."""
    chosen = {"paper": "#b0b0b0", "muted": "#333333", "ink": "#222222", "accent": "#8c1d18"}
    assert not list(looks.pale("broadsheet", chosen))
    assert {key for key, _ in looks.pale("magazine", chosen)} == {"accent"}


def test_two_grounds_of_which_nothing_suits_both_are_told_without_advice() -> None:
    chosen = {"sheet": "#ffffff", "paper": "#606060", "muted": "#777777", "ink": "#ffffff"}
    told = dict(looks.pale("broadsheet", chosen))
    assert told["muted"].endswith("4.5 is the least")


def test_titles_grow_with_the_text_and_with_the_scale() -> None:
    small, large = looks.look("magazine", {}, size=15), looks.look("magazine", {}, size=20)
    steep = looks.look("magazine", {}, size=15, scale=1.35)
    assert small.sizes["lead"] < large.sizes["lead"]
    assert small.sizes["lead"] < steep.sizes["lead"]
    assert small.sizes["small"] == large.sizes["small"] == looks.SMALL
