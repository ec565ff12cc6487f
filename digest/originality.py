"""How much of an article's text stands in other stories of the week: boilerplate, and copy told again."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from digest import copies, words
from digest.copies import Codes
from digest.model import Article

#: Words in a row that count as the same text, and how far into an article they are compared.
_ROW, _FIRST_WORDS = 6, 600


def shared(articles: Sequence[Article]) -> list[float]:
    """For each article the share of its rows of words, from 0 to 1, that another one has as well."""
    rows = [_rows(article.text) for article in articles]
    ends = np.cumsum([0, *map(len, rows)])
    _, at, having = np.unique(
        np.concatenate([np.empty(0, np.uint64), *rows]), return_inverse=True, return_counts=True
    )
    elsewhere = np.concatenate([[0], np.cumsum(having[at] > 1)])
    found = np.diff(elsewhere[ends]) / np.maximum(1, np.diff(ends))
    return [float(part) for part in found]


def _rows(text: str) -> Codes:
    """Rows of words as numbers, each once, since a week has a million of them."""
    units = [
        unit
        for word in words.first(text, _FIRST_WORDS, signs=_FIRST_WORDS * 12)
        for unit in words.shared_units(word)
    ]
    return copies.distinct(copies.shingles_of(units, _ROW))
