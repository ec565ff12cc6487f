"""What readers did against what an average story gets in the same time: one interest behind all signs.

Every sign of a story (reactions, comments, views) is a noisy look at the same interest. In logs: the fewer
signs can be expected, the less a look counts, and what little was seen is drawn to the mean (a normal mean
under a normal prior, its spread learned from the week). So one comment in the first hour is no triumph.
A story of the last hours is drawn most; its distance to the mean is stretched again (Louis 1984, constrained
Bayes), so that Saturday's good story has the chance of Monday's.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from digest import signals
from digest.attention import Curve, Numbers, Sightings
from digest.model import Article, Storyline

Count = Callable[[Article], float | None]

#: The signs, by the name of their weight, and one of them in words.
SIGNS: tuple[tuple[str, str, Count], ...] = (
    ("reactions", "reaction", signals.reactions),
    ("comments", "comment", signals.comments),
    ("views", "view", signals.views),
)
#: Variance, in natural logs, of one sign around the interest, however many were counted.
_OWN_WAY = 0.15
#: Variance of interest from story to story that a week begins with, and the stories that it counts for.
_USUAL_SPREAD, _USUAL_STORIES, _LEAST_SPREAD = 0.4, 10.0, 0.05
#: How much further than drawn an estimate may be stretched.
_MOST_STRETCH = 1.5
#: The most and least, in doublings of the mean.
MOST_DOUBLINGS = 4.0


@dataclass(frozen=True, slots=True)
class Sign:
    """One sign of one storyline. doublings: of the mean for its exposure. part: its share of the interest."""

    name: str
    noun: str
    count: float
    hours: float
    doublings: float
    part: float


@dataclass(frozen=True, slots=True)
class Interest:
    """What all signs of a storyline say together.

    doublings: of the week's mean. surety: how much that counts against what was to be expected, from 0
    (nothing was measured) to 1.
    """

    signs: tuple[Sign, ...] = ()
    doublings: float = 0.0
    surety: float = 0.0


def sightings(storylines: Sequence[Storyline], now: dt.datetime) -> list[Sightings]:
    """The week's articles as the curve of attention is learned from them: one item a sign."""
    timed = [one for line in _timed(storylines, now) for one in line]
    found = []
    for _, _, count in SIGNS:
        seen = [(hours, n) for a, hours in timed if (n := count(a)) is not None]
        found.append(Sightings([h for h, _ in seen], [n for _, n in seen]))
    return found


def measure(
    storylines: Sequence[Storyline], weights: Mapping[str, float], curve: Curve, now: dt.datetime
) -> list[Interest]:
    """One for each storyline, in order. weights: how much each sign counts beside the others."""
    timed = _timed(storylines, now)
    looks = [
        look
        for name, noun, count in SIGNS
        if weights.get(name, 0.0) > 0 and (look := _look(name, noun, _seen(timed, count, curve)))
    ]
    if not looks:
        return [Interest()] * len(storylines)
    usual = sum(weights[look.name] for look in looks) / len(looks)
    trust = np.array([look.trust(weights[look.name] / usual) for look in looks])
    logs = np.array([look.centred(row) for look, row in zip(looks, trust, strict=True)])
    return _together(looks, logs, trust)


def section_of(article: Article) -> str:
    """The article's section, as sections are compared; empty for none."""
    return (article.section or "").strip().casefold()


def hours_of(article: Article, now: dt.datetime) -> float:
    """Hours between an article's publication and the reading of its figures; at least one."""
    span = signals.taken_at(article, now) - article.when
    return max(1.0, span.total_seconds() / 3600)


Timed = list[tuple[Article, float]]  # articles of a storyline, with the hours of each
Seen = tuple[float, float, float]  # count, share of a week's attention, hours


@dataclass(frozen=True, slots=True)
class _Look:
    """One sign of all storylines: counts, what was to be expected, hours; nan where not measured."""

    name: str
    noun: str
    counts: Numbers
    expected: Numbers
    hours: Numbers

    def trust(self, weight: float) -> Numbers:
        """How much each count says: the inverse of its variance in logs; 0 where there is none."""
        few = 1 / ((self.counts + self.expected) / 2 + 0.5)
        return np.asarray(np.nan_to_num(weight / (few + _OWN_WAY)))

    def centred(self, trust: Numbers) -> Numbers:
        """Logs of seen by expected, their mean taken away; 0 where there is none."""
        logs = np.nan_to_num(np.log((self.counts + 0.5) / (self.expected + 0.5)))
        return np.asarray(np.where(trust > 0, logs - logs @ trust / trust.sum(), 0.0))


def _look(name: str, noun: str, seen: Sequence[Seen | None]) -> _Look | None:
    """None where the sign was measured nowhere."""
    if not any(seen):
        return None
    table = np.array([one or (np.nan,) * 3 for one in seen], dtype=float)
    counts, shares, hours = table.T
    mean = np.nansum(counts) / np.nansum(shares)
    return _Look(name, noun, counts, mean * shares, hours)


def _timed(storylines: Sequence[Storyline], now: dt.datetime) -> list[Timed]:
    """Each storyline's articles with their hours."""
    return [[(one, hours_of(one, now)) for one in line.members] for line in storylines]


def _seen(storylines: Sequence[Timed], count: Count, curve: Curve) -> list[Seen | None]:
    """The signs of all articles of each that were measured, with their exposures added up."""
    found = [
        [(n, hours) for a, hours in line if (n := count(a)) is not None] for line in storylines
    ]
    shares = curve.share([hours for one in found for _, hours in one])
    ends = np.cumsum([len(one) for one in found])
    return [
        (sum(n for n, _ in one), float(shares[end - len(one) : end].sum()), max(h for _, h in one))
        if one
        else None
        for one, end in zip(found, ends, strict=True)
    ]


def _together(looks: Sequence[_Look], logs: Numbers, trust: Numbers) -> list[Interest]:
    """The interest behind the looks (rows) of each storyline (columns)."""
    total = trust.sum(axis=0)
    measured = total > 0
    mean = np.divide((logs * trust).sum(axis=0), total, out=np.zeros_like(total), where=measured)
    noise = np.divide(1.0, total, out=np.zeros_like(total), where=measured)
    beyond = float((mean**2 - noise)[measured].sum()) + _USUAL_STORIES * _USUAL_SPREAD
    spread = max(_LEAST_SPREAD, beyond / (int(measured.sum()) + _USUAL_STORIES))
    surety = total / (total + 1 / spread)
    surety *= np.minimum(_MOST_STRETCH, 1 / np.sqrt(np.maximum(surety, 1e-9)))
    most = MOST_DOUBLINGS
    doublings = np.clip(logs / np.log(2), -most, most)
    found = []
    for place in range(len(total)):
        parts = trust[:, place] / total[place] if measured[place] else trust[:, place]
        signs = tuple(
            _sign(look, place, float(doublings[row, place]), float(parts[row]))
            for row, look in enumerate(looks)
            if parts[row] > 0
        )
        middle = sum(sign.doublings * sign.part for sign in signs)
        found.append(Interest(signs, middle, float(surety[place])))
    return found


def _sign(look: _Look, place: int, doublings: float, part: float) -> Sign:
    count, hours = float(look.counts[place]), float(look.hours[place])
    return Sign(look.name, look.noun, count, hours, doublings, part)
