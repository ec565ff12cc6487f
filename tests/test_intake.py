from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace

import pytest
from sqlalchemy import text

from digest import intake
from digest.errors import BadInput, FetchError
from digest.model import Engagement, IncomingArticle, Window
from digest.protocols import Collected, PollState, Source
from digest.sources.figures_file import FigureRow
from digest.store import articles as article_store
from digest.store import polls
from digest.store.engine import Database
from tests.articles import WEDNESDAY, incoming

NOW = WEDNESDAY
HOUR = dt.timedelta(hours=1)


@dataclass
class FakeSource:
    """A source that gives what the test says and remembers what it was asked."""

    key: str
    give: Callable[[], Collected] = lambda: Collected(())
    asked: list[PollState] = field(default_factory=list)

    def poll(self, state: PollState, now: dt.datetime) -> Collected:
        self.asked.append(state)
        return self.give()


def fails(error: Exception) -> Callable[[], Collected]:
    def give() -> Collected:
        raise error

    return give


def poll(
    database: Database, *sources: Source, now: dt.datetime = NOW, force: bool = False
) -> tuple[intake.Polled, ...]:
    return intake.poll(database, sources, {one.key: 3600 for one in sources}, now=now, force=force)


def health(database: Database, source: str) -> polls.SourceHealth:
    with database.read() as session:
        (found,) = polls.health(session, [source])
    return found


def count(database: Database, *sources: str) -> int:
    with database.read() as session:
        return article_store.count(session, sources)


def test_articles_are_new_then_unchanged_then_revised(database: Database) -> None:
    first = [incoming("A"), incoming("B")]
    assert intake.store_all(database, first, now=NOW) == intake.Stored(new=2)
    assert intake.store_all(database, first, now=NOW) == intake.Stored(unchanged=2)
    edited = [incoming("A", text="Another text altogether.")]
    assert intake.store_all(database, edited, now=NOW) == intake.Stored(revised=1)
    assert count(database, "site") == 2


def test_an_article_that_cannot_be_used_stops_no_other(sqlite: Database) -> None:
    given = [incoming("A"), incoming(" ", text=" ", source_id="b"), incoming("C")]
    stored = intake.store_all(sqlite, given, now=NOW)
    assert stored.new == count(sqlite, "site") == 2
    assert "needs a title" in stored.errors[0].reason


def test_more_articles_than_one_transaction_holds_all_come_in(sqlite: Database) -> None:
    given = [incoming(f"Number {number}") for number in range(130)]
    assert intake.store_all(sqlite, given, now=NOW).new == 130


def test_a_poll_stores_what_the_source_gives_and_remembers_its_state(database: Database) -> None:
    state = PollState(etag='"1"', body_hash="x")
    source = FakeSource(
        "site", lambda: Collected((incoming("A"),), (BadInput("b.html", "empty"),), state)
    )
    (polled,) = poll(database, source)
    assert (polled.source, polled.stored.new, polled.error) == ("site", 1, "")
    assert polled.summary == "1 new, 0 revised, 0 unchanged, 1 left"
    found = health(database, "site")
    assert (found.succeeded_at, found.next_poll_at, found.failures) == (NOW, NOW + HOUR, 0)
    poll(database, source, now=NOW + HOUR)
    assert source.asked == [PollState(), state]


def test_a_source_is_not_asked_before_its_time_unless_by_hand(sqlite: Database) -> None:
    source = FakeSource("site", lambda: Collected((), state=PollState(etag="e")))
    poll(sqlite, source)
    assert poll(sqlite, source, now=NOW + HOUR / 2) == ()
    assert len(poll(sqlite, source, now=NOW + HOUR / 2, force=True)) == 1
    assert source.asked == [PollState(), PollState()]


def test_one_bad_source_never_stops_the_others(database: Database) -> None:
    sources = (
        FakeSource("down", fails(FetchError("https://down.example/", "answered 500"))),
        FakeSource("broken", fails(RuntimeError("a mistake of ours"))),
        FakeSource("good", lambda: Collected((incoming("A", source="good"),))),
    )
    down, broken, good = poll(database, *sources)
    assert down.error == down.summary == "https://down.example/: answered 500"
    assert "RuntimeError" in broken.error
    assert (good.error, good.stored.new) == ("", 1)
    assert health(database, "down").error == "https://down.example/: answered 500"
    assert count(database, "good") == 1


EDGES = (
    dt.datetime(1, 1, 1, tzinfo=dt.timezone(HOUR)),
    dt.datetime(9999, 12, 31, 23, tzinfo=dt.timezone(-2 * HOUR)),
)


@pytest.mark.parametrize("edge", EDGES)
def test_a_date_at_the_edge_of_time_stops_neither_batch_nor_poll(
    database: Database, edge: dt.datetime
) -> None:
    odd = FakeSource(
        "odd",
        lambda: Collected(
            (
                incoming("A", source="odd"),
                incoming("B", source="odd", published_at=edge),
                incoming("C", source="odd"),
            )
        ),
    )
    good = FakeSource("good", lambda: Collected((incoming("D", source="good"),)))
    first, second = poll(database, odd, good)
    assert (first.stored.new, second.stored.new) == (2, 1)
    assert "no calendar holds" in first.stored.errors[0].reason
    assert health(database, "odd").failures == 0


