"""Numbers told otherwise: rounder, as a span, as a sum; and those that are another's."""

from __future__ import annotations

import pytest

from digest.facts import gate

SHOP = (
    "Shares of Tillman rose 7.3 percent to $58 on Tuesday. The rival Corbel gained 2 percent. Two cooks were burnt and"
    " one broke a wrist. It may take a decade to repair the kitchen. Cooks stopped for half an hour. Nell Abernathy, 93,"
    " opened the shop in 1956 and taught there until she was 90. The committee voted 7-5. Meals of up to 40 grams are free."
    " Cooks must be at work by 6 a.m."
)


@pytest.mark.parametrize(
    ("summary", "true"),
    [
        ("Shares of Tillman rose more than 7 percent on Tuesday.", True),
        ("Shares of Tillman rose more than 2 percent on Tuesday.", False),
        ("Shares of Tillman rose nearly 8 percent on Tuesday.", True),
        ("Shares of Tillman rose more than 7.2 percent on Tuesday.", False),
        ("Three cooks were burnt or broke a wrist.", True),
        ("Four cooks were burnt or broke a wrist.", False),
        ("It may take ten years to repair the kitchen.", True),
        ("It may take 20 years to repair the kitchen.", False),
        ("Cooks stopped for 30 minutes.", True),
        ("Nell Abernathy, who is 93, opened the shop in 1956.", True),
        ("Nell Abernathy, 90, opened the shop.", False),
        ("The committee voted 5-5.", False),
        ("Meals of up to 41 grams are free.", False),
        ("Cooks must be at work by 2 a.m.", False),
    ],
)
def test_a_number_may_be_told_otherwise_but_not_be_another(summary: str, true: bool) -> None:
    assert (gate.check(summary, SHOP) == ()) is true
