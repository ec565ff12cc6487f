"""Edits since a moment, and articles that left their site."""

from __future__ import annotations

import datetime as dt

from digest.model import ArticleId
from digest.store import articles, changes, withdrawn
from digest.store.engine import Database
from tests.articles import WEDNESDAY, incoming

HOUR = dt.timedelta(hours=1)


def save(database: Database, text: str, *, hours: int = 0, title: str = "A") -> ArticleId:
    with database.write() as session:
        article = incoming("A", text=text)
        edited = incoming("A", text=text, title=title) if title != "A" else article
        return articles.save(session, edited, now=WEDNESDAY + hours * HOUR).id


def since(database: Database, number: ArticleId, hours: float) -> list[tuple[str, str]]:
    with database.read() as session:
        found = changes.since(session, [number], WEDNESDAY + hours * HOUR)
    return [(one.old_text, one.text) for one in found]


def test_an_edit_is_told_against_what_was_known_at_that_moment(database: Database) -> None:
    number = save(database, "one")
    save(database, "two", hours=1)
    save(database, "three", hours=2)
    assert since(database, number, 0.5) == [("one", "three")]
    assert since(database, number, 1.5) == [("two", "three")]
    assert since(database, number, 2.5) == []


def test_an_edit_that_was_taken_back_is_none(database: Database) -> None:
    number = save(database, "one")
    save(database, "two", hours=1)
    save(database, "one", hours=2)
    assert since(database, number, 0.5) == []


def test_what_left_its_site_is_told_and_comes_back_when_it_is_seen(database: Database) -> None:
    number = save(database, "one")
    with database.write() as session:
        missing, known = withdrawn.absent(session, "site", since=WEDNESDAY, seen=[])
        assert ([one.id for one in missing], known) == ([number], 1)
        withdrawn.take_off(session, [number], now=WEDNESDAY)
        assert [one.title for one in withdrawn.among(session, [number])] == ["A"]
        assert articles.get(session, number).gone_at == WEDNESDAY
        assert withdrawn.absent(session, "site", since=WEDNESDAY, seen=[]) == ([], 0)
    save(database, "one", hours=1)
    with database.read() as session:
        assert withdrawn.among(session, [number]) == []
