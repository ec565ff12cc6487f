"""The parts of a score that readers made: their signs, what stories of a kind get, the mixture of faces."""

from __future__ import annotations

import datetime as dt
import math
import statistics
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from digest import attention, exposure, reason_words, sections_spread, signals, words
from digest.earlier_weeks import EarlierWeeks, Expected
from digest.exposure import Interest
from digest.model import Article, Reason, Storyline
from digest.rank_table import RankTable

#: How many stories of the mean stand beside an author's own of this week.
PRIOR_AUTHOR = 6.0
#: How many reactions of the week's mixture stand before a story's own.
PRIOR_FACES = 20.0


@dataclass(frozen=True, slots=True)
class ReaderParts:
    """A list of reasons for each storyline, in order. known: the share of them with any sign."""

    parts: list[list[Reason]]
    known: float


@dataclass(frozen=True, slots=True)
class _Usual:
    """What a storyline may expect by its kind, in doublings: by its section, and by all together."""

    section: float
    total: float
    why: str


def reader_parts(
    ordered: Sequence[Storyline],
    weights: RankTable,
    *,
    now: dt.datetime,
    earlier: EarlierWeeks,
) -> ReaderParts:
    """One part a sign that was measured, one for what stories of its kind get, one for its section."""
    curve = attention.learn([*earlier.seen, *exposure.sightings(ordered, now)])
    found = exposure.measure(ordered, weights.signs, curve, now)
    spread = sections_spread.spread([exposure.section_of(s.lead) for s in ordered], found)
    usual = _usual(ordered, found, earlier, spread.prior)
    measured = {sign.name for interest in found for sign in interest.signs}
    known = sum(1 for interest in found if interest.surety) / max(1, len(found))
    scale = sum(weights.signs[name] for name in measured) or max(weights.signs.values())
    mixtures = _mixture_parts(ordered, weights.mixture)
    parts = [
        [
            *_sign_parts(interest, scale),
            *_usual_part(mean, scale * (1 - interest.surety)),
            *_readership_part(storyline.lead, mean.section, scale * spread.readership * known),
            *((mixture,) if mixture else ()),
        ]
        for storyline, interest, mean, mixture in zip(ordered, found, usual, mixtures, strict=True)
    ]
    return ReaderParts(parts, known)


def _sign_parts(interest: Interest, scale: float) -> list[Reason]:
    return [
        Reason(
            sign.name,
            reason_words.points(scale * interest.surety * sign.part * sign.doublings),
            f"{reason_words.number(sign.count, sign.noun)} in {reason_words.span(sign.hours)}: "
            f"{reason_words.times(sign.doublings)} the usual for the time",
        )
        for sign in interest.signs
    ]


def _usual_part(usual: _Usual, scale: float) -> list[Reason]:
    points = reason_words.points(scale * usual.total)
    if not points:
        return []
    return [
        Reason(
            "expected",
            points,
            f"stories {usual.why} get {reason_words.times(usual.total)} the usual",
        )
    ]


def _readership_part(article: Article, section: float, scale: float) -> list[Reason]:
    points = reason_words.points(-scale * section)
    if not points:
        return []
    text = f"{article.section} has {reason_words.times(section)} the usual readership: set off"
    return [Reason("readership", points, text)]


def _usual(
    ordered: Sequence[Storyline],
    found: Sequence[Interest],
    earlier: EarlierWeeks,
    prior_section: float,
) -> list[_Usual]:
    """What earlier weeks promise, put right by what this week's section and authors got."""
    promised = [earlier.expected(storyline.lead) for storyline in ordered]
    rest = [i.doublings - e.total for i, e in zip(found, promised, strict=True)]
    sections = [[exposure.section_of(s.lead)] for s in ordered]
    by_section = _pooled(sections, rest, found, prior_section)
    rest = [r - s for r, s in zip(rest, by_section, strict=True)]
    authors = [[words.folded(name) for name in s.lead.authors] for s in ordered]
    by_author = _pooled(authors, rest, found, PRIOR_AUTHOR)
    return [
        _kind(storyline.lead, one, section, author)
        for storyline, one, section, author in zip(
            ordered, promised, by_section, by_author, strict=True
        )
    ]


def _kind(article: Article, promised: Expected, section: float, author: float) -> _Usual:
    total = promised.total + section + author
    why = promised.why
    if not why or promised.total * total <= 0 or abs(promised.total) * 2 < abs(total):
        named = ", ".join(article.authors)
        why = f"by {named}" if named and abs(author) > abs(section) else f"in {article.section}"
    return _Usual(promised.section + section, total, why)


def _pooled(
    groups: Sequence[Sequence[str]],
    values: Sequence[float],
    found: Sequence[Interest],
    prior: float,
) -> list[float]:
    """The mean of each storyline's groups, as sure as their measures are, drawn to nought."""
    sums: defaultdict[str, float] = defaultdict(float)
    sure: defaultdict[str, float] = defaultdict(float)
    for names, value, interest in zip(groups, values, found, strict=True):
        for name in filter(None, names):
            sums[name] += value * interest.surety
            sure[name] += interest.surety
    means = {name: total / (sure[name] + prior) for name, total in sums.items()}
    return [
        statistics.fmean(kept) if (kept := [means[n] for n in names if n]) else 0.0
        for names in groups
    ]


def _mixture_parts(ordered: Sequence[Storyline], weight: float) -> list[Reason | None]:
    """How far each storyline's faces are from the week's mixture, from 0 to 1; few faces say little."""
    faces = [signals.faces(storyline.members) for storyline in ordered]
    week = {name for one in faces for name in one}
    total = math.fsum(n for one in faces for n in one.values())
    if len(week) < 2 or total <= 0:
        return [None] * len(ordered)
    usual = {name: math.fsum(one.get(name, 0.0) for one in faces) / total for name in sorted(week)}
    return [_mixture_part(one, usual, weight) for one in faces]


def _mixture_part(
    faces: Mapping[str, float], usual: Mapping[str, float], weight: float
) -> Reason | None:
    count = math.fsum(faces.values())
    if count <= 0:
        return None
    beyond = {face: faces.get(face, 0.0) / count - share for face, share in usual.items()}
    face = max(beyond, key=lambda f: beyond[f])
    far = sum(abs(one) for one in beyond.values()) / 2 * count / (count + PRIOR_FACES)
    text = f"{faces[face] / count:.0%} of its reactions are {face}; this week {usual[face]:.0%} are"
    return Reason("mixture", reason_words.points(weight * far), text)
