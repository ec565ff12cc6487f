from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import event

from digest.errors import BadInput
from digest.model import Engagement, IncomingArticle, Window
from digest.store import article_batches, articles
from digest.store.articles import Saved
from digest.store.engine import Database
from tests.articles import WEDNESDAY, incoming


def save(database: Database, *given: IncomingArticle) -> list[Saved | BadInput]:
    with database.write() as session:
        return article_batches.save_all(session, given, now=WEDNESDAY)


def outcomes(found: list[Saved | BadInput]) -> list[str]:
    return [one.outcome if isinstance(one, Saved) else one.reason for one in found]


def statements(database: Database, *given: IncomingArticle) -> int:
    counted: list[str] = []

    def count(*told: object) -> None:
        counted.append(str(told[2]))

    event.listen(database.engine, "before_cursor_execute", count)
    try:
        save(database, *given)
    finally:
        event.remove(database.engine, "before_cursor_execute", count)
    return len(counted)


def test_a_batch_costs_no_more_statements_than_one_article(database: Database) -> None:
    many = [incoming(f"Story {n}", engagement=(Engagement("likes", n),)) for n in range(40)]
    one = statements(database, incoming("Alone", engagement=(Engagement("likes", 1),)))
    assert statements(database, *many) <= one + 2
    plain = [incoming(f"Tale {n}") for n in range(40)]
    save(database, *plain)
    assert statements(database, *plain) < 10


def test_a_batch_reads_no_more_of_a_source_that_has_given_much(sqlite: Database) -> None:
    """PostgreSQL chooses its way by the table's size."""
    asked: list[tuple[str, object]] = []

    def note(*told: Any) -> None:
        asked.append((told[2], told[3]))

    event.listen(sqlite.engine, "before_cursor_execute", note)
    save(sqlite, *[incoming(f"Story {n}") for n in range(40)])
    event.remove(sqlite.engine, "before_cursor_execute", note)
    statement, values = next(one for one in asked if " OR " in one[0])
    with sqlite.read() as session:
        plan = session.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)
        ways = [row.detail for row in plan if "article" in row.detail]
    assert [way.partition("(")[2] for way in ways] == [
        "source=? AND source_id=?)",
        "source=? AND url_key=?)",
    ]


def test_each_article_has_its_own_id_text_and_figures(database: Database) -> None:
    given = [
        incoming(f"Story {n}", text=f"Text {n}", engagement=(Engagement("likes", n),))
        for n in range(9)
    ]
    found = save(database, *given)
    ids = [one.id for one in found if isinstance(one, Saved)]
    with database.read() as session:
        for number, one in enumerate(ids):
            article = articles.get(session, one)
            assert (article.title, article.text) == (f"Story {number}", f"Text {number}")
            assert [e.value for e in article.engagement] == [number]


def test_new_known_edited_wrong_and_twice_in_one_batch(database: Database) -> None:
    save(database, incoming("Known"), incoming("Edited"))
    found = save(
        database,
        incoming("New"),
        incoming("Known"),
        incoming("Edited", text="Another text altogether."),
        incoming("Wrong", engagement=(Engagement("likes", float("nan")),)),
        incoming("New"),
    )
    assert outcomes(found) == [
        *("new", "unchanged", "revised"),
        *("the signal likes has no number", "unchanged"),
    ]
    first, again = found[0], found[4]
    assert isinstance(first, Saved)
    assert again == Saved(first.id, "unchanged")


def test_an_article_that_came_back_and_one_with_new_figures_are_written(
    database: Database,
) -> None:
    (first,) = save(database, incoming("Back", engagement=(Engagement("likes", 1),)))
    save(database, incoming("Back", engagement=(Engagement("likes", 2),)))
    assert isinstance(first, Saved)
    with database.read() as session:
        assert [e.value for e in articles.get(session, first.id).engagement] == [2]


def test_what_others_stored_in_the_same_moment_is_found_and_the_rest_goes_in(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    save(database, incoming("Faster"), incoming("Edited"))
    monkeypatch.setattr(article_batches, "_known", lambda *_: {})  # we looked before they wrote
    edited = incoming("Edited", text="Another text altogether.")
    found = save(database, incoming("New"), incoming("Faster"), edited)
    assert outcomes(found) == ["new", "unchanged", "revised"]


def test_the_same_page_of_two_sources_is_two_articles(database: Database) -> None:
    url = "https://gazette.example/ferry"
    found = save(
        database,
        incoming("Ferry", source="one", url=url, source_id=None),
        incoming("Ferry", source="two", url=url, source_id=None),
    )
    assert outcomes(found) == ["new", "new"]
    with database.read() as session:
        week = Window(WEDNESDAY.replace(year=2000), WEDNESDAY.replace(year=2100))
        assert len(articles.in_window(session, ["one", "two"], week)) == 1


def test_an_address_that_is_none_stops_no_other(database: Database) -> None:
    found = save(
        database, incoming("One"), incoming("Two", source_id=None, url="/two"), incoming("Three")
    )
    first, refused, third = outcomes(found)
    assert (first, third) == ("new", "new")
    assert "needs an id of its source or a URL of the web" in refused


def test_of_one_article_told_often_in_a_batch_the_last_word_stays(database: Database) -> None:
    save(database, incoming("Known", text="First."))
    told = [incoming("Known", text=f"Word {n}.") for n in range(3)]
    others = [incoming(f"Story {n}") for n in range(40)]
    found = save(
        database, *others[:20], told[0], *others[20:], *told[1:], incoming("Known", text="First.")
    )
    assert outcomes(found)[-3:] == ["revised"] * 3
    last = found[-1]
    assert isinstance(last, Saved)
    with database.read() as session:
        assert articles.get(session, last.id).text == "First."
