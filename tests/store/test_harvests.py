"""What sources gave, week by week: each article in the week of its first sight."""

from __future__ import annotations

import datetime as dt

from digest.model import ArticleId
from digest.store import articles, harvests, withdrawn
from digest.store.engine import Database
from digest.store.harvests import Harvest
from tests.articles import WEDNESDAY, incoming

WEEK = dt.timedelta(days=7)
EDGES = [WEDNESDAY - 2 * WEEK, WEDNESDAY - WEEK, WEDNESDAY, WEDNESDAY + WEEK]


def put(database: Database, *when: dt.datetime, source: str = "site") -> list[ArticleId]:
    with database.write() as session:
        return [
            articles.save(
                session,
                incoming(f"Story {number}", source=source, published_at=at),
                now=at,
            ).id
            for number, at in enumerate(when)
        ]


def of(database: Database, *sources: str) -> dict[str, Harvest]:
    with database.read() as session:
        return harvests.by_week(session, sources, EDGES)


def test_articles_count_in_their_week_and_a_week_is_half_open(database: Database) -> None:
    instant = dt.timedelta(microseconds=1)
    put(database, EDGES[0] - instant, EDGES[0], EDGES[1] - instant, EDGES[1], EDGES[3] - instant)
    put(database, EDGES[2], EDGES[3], source="blog")
    found = of(database, "site", "blog", "silent")
    assert found["site"] == Harvest((2, 1, 1), 0, EDGES[3] - instant)
    assert found["blog"] == Harvest((0, 0, 1), 0, EDGES[2])
    assert found["silent"] == Harvest((0, 0, 0))


def test_what_was_taken_off_its_site_is_counted_apart(database: Database) -> None:
    long_ago, _, taken = put(database, EDGES[0] - WEEK, EDGES[1], EDGES[2])
    with database.write() as session:
        withdrawn.take_off(session, [long_ago, taken], now=WEDNESDAY)
    assert of(database, "site")["site"].gone == 1
