"""Articles: each once, edits as revisions, signals as they change, a week by its window."""

from __future__ import annotations

import datetime as dt
import math
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import event, func, select

from digest.errors import BadInput, NotFound
from digest.model import (
    Article,
    ArticleId,
    Caption,
    Engagement,
    Image,
    IncomingArticle,
    Unit,
    Window,
)
from digest.store import articles
from digest.store.articles import Saved
from digest.store.engine import Database
from digest.store.tables import EngagementRow
from tests.articles import WEDNESDAY, incoming
from tests.people import NOW

HOUR = dt.timedelta(hours=1)
WEEK = Window(NOW - dt.timedelta(days=7), NOW)


def save(database: Database, article: IncomingArticle, *, now: dt.datetime = NOW) -> Saved:
    with database.write() as session:
        return articles.save(session, article, now=now)


def week(database: Database, *sources: str, window: Window = WEEK) -> list[Article]:
    with database.read() as session:
        return articles.in_window(session, sources or ("site",), window)


def likes(value: float, *, n: int | None = None, at: dt.datetime | None = None) -> Engagement:
    return Engagement("likes", value, n=n, taken_at=at)


def test_an_article_comes_back_as_it_was_given(database: Database) -> None:
    given = incoming(
        "عبّارة الميناء 🛳️ “hourly”",
        url="https://gazette.example/ferry?p=1",
        source_id="id-1",
        tags=("sea", "بحر"),
        teaser="Hourly.",
        image=Image("https://gazette.example/ferry.jpg", "The ferry", 1200, 800),
        captions=(Caption("The ferry", "Ann Ferris"), Caption("The quay")),
        read_seconds=95,
        engagement=(
            Engagement("likes", 12),
            Engagement("rating", 4.5, Unit.AVERAGE, 8, WEDNESDAY + HOUR),
            Engagement("reaction:happy", 61.5, Unit.PERCENT),
        ),
    )
    saved = save(database, given)
    with database.read() as session:
        article = articles.get(session, saved.id)
    for name in IncomingArticle.__slots__:
        if name != "engagement":
            assert getattr(article, name) == getattr(given, name)
    assert [e.kind for e in article.engagement] == ["likes", "rating", "reaction:happy"]
    assert article.signal("rating") == given.engagement[1]
    assert article.signal("likes") == Engagement("likes", 12, taken_at=NOW)
    assert (article.id, article.revision, article.first_seen_at) == (saved.id, 1, NOW)
    assert article.published_at is not None
    assert article.published_at.tzinfo is dt.UTC


def test_the_same_article_twice_is_one(database: Database) -> None:
    first = save(database, incoming())
    again = save(database, incoming(), now=NOW + HOUR)
    assert (first.outcome, again.outcome) == ("new", "unchanged")
    assert first.id == again.id
    assert len(week(database)) == 1


def test_an_edit_makes_a_revision_never_a_second_article(database: Database) -> None:
    first = save(database, incoming(title="Ferry to run hourly", source_id="7"))
    edited = incoming(title="Ferry runs hourly", source_id="7", text="New words, all of them.")
    second = save(database, edited, now=NOW + HOUR)
    assert second == Saved(first.id, "revised")
    (article,) = week(database)
    assert (article.title, article.revision) == ("Ferry runs hourly", 2)
    assert article.first_seen_at == NOW
    with database.read() as session:
        found = articles.revisions(session, first.id)
    assert found == [(1, "Ferry to run hourly", NOW), (2, "Ferry runs hourly", NOW + HOUR)]


@pytest.mark.parametrize(
    "change",
    [
        {"text": "Other words."},
        {"section": "Sea"},
        {"tags": ("ferry",)},
        {"image": Image("https://gazette.example/a.jpg")},
        {"published_at": WEDNESDAY + HOUR},
    ],
)
def test_each_part_of_an_article_counts_as_an_edit(
    sqlite: Database, change: dict[str, Any]
) -> None:
    save(sqlite, incoming())
    assert save(sqlite, incoming(**change)).outcome == "revised"


