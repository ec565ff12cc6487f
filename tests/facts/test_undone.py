"""What was rejected, too early or hung on a condition has not happened."""

from __future__ import annotations

import pytest

from digest.facts.reading import Text
from digest.facts.undone import undone

SOURCE = (
    "A proposal to lower fares for pensioners was voted down. The sample was too small to prove that the pill helps"
    " children. Nurses said a second walkout in June would follow unless pay was raised. The clinic will move in May."
)


@pytest.mark.parametrize(
    "summary",
    [
        "The town has lowered fares for pensioners.",
        "Researchers have proved that the pill helps children.",
        "The nurses will stage a second walkout in June.",
    ],
)
def test_what_has_not_happened_is_doubted(summary: str) -> None:
    assert list(undone(Text(summary), Text(SOURCE)))


@pytest.mark.parametrize(
    "summary",
    [
        "A plan to lower fares for pensioners was rejected.",
        "The sample was too small to prove that the pill helps children.",
        "The study did not prove that the pill helps children.",
        "The nurses will stage a second walkout in June unless pay is raised.",
        "The council voted against lower fares for pensioners.",
        "The clinic will move in May.",
    ],
)
def test_what_is_told_as_open_is_not(summary: str) -> None:
    assert list(undone(Text(summary), Text(SOURCE))) == []