def test_a_source_whose_articles_cannot_be_stored_stops_no_other(database: Database) -> None:
    def breaks() -> Iterator[IncomingArticle]:
        yield incoming("A", source="broken")
        raise RuntimeError("a mistake of ours")

    broken = FakeSource("broken", lambda: Collected(breaks()))  # type: ignore[arg-type]
    good = FakeSource("good", lambda: Collected((incoming("D", source="good"),)))
    first, second = poll(database, broken, good)
    assert first.error == "broken: could not be stored: RuntimeError"
    assert (second.error, second.stored.new) == ("", 1)
    assert health(database, "broken").failures == 1


def test_a_database_that_is_gone_is_told_for_each_source(sqlite: Database) -> None:
    class Gone(FakeSource):
        def poll(self, state: PollState, now: dt.datetime) -> Collected:
            with sqlite.write() as session:
                session.execute(text("DROP TABLE IF EXISTS source_state"))
            return Collected(())

    (polled,) = poll(sqlite, Gone("site"))
    assert "could not be noted" in polled.error


def test_a_note_without_a_title_is_called_by_its_first_words(sqlite: Database) -> None:
    note = incoming("", text="The ferry, which was late, " * 9, source_id="n", url=None)
    (number,) = intake.store_all(sqlite, [note], now=NOW).ids
    with sqlite.read() as session:
        title = article_store.get(session, number).title
    assert title == "The ferry, which was late, The ferry, which was late, The ferry, which was…"


def gone(database: Database, *titles: str) -> set[str]:
    """Those of the stored articles that are marked as off their site."""
    with database.read() as session:
        found = article_store.in_window(session, ["site"], Window(NOW - 99 * HOUR, NOW + 99 * HOUR))
    return {article.title for article in found if article.gone_at}


@dataclass
class Verified(FakeSource):
    """A source that can say which pages are there."""

    missing: tuple[str, ...] = ()

    def is_missing(self, url: str) -> bool:
        return url in self.missing


def test_what_a_whole_source_shows_no_more_is_gone_until_it_is_back(database: Database) -> None:
    all_of_them = [incoming(title) for title in "ABCD"]
    shown = [*all_of_them]
    source = FakeSource("site", lambda: Collected(tuple(shown), whole_since=NOW - HOUR))
    poll(database, source)
    shown.pop()
    (polled,) = poll(database, source, force=True)
    assert (polled.stored.gone, gone(database)) == (1, {"D"})
    shown.append(all_of_them[-1])
    poll(database, source, force=True)
    assert gone(database) == set()


def test_a_missing_article_whose_page_is_there_is_not_gone(sqlite: Database) -> None:
    shown = [incoming(title) for title in "ABCDEF"]
    source = Verified("site", lambda: Collected(tuple(shown), whole_since=NOW - HOUR))
    poll(sqlite, source)
    del shown[4:]
    source.missing = ("https://gazette.example/f",)
    poll(sqlite, source, force=True)
    assert gone(sqlite) == {"F"}


def test_where_most_is_missing_nothing_is_believed(sqlite: Database) -> None:
    shown = [incoming(title) for title in "ABCD"]
    source = FakeSource("site", lambda: Collected(tuple(shown), whole_since=NOW - HOUR))
    poll(sqlite, source)
    del shown[1:]
    poll(sqlite, source, force=True)
    assert gone(sqlite) == set()


def test_a_source_that_is_gone_is_asked_once_a_week() -> None:
    error = FetchError("u", "answered 410", permanent=True, gone=True)
    assert intake.back_off(HOUR, 1, error) == dt.timedelta(days=7)


def test_failures_double_the_wait_up_to_a_day_and_a_success_ends_it(sqlite: Database) -> None:
    source = FakeSource("site", fails(FetchError("u", "no answer")))
    now, waits = NOW, []
    for _ in range(7):
        poll(sqlite, source, now=now)
        found = health(sqlite, "site")
        assert found.next_poll_at is not None
        waits.append((found.next_poll_at - now) / HOUR)
        now = found.next_poll_at
    assert waits == [2, 4, 8, 16, 24, 24, 24]
    source.give = lambda: Collected(())
    poll(sqlite, source, now=now)
    found = health(sqlite, "site")
    assert (found.failures, found.next_poll_at, found.error) == (0, now + HOUR, "")


def test_a_failure_keeps_what_the_source_said_before(sqlite: Database) -> None:
    source = FakeSource("site", lambda: Collected((), state=PollState(etag="e")))
    poll(sqlite, source)
    source.give = fails(FetchError("u", "no answer"))
    poll(sqlite, source, now=NOW + HOUR)
    with sqlite.read() as session:
        assert polls.state(session, "site").etag == "e"


