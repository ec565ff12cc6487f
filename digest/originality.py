"""How much of an article's text stands in other stories of the week: boilerplate, and copy told again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from digest import words
from digest.model import Article

#: Words in a row that count as the same text, and how far into an article they are compared.
_ROW, _FIRST_WORDS = 6, 600


def shared(articles: Sequence[Article]) -> list[float]:
    """For each article the share of its rows of words, from 0 to 1, that another one has as well."""
    rows = [_rows(article.text) for article in articles]
    having = Counter(row for inside in rows for row in inside)
    return [
        sum(1 for row in inside if having[row] > 1) / len(inside) if inside else 0.0
        for inside in rows
    ]


def _rows(text: str) -> set[int]:
    """Rows of words as numbers, since a week has a million of them."""
    units = [
        unit
        for word in words.first(text, _FIRST_WORDS, signs=_FIRST_WORDS * 12)
        for unit in words.shared_units(word)
    ]
    return {hash(tuple(units[at : at + _ROW])) for at in range(len(units) - _ROW + 1)}
