"""Order the week's storylines by parts that anyone can check; the parts sum to the score.

What readers did is compared with what an average story gets in the same time of exposure
(`exposure`, by the curve that `attention` learns), and drawn to what stories of its section, its author and
its source got, this week and in earlier ones: much where few signs were seen. A section with a large
readership is no merit of each of its stories, so most of what a section gets is taken off again. Where nothing
at all is known of readers, who stood among few comes before who stood in a crowd (`crowding`), and a short
title before a long one (`brevity`).
"""

from __future__ import annotations

import datetime as dt
import math
import statistics
from collections.abc import Iterable, Mapping, Sequence

from digest import (
    brevity,
    crowding,
    exposure,
    originality,
    rank_readers,
    reason_words,
    signals,
    words,
)
from digest.earlier_weeks import EarlierWeeks
from digest.model import Article, Ranked, Reason, Storyline
from digest.rank_table import RankTable

#: Votes of the mean rating that stand before any vote.
PRIOR_VOTES = 10.0
#: The mean rating where a week has none.
USUAL_RATING = 3.5
WEEK_H = 168.0
#: How much less it counts to be new where readers' signs are known, which are fair to the new already.
READ_ALREADY = 1 / 3

NOTHING_EARLIER = EarlierWeeks()


def rank(
    storylines: Sequence[Storyline],
    weights: RankTable,
    *,
    now: dt.datetime,
    earlier: EarlierWeeks = NOTHING_EARLIER,
) -> tuple[Ranked, ...]:
    """Best first; ties by the newest, then by the greater id. The same for any order of input."""
    ordered = sorted(storylines, key=lambda s: (s.lead.when, s.lead.id), reverse=True)
    ranked = []
    for storyline, parts in zip(ordered, _parts(ordered, weights, now, earlier), strict=True):
        score = reason_words.points(math.fsum(reason.points for reason in parts))
        ranked.append(Ranked(storyline, score, tuple(parts)))
    return tuple(sorted(ranked, key=lambda r: -r.score))


def _parts(
    ordered: Sequence[Storyline], weights: RankTable, now: dt.datetime, earlier: EarlierWeeks
) -> list[list[Reason]]:
    """The reasons of each storyline's score, in order."""
    mean_rating = _mean_rating(a for storyline in ordered for a in storyline.members)
    usual_length = statistics.median(sizes) if (sizes := _sizes(ordered)) else 0.0
    readers = rank_readers.reader_parts(ordered, weights, now=now, earlier=earlier)
    recency = weights.recency * (1 - READ_ALREADY * readers.known)
    leads = [storyline.lead for storyline in ordered]
    alike = originality.shared(leads)
    told = bool(readers.known or earlier.effects)
    crowds = [None] * len(leads) if told else crowding.crowds(leads)
    briefs = [None] * len(leads) if told else brevity.briefs(leads)
    parts = []
    for place, storyline in enumerate(ordered):
        lead = storyline.lead
        found = (
            *readers.parts[place],
            _rating_part(lead, weights.rating, mean_rating),
            _coverage_part(storyline, weights.coverage),
            _length_part(lead, weights.length, usual_length),
            _originality_part(alike[place], weights.originality),
            _crowding_part(crowds[place], weights.recency),
            _brevity_part(briefs[place], weights.recency),
            _recency_part(lead, recency, now),
            _section_part(lead, weights.sections),
            _source_part(lead, weights.sources),
        )
        parts.append([part for part in found if part is not None])
    return parts


# ---------------------------------------------------------------- the other parts


def _mean_rating(articles: Iterable[Article]) -> float:
    """The week's mean over all votes, drawn to the usual."""
    found = [r for a in articles if (r := signals.rating(a)) and r.votes]
    votes = math.fsum(float(r.votes or 0) for r in found)
    total = math.fsum(r.average * float(r.votes or 0) for r in found)
    return (total + USUAL_RATING * PRIOR_VOTES) / (votes + PRIOR_VOTES)


def _rating_part(article: Article, weight: float, mean: float) -> Reason | None:
    found = signals.rating(article)
    if found is None:
        return None
    stars = f"rated {found.average:.1f} of 5"
    if found.votes is None:
        return Reason("rating", 0.0, f"{stars} by an unknown number of readers: not counted")
    drawn = (found.average * found.votes + mean * PRIOR_VOTES) / (found.votes + PRIOR_VOTES)
    text = (
        f"{stars} by {reason_words.number(found.votes, 'reader')}; this week's mean is {mean:.1f}"
    )
    return Reason("rating", reason_words.points(weight * (drawn - mean)), text)


def _coverage_part(storyline: Storyline, weight: float) -> Reason:
    size = len(storyline.members)
    text = (
        storyline.reason if size > 1 and storyline.reason else reason_words.number(size, "article")
    )
    return Reason("coverage", reason_words.points(weight * math.log2(max(1, size))), text)


def _sizes(storylines: Iterable[Storyline]) -> list[int]:
    return [size for s in storylines if (size := words.count(s.lead.text)) > 0]


def _length_part(article: Article, weight: float, usual: float) -> Reason | None:
    """One doubling of the week's median length is worth half a point, one is the most."""
    size = words.count(article.text)
    if size == 0 or usual == 0:
        return None
    doublings = min(1.0, max(-1.0, math.log2(size / usual)))
    text = (
        f"{reason_words.number(size, 'word')}; the middle of this week's stories has {usual:,.0f}"
    )
    return Reason("length", reason_words.points(weight * doublings / 2), text)


def _originality_part(alike: float, weight: float) -> Reason | None:
    """Points are taken off for text that stands in the week's other stories as well."""
    if alike < 0.1:
        return None
    return Reason(
        "originality",
        reason_words.points(-weight * alike),
        f"{alike:.0%} of its text stands elsewhere",
    )


def _crowding_part(crowd: crowding.Crowd | None, weight: float) -> Reason | None:
    """Half as many stories beside it are worth a third of what it counts to be new."""
    if crowd is None:
        return None
    points = reason_words.points(weight * crowd.doublings / 3)
    return Reason("crowding", points, crowd.told)


def _brevity_part(brief: brevity.Brief | None, weight: float) -> Reason | None:
    """A title half as long counts as much as half as many stories beside it."""
    if brief is None:
        return None
    points = reason_words.points(weight * brief.halvings / 3)
    return Reason(
        "brevity",
        points,
        f"{reason_words.number(brief.words, 'word')} in its title; the middle of this week's titles has {brief.usual:,g}",
    )


def _recency_part(article: Article, weight: float, now: dt.datetime) -> Reason:
    hours = max(0.0, (now - article.when).total_seconds() / 3600)
    points = reason_words.points(weight * max(0.0, 1 - hours / WEEK_H))
    return Reason(
        "recency", points, f"published {reason_words.span(max(1.0, hours))} before the week closed"
    )


def _section_part(article: Article, weights: Mapping[str, float]) -> Reason | None:
    section = exposure.section_of(article)
    points = next((w for name, w in weights.items() if name.strip().casefold() == section), None)
    if points is None:
        return None
    return Reason(
        "section", reason_words.points(points), f"stands in the section {article.section}"
    )


def _source_part(article: Article, weights: Mapping[str, float]) -> Reason | None:
    points = weights.get(article.source)
    if points is None:
        return None
    return Reason("source", reason_words.points(points), f"comes from {article.source}")
