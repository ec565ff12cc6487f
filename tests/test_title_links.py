"""Which titles without a text are linked."""

from __future__ import annotations

import datetime as dt

import pytest

from digest import likeness, title_links

MATTERS = (
    "Bridges over quiet rivers",
    "Bakers and their ovens",
    "Gardens under deep snow",
    "Clocks without any hands",
    "Violins of the harbour",
    "Maps drawn by sailors",
    "Lanterns for the orchard",
    "Owls above the brewery",
)


def linked(*titles: str, when: list[dt.datetime] | None = None) -> set[tuple[int, int]]:
    """The pairs that are linked, the earlier one first."""
    moments = when or [None] * len(titles)
    texts = [likeness.read(t, "", w) for t, w in zip(titles, moments, strict=True)]
    found = title_links.links(texts)
    assert (found == found.T).all()
    return {(a, b) for b in range(len(titles)) for a in range(b) if found[a, b]}


def test_two_telling_words_link_and_one_does_not() -> None:
    assert linked("Ferry runs aground", "Ferry freed from its ground", "Aground: the ferry") == {
        (0, 2)
    }


@pytest.mark.parametrize("column", ["Weekend Kitchen", "Kitchen Notes Tonight", "Show HN"])
def test_the_name_of_a_column_links_nobody(column: str) -> None:
    assert linked(*(f"{column}: {matter}" for matter in MATTERS)) == set()


def test_in_a_column_two_of_one_matter_are_linked_all_the_same() -> None:
    column = [f"Weekend Kitchen: {matter}" for matter in MATTERS]
    assert linked(*column, "Weekend Kitchen: quiet rivers, old bridges") == {(0, 8)}


def test_the_two_words_of_one_name_are_two_as_long_as_few_say_it() -> None:
    assert linked("Anna Holm paints a gate", "Anna Holm sells boats") == {(0, 1)}
    assert linked(*(f"Anna Holm {matter.lower()}" for matter in MATTERS)) == set()


def test_a_heading_of_four_words_is_no_name() -> None:
    titles = [f"Harbour Bank Buys Mill: {matter}" for matter in MATTERS]
    assert len(linked(*titles)) == len(MATTERS) * (len(MATTERS) - 1) / 2


def test_the_same_title_is_linked_however_short() -> None:
    assert linked("Floods", "Floods", "Droughts") == {(0, 1)}


def test_days_too_far_apart_are_never_linked() -> None:
    monday = dt.datetime(2026, 11, 2, tzinfo=dt.UTC)
    later = monday + likeness.FURTHEST + dt.timedelta(hours=1)
    assert linked("Ferry aground", "Ferry aground", when=[monday, later]) == set()


def test_nothing_links_nothing() -> None:
    assert title_links.links([]).shape == (0, 0)
    assert linked("Ferry aground") == set()
