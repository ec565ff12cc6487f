"""Marks of honour beside a title: most discussed, best rated, most reactions; where someone really stands out."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence

from digest import phrases, signals
from digest.model import Article, ArticleId, Storyline

#: Votes that a "best rated" needs.
LEAST_VOTES = 5

Marks = Mapping[ArticleId, tuple[str, ...]]


def of(lines: Sequence[Storyline], said: phrases.Phrases) -> Marks:
    """Who stands out, where someone really does; a storyline by all its articles, as it is ranked."""
    given: dict[ArticleId, list[str]] = {}
    for found, mark in (
        (_ahead(_sums(lines, signals.comments)), said.most_discussed),
        (_best_rated([line.lead for line in lines]), said.best_rated),
        (_ahead(_sums(lines, signals.reactions)), said.most_reactions),
    ):
        if found is not None:
            given.setdefault(found, []).append(mark)
    return {article: tuple(marks) for article, marks in given.items()}


def _sums(
    lines: Sequence[Storyline], count: Callable[[Article], float | None]
) -> list[tuple[ArticleId, float]]:
    """Each storyline's signs, by its lead; without those of which nothing is known."""
    found = [(line, [n for a in line.members if (n := count(a)) is not None]) for line in lines]
    return [(line.lead.id, math.fsum(counts)) for line, counts in found if counts]


def _ahead(counts: Sequence[tuple[ArticleId, float]]) -> ArticleId | None:
    """Who has at least five, and a fifth and three more than the next; None for a near thing."""
    if len(counts) < 2:
        return None
    first, second = sorted(counts, key=lambda item: (-item[1], item[0]))[:2]
    return first[0] if first[1] >= max(5.0, second[1] * 1.2, second[1] + 3) else None


def _best_rated(articles: Sequence[Article]) -> ArticleId | None:
    """Whose stars lead by two tenths, among those with enough votes; never a bad rating."""
    rated = [
        (article.id, rating.average)
        for article in articles
        if (rating := signals.rating(article)) and (rating.votes or 0) >= LEAST_VOTES
    ]
    if len(rated) < 2:
        return None
    first, second = sorted(rated, key=lambda item: (-item[1], item[0]))[:2]
    return first[0] if first[1] >= second[1] + 0.2 - 1e-9 and first[1] >= 3.5 else None