def test_an_edit_back_and_forth_is_two_revisions(sqlite: Database) -> None:
    first = save(sqlite, incoming())
    save(sqlite, incoming(text="Other words."))
    assert save(sqlite, incoming()).outcome == "revised"
    with sqlite.read() as session:
        assert [r.revision for r in articles.revisions(session, first.id)] == [1, 2, 3]


def test_an_excerpt_never_replaces_a_full_text(database: Database) -> None:
    first = save(database, incoming(section="Country", engagement=(likes(1),)))
    cut = incoming(text="The ferry …", section="News", is_excerpt=True, engagement=(likes(5),))
    assert save(database, cut, now=NOW + HOUR) == Saved(first.id, "unchanged")
    (article,) = week(database)
    assert (article.text, article.section, article.is_excerpt) == (
        incoming().text,
        "Country",
        False,
    )
    assert article.signal("likes") == likes(5, at=NOW + HOUR)


def test_an_excerpt_with_a_new_title_is_an_edit_of_the_title_alone(database: Database) -> None:
    save(database, incoming("Ferry", source_id="7"))
    save(database, incoming("The ferry", source_id="7", text="Cut …", is_excerpt=True))
    (article,) = week(database)
    assert (article.title, article.text, article.revision) == ("The ferry", incoming().text, 2)


def test_a_full_text_replaces_an_excerpt_and_so_does_a_newer_excerpt(database: Database) -> None:
    for text, cut in (("One …", True), ("Two …", True), ("The whole of it.", False)):
        assert save(database, incoming(text=text, is_excerpt=cut)).outcome != "unchanged"
        (article,) = week(database)
        assert (article.text, article.is_excerpt) == (text, cut)


def test_an_excerpt_that_proves_to_be_the_whole_is_no_edit(database: Database) -> None:
    save(database, incoming(is_excerpt=True))
    assert save(database, incoming()).outcome == "unchanged"
    assert not week(database)[0].is_excerpt


def test_without_an_id_the_url_knows_the_article_in_every_spelling(database: Database) -> None:
    plain = incoming(source_id=None, url="https://gazette.example/ferry")
    first = save(database, plain)
    tracked = incoming(source_id=None, url="http://www.gazette.example/ferry?utm_source=mail#top")
    assert save(database, tracked).id == first.id
    assert len(week(database)) == 1


def test_an_id_that_comes_later_finds_the_article_by_its_url(database: Database) -> None:
    first = save(database, incoming(source_id=None, url="https://gazette.example/ferry"))
    named = incoming(source_id="77", url="https://gazette.example/ferry")
    assert save(database, named).id == first.id
    assert save(database, incoming(source_id="77", url=None)).id == first.id


def test_a_new_url_is_no_edit_and_is_kept(database: Database) -> None:
    first = save(database, incoming(source_id="7", url="https://gazette.example/old"))
    moved = save(database, incoming(source_id="7", url="https://gazette.example/new"))
    assert moved == Saved(first.id, "unchanged")
    assert week(database)[0].url == "https://gazette.example/new"


def test_two_articles_that_claim_one_url_stay_two(database: Database) -> None:
    first = save(database, incoming(source_id="1", url="https://gazette.example/a"))
    second = save(database, incoming(source_id="2", url="https://gazette.example/b"))
    claimed = save(database, incoming(source_id="2", url="https://gazette.example/a"))
    assert claimed.id == second.id != first.id


def test_two_sources_may_use_the_same_id(database: Database) -> None:
    one = save(database, incoming(source="site", source_id="1"))
    other = save(database, incoming(source="desk", source_id="1"))
    assert one.id != other.id


