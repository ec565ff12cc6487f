"""The summariser held against the contract of all summarisers."""

from __future__ import annotations

from sunday_catchup_opening import PLUGIN, OpeningOptions

from digest.contracts import SummariserContract
from digest.protocols import Summariser


class TestOpening(SummariserContract):
    def summariser(self) -> Summariser:
        return PLUGIN.make(OpeningOptions())

    def test_it_tells_the_first_paragraph(self) -> None:
        text = "The quay is open. Boats came.\n\nNobody paid."
        assert self.told("The quay", text).text == "The quay is open. Boats came."
