"""Kin and callings: another relative or another calling is doubted, the other side of a kinship is not."""

from __future__ import annotations

import pytest

from digest.facts.kin import kin_doubts
from digest.facts.reading import Text

SOURCE = (
    "The potter Ada Brenner gave a bowl to the museum in memory of her sister Lotte, who drowned in the lake."
    " Owen Pike, 41, a former drummer, found it in a cellar. His wife Mary called the police."
)


@pytest.mark.parametrize(
    "summary",
    [
        "The bowl was given in memory of her mother, who drowned in the lake.",
        "Ada Brenner gave the museum a bowl in memory of her aunt.",
        "Ada Brenner, a carpenter, gave a bowl to the museum.",
        "Owen Pike, a former singer, found it in a cellar.",
        "Pike's daughter Mary called the police.",
    ],
)
def test_another_relative_or_calling_is_doubted(summary: str) -> None:
    assert list(kin_doubts(Text(summary), Text(SOURCE)))


@pytest.mark.parametrize(
    "summary",
    [
        "The bowl was given in memory of her sister, who drowned in the lake.",
        "Ada Brenner, a potter, gave a bowl to the museum.",
        "Mary, the wife of Owen Pike, called the police.",
        "Mary's husband found it in a cellar, and the police were called by his wife.",
        "Ada Brenner, an artisan, gave a bowl to the museum.",
    ],
)
def test_the_same_told_otherwise_is_not(summary: str) -> None:
    assert list(kin_doubts(Text(summary), Text(SOURCE))) == []
