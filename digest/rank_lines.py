"""A week's order as JSON lines: `{"id","published",…}` → `{"id","rank","score","reasons"}`."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping

from digest import earlier_weeks, lines
from digest.earlier_weeks import EarlierWeeks
from digest.errors import BadInput
from digest.model import Article, ArticleId, Engagement, Ranked, Storyline, Unit
from digest.rank import NOTHING_EARLIER, rank
from digest.schedules import RankTable

#: What other systems call the signs that count like reactions.
_LIKES = ("likes", "points", "shares", "claps", "votes")


def rank_lines(
    objects: Iterable[Mapping[str, object]],
    weights: RankTable,
    earlier: EarlierWeeks = NOTHING_EARLIER,
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
        for number, ranked in enumerate(rank(singles, weights, now=now, earlier=earlier), 1):
            answers[ranked.storyline.lead.id].update(_spoken(number, ranked))
    yield from answers


def learned(objects: Iterable[Mapping[str, object]], weights: RankTable) -> EarlierWeeks:
    """What objects of earlier weeks teach, each as `rank_lines` takes them, with their counts.

    Raises BadInput that names the first object that cannot be used.
    """
    articles, ends = [], [dt.datetime.min.replace(tzinfo=dt.UTC)]
    for place, one in enumerate(objects):
        try:
            ends.append(_now_of(one))
            articles.append(_article(one, place))
        except BadInput as error:
            raise BadInput(f"object {place + 1}: {error.item}", error.reason) from error
    return earlier_weeks.learn(articles, weights.signs, now=max(ends))


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
        source=lines.text_of(given, "source") or "lines",
        title=lines.text_of(given, "title"),
        text=lines.text_of(given, "text"),
        url=lines.text_of(given, "url") or None,
        section=lines.text_of(given, "section") or lines.text_of(given, "channel") or None,
        authors=_authors(given),
        published_at=published,
        first_seen_at=published,
        engagement=_engagement(given),
    )


def _authors(given: Mapping[str, object]) -> tuple[str, ...]:
    named = given.get("authors")
    if isinstance(named, list | tuple):
        return tuple(name for name in named if isinstance(name, str) and name.strip())
    author = lines.text_of(given, "author").strip()
    return (author,) if author else ()


def _engagement(given: Mapping[str, object]) -> tuple[Engagement, ...]:
    found = [
        Engagement(kind, number)
        for kind in ("views", "comments")
        if (number := lines.number_of(given, kind)) is not None
    ]
    for kind in _LIKES:
        if (number := lines.number_of(given, kind)) is not None:
            found.append(Engagement("likes", number))
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
