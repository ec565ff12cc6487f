"""Comparisons: turned round, never made, or on the other side of what was expected."""

from __future__ import annotations

import pytest

from digest.facts.comparisons import comparison_doubts
from digest.facts.reading import Text

SOURCE = (
    "Sales at Harrow came to 40 million euros, up from 31 million. Analysts had expected sales of 35 million euros."
    " The blackout was the third of the winter, after a longer one in December. The tram is faster than the bus."
    " A bridge in Lund took four years to build. A tunnel was dug in Malmo."
)


@pytest.mark.parametrize(
    "summary",
    [
        "The blackout was longer than the one in December.",
        "The bus is faster than the tram.",
        "The tram is slower than the bus.",
        "The tunnel in Malmo took longer than the bridge in Lund.",
        "Sales at Harrow missed expectations.",
        "Sales were worse than analysts had forecast.",
    ],
)
def test_a_comparison_that_is_not_the_sources_is_doubted(summary: str) -> None:
    assert list(comparison_doubts(Text(summary), Text(SOURCE)))


@pytest.mark.parametrize(
    "summary",
    [
        "The blackout was shorter than the one in December.",
        "The tram is faster than the bus.",
        "The bus is slower than the tram.",
        "Sales at Harrow beat expectations.",
        "Sales were better than analysts had forecast.",
        "The bridge took longer than expected.",
        "The bridge took more than three years.",
    ],
)
def test_the_same_comparison_told_otherwise_is_not(summary: str) -> None:
    assert list(comparison_doubts(Text(summary), Text(SOURCE))) == []