@pytest.mark.parametrize(
    ("error", "failures", "hours"),
    [
        (FetchError("u", "r"), 1, 2),
        (FetchError("u", "r"), 500, 24),
        (FetchError("u", "r", wait_s=30 * 3600), 1, 30),
        (FetchError("u", "r", wait_s=60), 1, 2),
        (FetchError("u", "gone", permanent=True), 1, 24),
    ],
)
def test_the_wait_after_a_failure(error: FetchError, failures: int, hours: int) -> None:
    assert intake.back_off(HOUR, failures, error) == hours * HOUR


def test_a_source_polled_once_a_week_is_not_asked_sooner_for_failing() -> None:
    week = dt.timedelta(days=7)
    assert intake.back_off(week, 3, FetchError("u", "r")) == week


def test_sources_are_asked_at_the_same_time_and_told_in_order(sqlite: Database) -> None:
    both = threading.Barrier(2, timeout=90)

    def meet() -> Collected:
        both.wait()
        return Collected(())

    seen: list[tuple[int, int]] = []
    polled = intake.poll(
        sqlite,
        (FakeSource("a", meet), FakeSource("b", meet)),
        {},
        now=NOW,
        progress=lambda stage, done, total: seen.append((done, total)),
    )
    assert [(one.source, one.error) for one in polled] == [("a", ""), ("b", "")]
    assert seen == [(0, 2), (1, 2), (2, 2)]


def test_the_figures_of_a_table_reach_their_articles_and_unknown_pages_are_told(
    database: Database,
) -> None:
    article = IncomingArticle(
        source="site", source_id="7", title="Goats", text="x", url="https://gazette.example/a"
    )
    intake.store_all(database, [article], now=NOW)
    views = (Engagement("views", 12),)
    rows = [
        FigureRow(2, "https://www.gazette.example/a?utm_source=x", None, views),
        FigureRow(3, None, "7", (Engagement("likes", 4),)),
        FigureRow(4, "https://gazette.example/other", None, views),
    ]
    seen: list[tuple[str, int, int]] = []
    noted, unknown = intake.note_figures(
        database, rows, source="site", now=NOW, progress=lambda *told: seen.append(told)
    )
    assert (seen[0], seen[-1]) == (("figures", 0, len(rows)), ("figures", len(rows), len(rows)))
    assert (noted, [row.line for row in unknown]) == (2, [4])
    with database.read() as session:
        (found,) = article_store.in_window(session, ["site"], Window(NOW - HOUR, NOW + HOUR))
    assert {one.kind: (one.value, one.taken_at) for one in found.engagement} == {
        "views": (12, NOW),
        "likes": (4, NOW),
    }


def test_what_somebody_else_reads_is_left_to_them_unless_it_is_forced(database: Database) -> None:
    mine, theirs = FakeSource("mine"), FakeSource("theirs")
    assert intake.begin(database, ["theirs"], now=NOW) == {"theirs"}
    assert [one.source for one in poll(database, mine, theirs)] == ["mine"]
    assert theirs.asked == []
    poll(database, theirs, force=True)
    assert len(theirs.asked) == 1
    assert not health(database, "theirs").is_being_read(NOW)


def test_while_a_source_is_read_nobody_else_begins_to(database: Database) -> None:
    def look() -> Collected:
        begun.append(intake.begin(database, ["site"], now=NOW))
        return Collected(())

    begun: list[set[str]] = []
    poll(database, FakeSource("site", look))
    assert begun == [set()]
    assert intake.begin(database, ["site"], now=NOW) == {"site"}


def test_a_source_whose_reader_died_is_read_again_later(database: Database) -> None:
    intake.begin(database, ["site"], now=NOW)
    assert poll(database, FakeSource("site")) == ()
    assert len(poll(database, FakeSource("site"), now=NOW + intake.READING)) == 1


def test_what_a_source_prints_under_each_article_is_learned_over_its_polls(
    database: Database,
) -> None:
    plea = "Diese Zeitung lebt von ihren Leserinnen und Lesern."

    def told(number: int) -> IncomingArticle:
        own = f"Die Fähre Nummer {number} fuhr um {number} Uhr mit allen Ziegen ab."
        return incoming(f"Story {number}", text=f"{own}\n\nWas bleibt?\n\n{plea}")

    texts = []
    for number in range(1, 8):
        heading = (
            told(number)
            if number < 4
            else replace(
                told(number), text=told(number).text.replace("Was bleibt?", f"Was {number}?")
            )
        )
        source = FakeSource("site", lambda given=heading: Collected((given,)))
        poll(database, source, now=NOW + number * HOUR, force=True)
        with database.read() as session:
            texts.append(article_store.by_url(session, heading.url or "").text)
    assert [plea in text for text in texts] == [True] * 3 + [False] * 4
    assert [f"Was {number}?" in text for number, text in enumerate(texts[3:], 4)] == [True] * 4
