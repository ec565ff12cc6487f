"""`digest status` in words: every number has a name, and what is not as it should be stands out."""

from __future__ import annotations

from typing import Any

import pytest

from digest.audience.bounces import Verdict
from digest.cli.standing import by_state, told
from digest.cli.standing_screen import AFTER, print_standing


def shown(capsys: pytest.CaptureFixture[str], **send: Any) -> str:
    stands = {"status": "open", "deferred": None, "cancelled_by": "", **send}
    issue = {
        "period": "2026-11-29",
        "status": "sending",
        "reason": "",
        "deliveries": {"accepted": 5, "queued": 2, "failed": 0},
        "after": {"ours": 1, "hard": 2},
        "send": stands,
    }
    newsletter = {"key": "sunday", "name": "S", "readers": {}, "issues": [issue], "sources": []}
    found = {"newsletters": [newsletter], "resting": [], "notices_waiting": 0}
    print_standing({**found, "reconciled_at": "2026-11-29T08:00:05+00:00"})
    return capsys.readouterr().out


def test_who_is_deferred_and_until_when(capsys: pytest.CaptureFixture[str]) -> None:
    late = {"readers": 2, "reply": "450 4.2.0 greylisted", "next_try": "2026-11-29T03:12+01:00"}
    out = shown(capsys, deferred=late)
    assert "2 deferred: 450 4.2.0 greylisted; next try Sun 29 Nov 03:12 UTC+0100" in out
    assert "5 accepted, 2 queued; since then: 1 came back because of us, not of the reader" in out
    assert "2 bounced for good" in out
    assert "last reconcile: Sun 29 Nov 08:00 UTC" in out


def test_a_pause_that_ends_by_itself_is_no_alarm(capsys: pytest.CaptureFixture[str]) -> None:
    paused = {"status": "paused", "waits_for_a_person": False, "since": None, "provider": "smtp"}
    out = shown(capsys, **paused, reason="450 4.7.1", until="2026-11-29T08:05+00:00")
    assert "paused with smtp until Sun 29 Nov 08:05 UTC: 450 4.7.1" in out


def test_every_outcome_of_a_copy_has_words() -> None:
    assert set(AFTER) == set(Verdict) - {Verdict.NOTHING, Verdict.DELIVERED}


def test_whose_turn_has_not_come_is_queued_as_in_the_ledger() -> None:
    counts = {"queued": 2, "accepted": 1, "failed": 0, "waiting": 3}
    assert by_state(counts) == {"queued": 5, "accepted": 1, "failed": 0}
    assert told(counts) == "5 queued, 1 accepted"
