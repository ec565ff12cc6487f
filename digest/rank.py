"""Order the week's storylines by parts that anyone can check; the parts sum to the score.

Readers' signs are compared with what an average story gets in the same time of exposure. How
signs grow with time is learned from the week itself (from "a fixed number an hour" towards "all
at once"), so Monday's story is no better off for its six days than Saturday's for being fresh.
Few signs count little: every figure is drawn towards the week's mean. Logs keep one hit from
drowning the rest.
"""

from __future__ import annotations

import datetime as dt
import math
import statistics
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from digest import exposure, lines, signals, words
from digest.errors import BadInput
from digest.model import Article, ArticleId, Engagement, Ranked, Reason, Storyline, Unit
from digest.schedules import RankTable

#: Votes of the mean rating that stand before any vote.
PRIOR_VOTES = 10.0
#: The mean rating where a week has none.
USUAL_RATING = 3.5
WEEK_H = 168.0


def rank(
    storylines: Sequence[Storyline], weights: RankTable, *, now: dt.datetime
) -> tuple[Ranked, ...]:
    """Best first; ties by the newest, then by the greater id. The same for any order of input."""
    ordered = sorted(storylines, key=lambda s: (s.lead.when, s.lead.id), reverse=True)
    mean_rating = _mean_rating(a for storyline in ordered for a in storyline.members)
    usual_length = statistics.median(sizes) if (sizes := _sizes(ordered)) else 0.0
    signs = _sign_parts(ordered, weights, now)
    ranked = []
    for storyline, did in zip(ordered, signs, strict=True):
        parts: list[Reason | None] = list(did)
        parts.append(_rating_part(storyline.lead, weights.rating, mean_rating))
        parts.append(_coverage_part(storyline, weights.coverage))
        parts.append(_length_part(storyline.lead, weights.length, usual_length))
        parts.append(_recency_part(storyline.lead, weights.recency, now))
        parts.append(_section_part(storyline.lead, weights.sections))
        reasons = tuple(part for part in parts if part is not None)
        score = _points(math.fsum(reason.points for reason in reasons))
        ranked.append(Ranked(storyline, score, reasons))
    return tuple(sorted(ranked, key=lambda r: -r.score))


_SIGNS: tuple[tuple[str, str, Callable[[Article], float | None]], ...] = (
    ("reactions", "reaction", signals.reactions),
    ("comments", "comment", signals.comments),
    ("views", "view", signals.views),
)


def _sign_parts(
    ordered: Sequence[Storyline], weights: RankTable, now: dt.datetime
) -> list[list[Reason]]:
    """What readers did, for each storyline: one part a sign that was measured."""
    parts: list[list[Reason]] = [[] for _ in ordered]
    for name, noun, count in _SIGNS:
        weight = float(getattr(weights, name))
        for place, found in enumerate(exposure.measure(ordered, count, now)):
            if found is not None:
                did = f"{_number(found.count, noun)} in {_span(found.hours)}: {found.standing}"
                parts[place].append(Reason(name, _points(weight * found.doublings), did))
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
    text = f"{stars} by {_number(found.votes, 'reader')}; this week's mean is {mean:.1f}"
    return Reason("rating", _points(weight * (drawn - mean)), text)


def _coverage_part(storyline: Storyline, weight: float) -> Reason:
    size = len(storyline.members)
    text = storyline.reason if size > 1 and storyline.reason else _number(size, "article")
    return Reason("coverage", _points(weight * math.log2(max(1, size))), text)


def _sizes(storylines: Iterable[Storyline]) -> list[int]:
    return [size for s in storylines if (size := words.count(s.lead.text)) > 0]


def _length_part(article: Article, weight: float, usual: float) -> Reason | None:
    """One doubling of the week's median length is worth half a point, one is the most."""
    size = words.count(article.text)
    if size == 0 or usual == 0:
        return None
    doublings = min(1.0, max(-1.0, math.log2(size / usual)))
    text = f"{_number(size, 'word')}; the middle of this week's stories has {usual:,.0f}"
    return Reason("length", _points(weight * doublings / 2), text)


