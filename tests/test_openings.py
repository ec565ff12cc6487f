"""Openings: what leans on the sentence before it, in a language and in all."""

from __future__ import annotations

import pytest

from digest.openings import leans


@pytest.mark.parametrize(
    "text",
    [
        "It opens on Friday.",
        "But the ferry left.",
        "“They will come back,” said Reed.",
        "She’s on her way.",
        "– and left",
        "Dort tagt der Rat.",
        "Elle sera jugée.",
        "Questo non basta.",
        "但是渡轮离开了。",
        "وقال إن العبارة غادرت.",
    ],
)
def test_it_leans(text: str) -> None:
    assert leans(text)


@pytest.mark.parametrize("text", ["The ferry left.", "Italy won.", "Soria gana.", "渡轮离开了。"])
def test_it_stands_alone(text: str) -> None:
    assert not leans(text)


def test_the_words_of_one_language_open_nothing_in_another() -> None:
    assert leans("Il viendra mardi.", "fr")
    assert not leans("Il consiglio voterà martedì.", "it")
    assert leans("Il consiglio voterà martedì.")
