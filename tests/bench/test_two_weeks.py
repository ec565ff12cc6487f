"""The Sunday on which the clocks go back, in some seconds: a machine that was off, a relay that was away, a killed sender.

The whole fortnight, with sources, records, backups and a second issue: `python bench/two_weeks.py`.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.two_weeks import HOUR, Fortnight, Span, at
from digest.delivery import lines

PLAN = (
    Span("off", at(24, 16, 30), at(24, 19)),
    Span("desk fails", at(24, 13), at(24, 15)),
    Span("relay", at(25, 7, 50), at(25, 8, 40), "providers"),
)


@pytest.mark.no_cover
def test_the_sunday_of_the_clocks_goes_out_once_to_everybody_and_the_operator_hears_of_one_risk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        lines, "LONGEST_PAUSE_S", 0.02
    )  # a relay that is away is waited for by real clocks
    weeks = Fortnight(f"sqlite:///{tmp_path / 'digest.db'}", tmp_path, readers=150, plan=PLAN)
    told = weeks.run(at(24, 12), at(25, 10), HOUR)
    assert told.wrong == []
    assert told.kills == 1
    assert set(told.issues) == {"2026-10-25"}
    assert told.sent_at["2026-10-25"] == at(25, 8)
    counts = told.issues["2026-10-25"]
    assert counts["accepted"] + counts["uncertain"] == 150
    assert counts["uncertain"] <= 4
    assert [(new, over) for _, new, over in told.mails] == [
        (("providers",), ()),
        ((), ("providers",)),
    ]