def test_a_signal_is_appended_only_when_its_figure_changed(database: Database) -> None:
    article = incoming(engagement=(likes(3),))
    save(database, article)
    save(database, article, now=NOW + HOUR)
    grown = save(database, incoming(engagement=(likes(5),)), now=NOW + 2 * HOUR)
    assert grown.outcome == "unchanged"
    save(database, incoming(engagement=(likes(5, n=9),)), now=NOW + 3 * HOUR)
    with database.read() as session:
        assert session.scalar(select(func.count()).select_from(EngagementRow)) == 3
    assert week(database)[0].signal("likes") == likes(5, n=9, at=NOW + 3 * HOUR)


def test_an_older_figure_that_comes_late_is_no_news(database: Database) -> None:
    save(database, incoming(engagement=(likes(9, at=NOW),)))
    save(database, incoming(engagement=(likes(4, at=NOW - HOUR),)))
    assert week(database)[0].signal("likes") == likes(9, at=NOW)


def test_of_two_figures_at_one_moment_the_later_one_counts(database: Database) -> None:
    save(database, incoming(engagement=(likes(9, at=NOW),)))
    save(database, incoming(engagement=(likes(4, at=NOW),)))
    assert week(database)[0].signal("likes") == likes(4, at=NOW)


def test_the_window_has_its_start_and_not_its_end(database: Database) -> None:
    for name, at in (
        ("before", WEEK.start - dt.timedelta(microseconds=1)),
        ("start", WEEK.start),
        ("last", WEEK.end - dt.timedelta(microseconds=1)),
        ("end", WEEK.end),
    ):
        save(database, incoming(name, published_at=at))
    assert [a.title for a in week(database)] == ["start", "last"]


def late(
    database: Database, window: Window, *, told: tuple[ArticleId, ...] = (), back: int = 7
) -> list[str]:
    with database.read() as session:
        found = articles.in_window(
            session,
            ("site", "desk"),
            window,
            late_since=window.start - dt.timedelta(days=back),
            told=told,
        )
    return [article.title for article in found]


NEXT_WEEK = Window(WEEK.end, WEEK.end + dt.timedelta(days=7))


def test_an_article_first_seen_after_its_week_is_the_next_ones(database: Database) -> None:
    save(database, incoming("told", published_at=NOW - 2 * HOUR), now=NOW - HOUR)
    save(database, incoming("late", published_at=NOW - HOUR / 6), now=NOW + HOUR / 12)
    save(database, incoming("own", published_at=NOW + HOUR), now=NOW + 2 * HOUR)
    assert late(database, NEXT_WEEK) == ["late", "own"]
    assert [a.title for a in week(database, window=NEXT_WEEK)] == ["own"]


def test_the_window_after_the_next_tells_a_late_article_no_more(database: Database) -> None:
    save(database, incoming("late", published_at=NOW - HOUR), now=NOW)
    after = Window(NEXT_WEEK.end, NEXT_WEEK.end + dt.timedelta(days=7))
    assert late(database, NEXT_WEEK) == ["late"]
    assert late(database, after, back=14) == []


def test_what_is_older_than_the_week_before_is_not_late_but_old(database: Database) -> None:
    save(database, incoming("old", published_at=WEEK.start - HOUR / 60), now=NOW)
    save(database, incoming("late", published_at=WEEK.start), now=NOW)
    assert late(database, NEXT_WEEK) == ["late"]


def test_what_the_issue_before_tells_is_not_told_again_as_late(database: Database) -> None:
    known = save(database, incoming("polled for the draft", published_at=NOW - HOUR), now=NOW)
    page = incoming("polled for the draft", source="desk", published_at=NOW - HOUR)
    save(database, page, now=NOW)
    assert late(database, NEXT_WEEK, told=(known.id,)) == []
    assert late(database, NEXT_WEEK) == ["polled for the draft"]


def test_a_page_known_from_another_source_is_not_late(database: Database) -> None:
    url = "https://gazette.example/ferry"
    save(database, incoming("first", url=url), now=WEDNESDAY)
    save(database, incoming("again", source="desk", url=url), now=NOW + HOUR)
    assert late(database, NEXT_WEEK) == []