def _recency_part(article: Article, weight: float, now: dt.datetime) -> Reason:
    hours = max(0.0, (now - article.when).total_seconds() / 3600)
    points = _points(weight * max(0.0, 1 - hours / WEEK_H))
    return Reason("recency", points, f"published {_span(max(1.0, hours))} before the week closed")


def _section_part(article: Article, weights: Mapping[str, float]) -> Reason | None:
    section = exposure.section_of(article)
    points = next((w for name, w in weights.items() if name.strip().casefold() == section), None)
    if points is None:
        return None
    return Reason("section", _points(points), f"stands in the section {article.section}")


# ---------------------------------------------------------------- words


def _points(points: float) -> float:
    """To four places, and never minus nought."""
    return round(points, 4) + 0.0


def _number(count: float, noun: str) -> str:
    whole = round(count)
    return f"{whole:,} {noun}" if whole == 1 else f"{whole:,} {noun}s"


def _span(hours: float) -> str:
    """`5 hours`, `3 days`."""
    return _number(hours, "hour") if hours < 36 else _number(hours / 24, "day")


# ---------------------------------------------------------------- JSON lines


def rank_lines(
    objects: Iterable[Mapping[str, object]], weights: RankTable
) -> Iterator[dict[str, object]]:
    """Weeks of `{"id","published",…}` → `{"id","rank","score","reasons"}`, in the order of input.

    Objects with one `now` are one week and are ranked among each other; without `now` the week is
    the calendar's (ISO 8601), and it ends on its Sunday at midnight.
    """
    given = list(objects)
    answers: list[dict[str, object]] = [{} for _ in given]
    weeks: defaultdict[dt.datetime, list[Article]] = defaultdict(list)
    for place, one in enumerate(given):
        try:
            answers[place] = {"id": lines.name_of(one)}
            weeks[_now_of(one)].append(_article(one, place))
        except BadInput as error:
            answers[place] = lines.refusal(one, error)
    for now, articles in weeks.items():
        singles = [Storyline(article, (article,)) for article in articles]
        for number, ranked in enumerate(rank(singles, weights, now=now), 1):
            answers[ranked.storyline.lead.id].update(_spoken(number, ranked))
    yield from answers


def _spoken(number: int, ranked: Ranked) -> dict[str, object]:
    reasons = [{"name": r.name, "points": r.points, "text": r.text} for r in ranked.reasons]
    return {"rank": number, "score": ranked.score, "reasons": reasons}


def _now_of(given: Mapping[str, object]) -> dt.datetime:
    now = lines.moment_of(given, "now")
    if now is not None:
        return now
    published = lines.published_of(given)
    if published is None:
        raise BadInput("published", "expected the date of publication")
    monday = published.date() - dt.timedelta(days=published.weekday())
    return dt.datetime.combine(monday + dt.timedelta(days=7), dt.time(), tzinfo=dt.UTC)


def _article(given: Mapping[str, object], place: int) -> Article:
    """The object as an article; its place in the input stands for its id."""
    published = lines.published_of(given)
    if published is None:
        raise BadInput("published", "expected the date of publication")
    return Article(
        id=ArticleId(place),
        source="lines",
        title=lines.text_of(given, "title"),
        text=lines.text_of(given, "text"),
        section=lines.text_of(given, "section") or None,
        published_at=published,
        first_seen_at=published,
        engagement=_engagement(given),
    )


def _engagement(given: Mapping[str, object]) -> tuple[Engagement, ...]:
    found = [
        Engagement(kind, number)
        for kind in ("views", "comments")
        if (number := lines.number_of(given, kind)) is not None
    ]
    reactions = given.get("reactions")
    faces = reactions if isinstance(reactions, Mapping) else {"any": reactions}
    for face in faces:
        if (number := lines.number_of(faces, face)) is not None:
            found.append(Engagement(f"reaction:{face}", number))
    average, votes = lines.number_of(given, "rating"), lines.number_of(given, "ratings")
    if average is not None:
        n = None if votes is None else int(votes)
        found.append(Engagement("rating", average, Unit.AVERAGE, n))
    return tuple(found)
