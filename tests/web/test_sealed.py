"""Words that were looked for, sealed in an address."""

from __future__ import annotations

import pytest

from digest.web import sealed

KEY = b"k" * 32


def test_sealed_words_open_with_their_own_key_alone() -> None:
    token = sealed.seal(KEY, "Älice@example.net")
    assert "lice" not in token
    assert sealed.opened(KEY, token) == "Älice@example.net"
    assert sealed.opened(b"l" * 32, token) == ""
    assert sealed.seal(KEY, "") == ""


@pytest.mark.parametrize("forged", ["", "x", "\u00e9", "x" * 5000, "gAAAAA=="])
def test_what_was_never_sealed_is_nothing(forged: str) -> None:
    assert sealed.opened(KEY, forged) == ""
    assert sealed.opened(KEY, sealed.seal(KEY, "alice")[:-4] + "AAA=") == ""
