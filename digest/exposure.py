"""Readers' signs against what an average story gets in the same time of exposure.

How signs grow with time is learned from the week itself: from "a fixed number an hour" (b = 1)
towards "all at once" (b = 0). Few signs are drawn to the week's mean (a Poisson rate under a
gamma prior), so that one comment in the first hour is no triumph.
"""

from __future__ import annotations

import datetime as dt
import math
import statistics
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from digest import signals
from digest.model import Article, Storyline

#: Signs that any story has for nothing, seen and expected.
PRIOR_SIGNS = 5.0
#: How many stories' worth of belief in "a fixed number an hour" the week must overcome.
PRIOR_STORIES = 1.0
#: The most and least, in doublings of the mean.
MOST_DOUBLINGS = 3.0
#: A section with fewer measured stories is compared with the whole week.
LEAST_IN_SECTION = 4

Count = Callable[[Article], float | None]


@dataclass(frozen=True, slots=True)
class Measured:
    """One storyline's signs of one kind. doublings: of the mean for its exposure, in logs of 2."""

    count: float
    hours: float
    doublings: float
    standing: str


def measure(
    storylines: Sequence[Storyline], count: Count, now: dt.datetime
) -> list[Measured | None]:
    """One for each storyline, in order; None where nothing was measured."""
    found = [_sightings(storyline, count, now) for storyline in storylines]
    everything = [sighting for sightings in found for sighting in sightings]
    if not everything:
        return [None] * len(found)
    exponent = growth([h for h, _ in everything], [n for _, n in everything])
    exposed = math.fsum(h**exponent for h, _ in everything)
    mean = math.fsum(n for _, n in everything) / exposed
    ratios = [_ratio(sightings, mean, exponent) for sightings in found]
    sections = [section_of(storyline.lead) for storyline in storylines]
    standings = _standings(ratios, sections)
    return [
        _measured(sightings, ratio, standing)
        for sightings, ratio, standing in zip(found, ratios, standings, strict=True)
    ]


def section_of(article: Article) -> str:
    """The article's section, as sections are compared; empty for none."""
    return (article.section or "").strip().casefold()


def hours_of(article: Article, now: dt.datetime) -> float:
    """Hours between an article's publication and the reading of its figures; at least one."""
    span = signals.taken_at(article, now) - article.when
    return max(1.0, span.total_seconds() / 3600)


def growth(hours: Sequence[float], counts: Sequence[float]) -> float:
    """The exponent b of `signs ~ hours ** b`: a slope in logs, drawn towards 1, from 0 to 1."""
    xs, ys = [math.log(h) for h in hours], [math.log1p(n) for n in counts]
    middle_x, middle_y = statistics.fmean(xs), statistics.fmean(ys)
    spread = math.fsum((x - middle_x) ** 2 for x in xs)
    joint = math.fsum((x - middle_x) * (y - middle_y) for x, y in zip(xs, ys, strict=True))
    slope = (joint + PRIOR_STORIES) / (spread + PRIOR_STORIES)
    return min(1.0, max(0.0, slope))


def _sightings(storyline: Storyline, count: Count, now: dt.datetime) -> list[tuple[float, float]]:
    """Hours and signs of each of its articles that was measured."""
    return [
        (hours_of(article, now), found)
        for article in storyline.members
        if (found := count(article)) is not None
    ]


def _ratio(sightings: Sequence[tuple[float, float]], mean: float, exponent: float) -> float | None:
    """Signs seen per sign expected, drawn to 1."""
    if not sightings:
        return None
    expected = mean * math.fsum(h**exponent for h, _ in sightings)
    return (math.fsum(n for _, n in sightings) + PRIOR_SIGNS) / (expected + PRIOR_SIGNS)


def _measured(
    sightings: Sequence[tuple[float, float]], ratio: float | None, standing: str
) -> Measured | None:
    if ratio is None:
        return None
    doublings = min(MOST_DOUBLINGS, max(-MOST_DOUBLINGS, math.log2(ratio)))
    count, hours = math.fsum(n for _, n in sightings), max(h for h, _ in sightings)
    return Measured(count, hours, doublings, standing)


def _standings(ratios: Sequence[float | None], sections: Sequence[str]) -> list[str]:
    """In words: where each stands in its section, or in the week where that has too few."""
    week = sorted(ratio for ratio in ratios if ratio is not None)
    by_section: defaultdict[str, list[float]] = defaultdict(list)
    for ratio, section in zip(ratios, sections, strict=True):
        if ratio is not None and section:
            by_section[section].append(ratio)
    standings = []
    for ratio, section in zip(ratios, sections, strict=True):
        near = sorted(by_section.get(section, ()))
        inside = len(near) >= LEAST_IN_SECTION
        where = "this section" if inside else "this week"
        standings.append(_standing(ratio, near if inside else week, where))
    return standings


def _standing(ratio: float | None, near: Sequence[float], where: str) -> str:
    others = len(near) - 1
    if ratio is None or others < 1:
        return "nothing to compare it with"
    below = bisect_left(near, ratio - 1e-9)
    above = len(near) - bisect_right(near, ratio + 1e-9)
    if below == others:
        return f"more than all others of {where}, for its time"
    if below * 2 > others:
        return f"more than most of {where}, for its time"
    if above * 2 > others:
        return f"fewer than most of {where}, for its time"
    return f"about the middle of {where}, for its time"
