"""What is sealed is read with the same key and for the same purpose, and in no other way."""

from __future__ import annotations

from digest import sealing

KEY, TEXT = b"k" * 64, "whsec_Grüße"


def test_a_text_comes_back_for_its_key_and_purpose_alone() -> None:
    sealed = sealing.seal(KEY, "secrets", TEXT)
    assert TEXT not in sealed
    assert sealing.opened(KEY, "secrets", sealed) == TEXT
    assert sealing.opened(KEY, "answers", sealed) is None
    assert sealing.opened(b"o" * 64, "secrets", sealed) is None
    changed = "A" if sealed[40] != "A" else "B"
    assert sealing.opened(KEY, "secrets", sealed[:40] + changed + sealed[41:]) is None
    assert sealing.opened(KEY, "secrets", "") is None


def test_the_same_text_is_sealed_otherwise_each_time() -> None:
    assert sealing.seal(KEY, "secrets", TEXT) != sealing.seal(KEY, "secrets", TEXT)
