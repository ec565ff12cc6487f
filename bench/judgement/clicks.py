"""What learning from clicks is worth where the truth is known: `python -m bench.judgement.clicks`.

Made-up newsletters whose ranking values the wrong thing: readers want one part of the score and its weights prefer another.
Clicks come from who looks at a place and wants the story. Told is NDCG at 10 of what readers want, in weeks that
taught nothing: by the weights of before, by those learned from clicks as they are, and from clicks set right for place.
"""

from __future__ import annotations

import datetime as dt
import math
import random
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from unittest import mock

from digest import learning, positions
from digest.learning import LEARNABLE, Lesson
from digest.model import ArticleId, Layout, Reason, Story, Summary

WEIGHTS = dict.fromkeys(LEARNABLE, 1.0)
#: What readers want, by the parts of the score; today's weights take both for equal.
WANTED = {"comments": 0.3, "length": 2.0}
STORIES, FULL, LOUD = 40, 12, 50.0


@dataclass(frozen=True, slots=True)
class Week:
    """An issue with its clicks, and what readers would have wanted."""

    lesson: Lesson
    wanted: Mapping[ArticleId, float]


def main() -> None:
    print("how looks fall with the place   before   as they are   set right   found")
    for decline in (0.0, -0.5, -1.0, -1.5):
        rows = [_one(decline, seed) for seed in range(6)]
        before, plain, right, found = (
            statistics.mean(column) for column in zip(*rows, strict=True)
        )
        print(f"place^{decline:<25} {before:8.3f} {plain:13.3f} {right:11.3f} {found:7.2f}")


def _one(decline: float, seed: int) -> tuple[float, float, float, float]:
    taught = weeks(12, decline=decline, seed=seed)
    unseen = weeks(30, decline=decline, seed=seed + 1000)
    right = learning.propose([week.lesson for week in taught], WEIGHTS)
    with mock.patch.object(positions, "CAP", 1.0):
        plain = learning.propose([week.lesson for week in taught], WEIGHTS)
    assert right is not None
    assert plain is not None
    orders = [{}, plain.factors, right.factors]
    before, *after = (worth(unseen, factors) for factors in orders)
    return before, after[0], after[1], right.chances.decline


def worth(of: Sequence[Week], factors: Mapping[str, float]) -> float:
    """The mean NDCG of what readers want, in the order that these factors give."""
    found = [
        positions.ndcg(
            [s.article_id for s in learning.reordered(one.lesson.stories, factors)], one.wanted
        )
        for one in of
    ]
    return statistics.mean(value for value in found if value is not None)


def weeks(count: int, *, decline: float, seed: int) -> list[Week]:
    """Issues in the order of today's weights, and their clicks."""
    chance = random.Random(seed)
    return [_week(str(number), decline, chance) for number in range(count)]


def _week(period: str, decline: float, chance: random.Random) -> Week:
    stories = [_story(n, {part: chance.gauss(0, 0.5) for part in WANTED}) for n in range(STORIES)]
    order = [story.article_id for story in learning.by_score(stories)]
    wanted = {story.article_id: _wanted(story, chance.gauss(0, 0.3)) for story in stories}
    looks = {
        one: place**decline * (0.5 if place > FULL else 1.0) for place, one in enumerate(order, 1)
    }
    means = {one: LOUD * looks[one] * wanted[one] for one in order}
    clicks = {
        one: max(0, round(chance.gauss(mean, math.sqrt(mean)))) for one, mean in means.items()
    }
    full, briefs = tuple(order[1:FULL]), tuple(order[FULL:])
    layout = Layout(lead=order[0], sections=(("Town", full),), briefs=briefs)
    places = {one: place for place, one in enumerate(order, 1)}
    lesson = Lesson(period, tuple(stories), layout, clicks, moved=False, places=places)
    return Week(lesson, wanted)


def _wanted(story: Story, noise: float) -> float:
    return math.exp(sum(WANTED[reason.name] * reason.points for reason in story.reasons) + noise)


def _story(number: int, parts: Mapping[str, float]) -> Story:
    return Story(
        article_id=ArticleId(number + 1),
        title="",
        url=None,
        summary=Summary(""),
        section="",
        published_at=dt.datetime(2026, 11, 23, tzinfo=dt.UTC),
        read_seconds=1,
        score=sum(parts.values()),
        reasons=tuple(Reason(name, points, name) for name, points in parts.items()),
    )


if __name__ == "__main__":
    main()
