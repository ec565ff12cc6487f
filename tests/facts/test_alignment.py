"""A clause beside its sentence: other words are no doubt where the rest stands together, other people are."""

from __future__ import annotations

import pytest

from digest.facts import gate

ROBBERY = (
    "A baker who was robbed of 740 crowns got them back the same night. Maureen Tibbs, 58, was closing her shop in"
    " Saltby when a man in a helmet walked in and demanded the takings. Maureen put on a coat and followed him on to"
    " the bus. Officers were waiting when Wayne Dorset, 34, stepped off. The bus driver, Clive Onslow, noticed nothing."
    " Dorset pleaded guilty on Friday. He was cleared of possessing cannabis."
)


@pytest.mark.parametrize(
    "summary",
    [
        "Wearing a coat, Tibbs followed the robber on to the bus.",  # first and last name
        "The thief had demanded the takings in Saltby.",
        "Wayne Dorset, who is 34, pleaded guilty to the robbery on Friday.",
        "Tibbs, a baker, was closing her shop in Saltby when the man walked in.",
        "Clive Onslow, the driver, noticed nothing.",
    ],
)
def test_what_is_told_in_other_words_is_accepted(summary: str) -> None:
    assert gate.check(summary, ROBBERY) == ()


@pytest.mark.parametrize(
    "summary",
    [
        "Clive Onslow put on a coat and followed him on to the bus.",
        "Wayne Dorset, the bus driver, noticed nothing.",
        "Maureen Tibbs pleaded guilty on Friday.",
        "Clive Onslow, 34, stepped off.",
    ],
)
def test_anothers_deed_office_or_age_is_doubted(summary: str) -> None:
    assert gate.check(summary, ROBBERY) != ()
