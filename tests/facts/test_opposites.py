"""Opposites: the word that the article has the contrary of, near or never."""

from __future__ import annotations

import pytest

from digest.facts import gate

COURT = (
    "The court in Lissen acquitted Jan Holt on Monday, finding that he had not been told of the leak. Lorries have been"
    " banned from the bridge since 2018. Ann Berg opposed the toll. The gusts were the strongest for eleven years."
    " Attendance improved most among girls. Ann Berg will keep her seat on the council."
)


@pytest.mark.parametrize(
    ("summary", "true"),
    [
        ("The court in Lissen cleared Jan Holt on Monday.", True),
        ("The court in Lissen convicted Jan Holt on Monday.", False),
        ("Lorries may use the bridge.", False),
        ("Lorries will be banned from the bridge.", False),
        ("Ann Berg was for the toll.", False),
        ("The gusts were the weakest for eleven years.", False),
        ("Attendance improved most among boys.", False),
        ("Ann Berg will give up her seat on the council.", False),
        ("Ann Berg stays on the council.", True),
    ],
)
def test_the_contrary_is_doubted(summary: str, true: bool) -> None:
    assert (gate.check(summary, COURT) == ()) is true