def test_whether_a_window_has_an_article_is_asked_without_loading_it(database: Database) -> None:
    def has(*sources: str, window: Window = WEEK) -> bool:
        with database.read() as session:
            return articles.exists_in_window(session, sources, window)

    assert not has("site")
    save(database, incoming())
    assert has("desk", "site")
    assert not has("desk")
    assert not has("site", window=NEXT_WEEK)
    assert not has()


def test_what_readers_made_of_a_week_comes_without_its_texts(database: Database) -> None:
    given = incoming(
        "“Ferry” 🛳️",
        url="https://gazette.example/ferry",
        section="Sea & Trade",
        authors=("Ann Ferris", "عبّارة"),
        engagement=(likes(3), Engagement("views", 40.0)),
    )
    save(database, given, now=NOW - HOUR)
    save(database, incoming("Bare", url=None, source_id="2", published_at=None), now=NOW - HOUR)
    save(database, incoming("Another week", source_id="3"), now=NOW + HOUR)
    with database.read() as session:
        found = articles.measured(session, ("site",), WEEK)
    kept = ("id", "source", "url", "title", "section", "authors", "published_at", "engagement")
    for mine, whole in zip(found, week(database), strict=True):
        assert [getattr(mine, name) for name in (*kept, "when")] == [
            getattr(whole, name) for name in (*kept, "when")
        ]
        assert mine.text == ""


def test_an_article_without_a_date_counts_when_it_was_first_seen(database: Database) -> None:
    undated = incoming(published_at=None)
    save(database, undated, now=NOW - HOUR)
    save(database, undated, now=NOW + HOUR)
    (article,) = week(database)
    assert article.published_at is None
    assert article.when == NOW - HOUR


def test_a_redated_article_stays_in_the_week_of_its_first_date(database: Database) -> None:
    save(database, incoming(), now=WEDNESDAY)
    edited = incoming(text="A correction.", published_at=NOW + 2 * HOUR)
    assert save(database, edited, now=NOW + 3 * HOUR).outcome == "revised"
    assert (week(database, window=NEXT_WEEK), late(database, NEXT_WEEK)) == ([], [])
    (article,) = week(database)
    assert article.published_at == article.when == NOW + 2 * HOUR
    assert article.published_at.tzinfo is dt.UTC


def test_a_date_that_comes_later_is_shown_and_moves_nothing(database: Database) -> None:
    save(database, incoming(published_at=None), now=NOW - HOUR)
    save(database, incoming(published_at=WEEK.start - HOUR), now=NOW + HOUR)
    (article,) = week(database)
    assert article.when == WEEK.start - HOUR


def test_a_week_is_in_order_of_time_and_then_of_arrival(database: Database) -> None:
    save(database, incoming("c", published_at=WEDNESDAY + HOUR))
    save(database, incoming("b"))
    save(database, incoming("a"))
    assert [a.title for a in week(database)] == ["b", "a", "c"]


def test_a_week_holds_only_its_own_sources(database: Database) -> None:
    save(database, incoming("ours"))
    save(database, incoming("theirs", source="other"))
    assert [a.title for a in week(database)] == ["ours"]
    with database.read() as session:
        assert articles.count(session, ("site", "other")) == 2
        assert articles.count(session, ("nobody",)) == 0


def test_a_page_that_two_sources_gave_is_told_once_by_the_first_named(database: Database) -> None:
    url = "https://gazette.example/ferry"
    save(database, incoming("by the feed", url=url))
    save(database, incoming("by the desk", source="desk", url=url + "?utm_source=x"))
    assert [a.title for a in week(database, "desk", "site")] == ["by the desk"]
    assert [a.title for a in week(database, "site", "desk")] == ["by the feed"]


