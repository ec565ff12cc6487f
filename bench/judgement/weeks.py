"""Weeks that never were: stories of known quality, and what readers would have left on them.

Everything is drawn anew for each week: how many stories, how large its sections and their readerships are,
how attention fades, how many readers there are and how few of them react. Counts are Poisson around
quality x readership x attention had so far, with a spread of their own.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from digest.model import Article, ArticleId, Engagement

#: The week's cut-off.
NOW = dt.datetime(2026, 11, 28, 18, 0, tzinfo=dt.UTC)

Numbers = NDArray[np.float64]

#: Variance, in natural logs, of a count's own way around its mean.
_NOISE = 1 / 12
#: How much of quality reactions and comments add to that of views.
_ADDED = 0.3


@dataclass(frozen=True, slots=True)
class Truth:
    """What nobody knows of a real week. views: of a story of quality 1 so far. rates: reactions and comments a view.

    merit: of each story's section and author; spread: of the logs of quality beyond it.
    """

    views: Numbers
    rates: tuple[float, float]
    merit: Numbers
    spread: float


@dataclass(frozen=True, slots=True)
class Week:
    """quality: how much a reader who comes by would be taken by each story; the mean is about 1."""

    articles: tuple[Article, ...]
    quality: Numbers
    hours: Numbers
    views: Numbers
    truth: Truth
    twins: tuple[int, int] | None = None

    def knowing(self) -> Numbers:
        """The mean of each story's log of quality after its counts, for one who knows the truth: hardly an order is better."""
        counts = np.array([[one.value for one in a.engagement] for a in self.articles]).T
        of_views = [self.truth.views, *(self.views * rate for rate in self.truth.rates)]
        found, sure = np.log(self.truth.merit) / self.truth.spread**2, 1 / self.truth.spread**2
        for count, usual, power in zip(counts, of_views, (1.0, _ADDED, _ADDED), strict=True):
            trust = power**2 / (_NOISE + 1 / (np.maximum(count, usual) + 0.5))
            found = found + trust * np.log((count + 0.5) / (usual + 0.5)) / power
            sure = sure + trust
        return np.asarray(found / sure)


@dataclass(frozen=True, slots=True)
class World:
    """What is the same in all weeks of one run. spread: of the logs of quality.

    readership: spread of the logs of sections' readerships, which say nothing of quality.
    merit: spread of the logs of sections' and authors' true worth, which is part of quality.
    """

    spread: float = 0.6
    readership: float = 0.7
    merit: float = 0.0


#: Sections with readerships of their own; all alike; sections and authors that are truly better than others.
WORLDS = {
    "readerships differ": World(),
    "all alike": World(0.8, 0.0, 0.0),
    "some are better": World(0.8, 0.0, 0.4),
}


def week(rng: np.random.Generator, world: World, *, twins: bool = False) -> Week:
    """One week. twins: two more stories like one of them in quality, section and author, of Monday and of Saturday."""
    size = int(rng.integers(25, 121))
    sections = rng.choice(k := int(rng.integers(3, 9)), size, p=rng.dirichlet(np.ones(k)))
    authors = rng.integers(0, max(4, size // 4), size)
    hours = _hours(rng, size)
    quality = np.exp(rng.normal(0, world.spread, size))
    merit = np.exp(rng.normal(0, world.merit, k))[sections]
    merit *= np.exp(rng.normal(0, world.merit, int(authors.max()) + 1))[authors]
    quality *= merit
    pair = None
    if twins:
        pair = (size, size + 1)
        hours = np.append(hours, [rng.uniform(114, 135), rng.uniform(3, 17)])
        like = rng.choice(size)
        quality, merit = (np.append(one, [one[like]] * 2) for one in (quality, merit))
        sections, authors = (np.append(one, [one[like]] * 2) for one in (sections, authors))
    drawn = np.exp(rng.normal(0, world.readership, k))[sections]
    usual = drawn * _attention(rng)(hours) * np.exp(rng.uniform(np.log(40), np.log(4000)))
    views = _counts(rng, quality * usual)
    liked = float(np.exp(rng.uniform(np.log(0.005), np.log(0.06))))
    reactions = _counts(rng, views * liked * quality**_ADDED)
    spoken = float(np.exp(rng.uniform(np.log(0.001), np.log(0.02))))
    comments = _counts(rng, views * spoken * quality**_ADDED)
    truth = Truth(usual, (liked, spoken), merit, world.spread)
    counts = np.array([views, reactions, comments])
    articles = _articles(sections, authors, hours, counts)
    return Week(articles, quality, hours, views, truth, pair)


def _articles(
    sections: Numbers, authors: Numbers, hours: Numbers, counts: Numbers
) -> tuple[Article, ...]:
    """counts: views, reactions and comments, a row each."""
    kinds = ("views", "reaction:like", "comments")
    return tuple(
        Article(
            id=ArticleId(n + 1),
            source="site",
            title=f"Story {n}",
            text="",
            section=f"Section {sections[n]}",
            authors=(f"Author {authors[n]}",),
            published_at=NOW - dt.timedelta(hours=float(hours[n])),
            first_seen_at=NOW - dt.timedelta(hours=float(hours[n])),
            engagement=tuple(
                Engagement(kind, float(count[n])) for kind, count in zip(kinds, counts, strict=True)
            ),
        )
        for n in range(len(hours))
    )


def _hours(rng: np.random.Generator, size: int) -> Numbers:
    """Hours before the cut-off: most by day, Monday to Saturday, some on Sunday."""
    days = rng.choice(7, size, p=np.array([5, 9, 9, 9, 9, 8, 4]) / 53)  # Sunday first
    clock = np.clip(rng.normal(12.5, 4, size), 0, 23.9)
    at = days * 24 + clock  # hours since Sunday 0:00; the cut-off is Saturday 18:00
    return np.asarray(np.maximum(1.0, 6 * 24 + 18 - at))


def _attention(rng: np.random.Generator) -> Callable[[Numbers], Numbers]:
    """A share of all attention by hours since publication; its kind is drawn too."""
    kind = rng.integers(4)
    half = np.exp(rng.uniform(np.log(5), np.log(60)))
    if kind == 0:
        return lambda h: 1 - 0.5 ** (h / half)
    if kind == 1:
        power = rng.uniform(0.25, 0.7)
        return lambda h: (h / 168) ** power
    if kind == 2:
        slow = half * rng.uniform(3, 10)
        return lambda h: 1 - 0.7 * 0.5 ** (h / half) - 0.3 * 0.5 ** (h / slow)
    return lambda h: np.log1p(h / half) / np.log1p(168 / half)


def _counts(rng: np.random.Generator, mean: Numbers) -> Numbers:
    """Whole numbers around `mean`, spread a little wider than Poisson."""
    noise = rng.gamma(1 / _NOISE, _NOISE, len(mean))
    return rng.poisson(np.maximum(mean, 0) * noise).astype(float)
