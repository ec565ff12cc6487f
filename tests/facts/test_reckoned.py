"""Numbers that follow from the source's: the right ones are accepted, others are not."""

from __future__ import annotations

import pytest

from digest.facts.amounts import amount_doubts
from digest.facts.reading import Text

SOURCE = (
    "Kelda trailed 3-1 at the break. The play opened in Rome in 1962, and in Paris it was a hit nine years later."
    " The trial lasts 18 months. Profit for the three months to September fell. Ito scored in the 70th minute, ten minutes after replacing Berg. Rent came to 12 million crowns, down"
    " from 15 million."
)


@pytest.mark.parametrize(
    ("summary", "accepted"),
    [
        ("Kelda came back from two goals down.", True),
        ("Kelda came back from four goals down.", False),
        ("In 1971 the play was a hit in Paris.", True),
        ("In 1971 the play opened in Rome.", False),
        ("The trial lasts a year and a half.", True),
        ("The trial lasts two years.", False),
        ("Profit fell in the third quarter.", True),
        ("Profit fell in the second quarter.", False),
        ("Ito replaced Berg in the 60th minute.", True),
        ("Ito replaced Berg in the 80th minute.", False),
        ("Rent fell to 12 million crowns.", True),
    ],
)
def test_a_number_may_follow_from_others(summary: str, accepted: bool) -> None:
    assert (list(amount_doubts(Text(summary), Text(SOURCE), "en")) == []) is accepted
