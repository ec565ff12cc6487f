"""What comes from outside is cut to what a database takes, and nothing else of it is changed."""

from __future__ import annotations

import pytest

from digest.storable import storable


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("550 no such user", "550 no such user"),
        ("550 no \0such user", "550 no such user"),
        ("550 \ud800 and \udfff", "550 ? and ?"),
        ("pêche \0 \U0001f41f", "pêche  \U0001f41f"),
    ],
)
def test_only_what_no_database_takes_is_cut(given: str, kept: str) -> None:
    assert storable(given) == kept