def test_a_week_costs_the_same_number_of_queries_however_many_articles(sqlite: Database) -> None:
    for n in range(30):
        save(sqlite, incoming(f"story {n}", engagement=(likes(n), Engagement("views", n))))
    asked: list[str] = []
    event.listen(sqlite.engine, "before_cursor_execute", lambda *args: asked.append(args[2]))
    assert len(week(sqlite)) == 30
    assert len([statement for statement in asked if "SELECT" in statement]) == 2


def test_many_processes_saving_one_article_make_one(database: Database) -> None:
    others = [Database(database.url) for _ in range(4)]
    article = incoming(engagement=(likes(3),))

    def offer(one: Database) -> list[str]:
        return [save(one, article).outcome for _ in range(3)]

    with ThreadPoolExecutor(len(others)) as pool:
        outcomes = Counter(outcome for found in pool.map(offer, others) for outcome in found)
    for one in others:
        one.close()
    assert outcomes == {"new": 1, "unchanged": 11}
    assert week(database)[0].signal("likes") == likes(3, at=NOW)
    with database.read() as session:
        assert session.scalar(select(func.count()).select_from(EngagementRow)) == 1


def test_many_processes_editing_one_article_number_every_revision_once(database: Database) -> None:
    first = save(database, incoming())
    others = [Database(database.url) for _ in range(4)]

    def edit(at: int) -> str:
        return save(others[at], incoming(text=f"Words of the process {at}.")).outcome

    with ThreadPoolExecutor(len(others)) as pool:
        outcomes = list(pool.map(edit, range(len(others))))
    for one in others:
        one.close()
    assert outcomes == ["revised"] * 4
    with database.read() as session:
        assert [r.revision for r in articles.revisions(session, first.id)] == [1, 2, 3, 4, 5]


def test_letters_that_no_database_holds_are_taken_out(database: Database) -> None:
    save(database, incoming("Fer\0ry \ud83d", source_id="1", tags=("a\0b",)))
    (article,) = week(database)
    assert (article.title, article.tags) == ("Ferry ?", ("ab",))


def test_a_very_long_url_is_known_again(database: Database) -> None:
    long = incoming(source_id=None, url="https://gazette.example/?q=" + "x" * 6000)
    other = incoming(source_id=None, url="https://gazette.example/?q=" + "x" * 6000 + "y")
    assert save(database, long).id == save(database, long).id
    assert save(database, other).outcome == "new"


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"title": " "}, "needs a title"),
        ({"source_id": None, "url": None}, "to be known by"),
        ({"source": "x" * 81}, "1 to 80 letters"),
        ({"published_at": WEDNESDAY.replace(tzinfo=None)}, "without a zone"),
        ({"published_at": dt.datetime(1, 1, 1, tzinfo=dt.timezone(HOUR))}, "no calendar"),
        ({"engagement": (likes(math.nan),)}, "no number"),
        ({"engagement": (likes(1, n=2**31),)}, "impossible number"),
        ({"engagement": (Engagement("k" * 41, 1),)}, "1 to 40 letters"),
    ],
)
def test_what_cannot_be_stored_is_refused_at_the_door(
    sqlite: Database, changes: dict[str, Any], reason: str
) -> None:
    with pytest.raises(BadInput, match=reason):
        save(sqlite, incoming(**changes))


def test_an_article_that_is_not_there_is_not_found(sqlite: Database) -> None:
    with sqlite.read() as session, pytest.raises(NotFound):
        articles.get(session, ArticleId(99))


def test_the_zone_that_a_time_was_told_in_is_kept_and_is_no_edit(sqlite: Database) -> None:
    there = dt.timezone(dt.timedelta(hours=-5))
    first = save(sqlite, incoming("Ferry"))
    assert save(sqlite, incoming("Ferry", published_at=WEDNESDAY.astimezone(there))) == Saved(
        first.id, "unchanged"
    )
    with sqlite.read() as session:
        article = articles.get(session, first.id)
    assert (article.published_at, article.zone_s) == (WEDNESDAY, -5 * 3600)
    assert article.published_at is not None
    assert article.published_at.utcoffset() == dt.timedelta()
