"""Shares: all for some, and one of two that are left open."""

from __future__ import annotations

import pytest

from digest.facts.reading import Text
from digest.facts.shares import chosen, share_doubts

SOURCE = (
    "Several of the ferries were late on Monday because of fog. Storms cut off 900 farms, and crews had reached 600 of"
    " them by noon. Some 1,200 of the town's 1,500 boats were moved inland before dark. All the schools stayed open. The winner will meet Oslo or Bergen in the final in May."
)


@pytest.mark.parametrize(
    "summary",
    [
        "All of the ferries were late on Monday because of fog.",
        "Every ferry was late on Monday because of the fog.",
        "Most of the ferries were late on Monday because of fog.",
        "All of the town's boats were moved inland before dark.",
        "Crews had reached all of the farms cut off by storms by noon.",
    ],
)
def test_all_for_some_is_doubted(summary: str) -> None:
    assert list(share_doubts(Text(summary), Text(SOURCE)))


@pytest.mark.parametrize(
    "summary",
    [
        "All the schools stayed open.",
        "Not all of the ferries were late on Monday because of fog.",
        "Fog all over the bay made ferries late on Monday.",
    ],
)
def test_all_where_it_is_all_is_not(summary: str) -> None:
    assert list(share_doubts(Text(summary), Text(SOURCE))) == []


def test_one_of_two_is_only_possible() -> None:
    source = Text(SOURCE)
    assert list(chosen(Text("The winner will meet Bergen in the final in May."), source))
    for open_ in ("Oslo or Bergen", "either Bergen or Oslo"):
        assert not list(chosen(Text(f"The winner will meet {open_} in the final in May."), source))
    assert not list(chosen(Text("The winner may meet Bergen in the final in May."), source))
