"""Sets of words, written as people write them."""

from __future__ import annotations


def word_set(words: str) -> frozenset[str]:
    """The words between the spaces."""
    return frozenset(words.split())
