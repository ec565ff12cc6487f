"""A model's summaries keep the contract of all summarisers, whether they have come in or not."""

from __future__ import annotations

from digest.contracts import SummariserContract
from digest.contracts.summarisers import LIMITS, STORIES
from digest.protocols import Summariser, Told
from digest.summarisers.kept import NOT_YET, KeptSummariser, key_of

TOLD = {
    key_of(
        "m", *STORIES[0], LIMITS
    ): "Nine of fourteen councillors cut the harbour levy by a third.",
    key_of("m", *STORIES[1], LIMITS): "A tanker struck the east pier. Nobody was hurt.",
}


class TestKept(SummariserContract):
    def summariser(self) -> Summariser:
        def look_up(key: str) -> Told | None:
            return Told("accepted", TOLD[key]) if key in TOLD else None

        return KeptSummariser("m", look_up)

    def test_a_summary_that_came_in_is_told_and_another_waited_for(self) -> None:
        first, _, third = (self.told(*story) for story in STORIES)
        assert first.text in TOLD.values()
        assert (first.method, first.note) == ("chat:m", "")
        assert (third.method, third.note) == ("extractive", NOT_YET)
