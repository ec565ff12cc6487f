from __future__ import annotations

import datetime as dt

import pytest

from digest.model import DateSource
from digest.sources import page_dates
from tests.sources.reading import headline, linked, page

DAY = dt.date(2026, 11, 4)
TITLE = "<title>Goats on the mole</title>"


def told(
    head: str = "", body: str = "", *, language: str | None = "de", url: str | None = None
) -> tuple[dt.datetime | None, DateSource]:
    found = page(head, body)
    return page_dates.date_of(found, language=language, url=url, headline=headline(found).node)


def day(*given: str, language: str | None = "de", url: str | None = None) -> dt.date | None:
    found, _ = told(*given, language=language, url=url)
    return found.date() if found else None


@pytest.mark.parametrize(
    "other",
    [
        '<time datetime="2026-11-04T23:30:15-05:00">x</time>',
        '<meta name="cXenseParse:recs:publishtime" content="2026-11-04T23:30:15">',
    ],
)
def test_a_moment_in_utc_is_told_in_the_zone_that_the_page_shows_it_in(other: str) -> None:
    found, where = told(linked(datePublished="2026-11-05T04:30:15Z"), other)
    assert found is not None
    assert found.isoformat() == "2026-11-04T23:30:15-05:00"
    assert where is DateSource.SOURCE


def test_another_moment_gives_no_zone() -> None:
    other = '<time datetime="2026-11-04T23:31:16-05:00">x</time>'
    found, _ = told(linked(datePublished="2026-11-05T04:30:15Z"), other)
    assert found is not None
    assert found.isoformat() == "2026-11-05T04:30:15+00:00"


@pytest.mark.parametrize(
    "head",
    [
        '<meta name="sw-pubdate" content="2026-11-04">',
        linked(uploadDate="2026-11-04T10:00:00+01:00"),
        '<script type="application/ld+json">{"@type":"WebPage","datePublished":"2026-11-04"}</script>',
        '<script type="application/ld+json">{"headline":"a "quote" inside","datePublished":"2026-11-04T08:00"}</script>',
        "<title>Goats on the mole | Gazette | 04.11.2026</title>",
    ],
)
def test_the_head_says_the_day_in_many_ways(head: str) -> None:
    assert day(head) == DAY


@pytest.mark.parametrize(
    "beside",
    [
        "<div>Erstellt von <a>Ann</a> am Mittwoch 4. November 2026</div>",
        "<p>04.11.2026</p>",
        "<p><strong>04.11.2026 „Die Ziegen sind fort“, sagte der Hafenmeister</strong> "
        + "und mehr " * 30
        + "</p>",
        "<p>Written: 2026-11-04 15:03:30 / Updated: 2026-11-07 15:30:46</p>",
    ],
)
def test_a_line_beside_the_headline_dates_the_page(beside: str) -> None:
    found, where = told(TITLE, f"<h1>Goats on the mole</h1>{beside}")
    assert found is not None
    assert (found.date(), where) == (DAY, DateSource.DATE_LINE)


@pytest.mark.parametrize(
    "line",
    [
        "The ferry that the harbour master bought on the island, 24 November 2026",
        "On Wednesday, 4 November 2026, the goats left the mole, as " + "goats often do " * 6,
    ],
)
def test_captions_and_prose_that_name_a_day_date_nothing(line: str) -> None:
    assert day(TITLE, f"<h1>Goats on the mole</h1><p>{line}</p>") is None


def test_numbers_are_read_as_the_pages_language_does_and_else_not_at_all() -> None:
    body = '<p class="date">11/4/2026</p>'
    assert day(TITLE, body, language="en-US") == DAY
    assert day(TITLE, body, language="fr") == dt.date(2026, 4, 11)
    assert day(TITLE, body, language=None) is None


def test_of_several_days_in_elements_named_for_one_none_is_believed() -> None:
    one = '<span class="date">4. November 2026</span>'
    assert day("", one) == DAY
    assert day("", one + one.replace("4.", "9.")) is None


def test_readers_comments_and_other_articles_date_nothing() -> None:
    other = '<time datetime="2026-11-04">x</time>'
    assert day("", f'<div class="comment-list">{other}</div><aside>{other}</aside>') is None


@pytest.mark.parametrize(
    "path",
    [
        *("/2026/11/04/goats", "/2026/nov/04/goats", "/news/04-11-2026-goats"),
        *("/n1/2026/1104/c1001-77.html", "/202611/t20261104_77.html", "/news/20261104-goats"),
    ],
)
def test_the_address_is_asked_after_the_page(path: str) -> None:
    found, where = told(url=f"https://gazette.example{path}")
    assert found is not None
    assert (found.date(), where) == (DAY, DateSource.ADDRESS)


def test_a_last_change_is_believed_when_there_is_nothing_else_and_said_to_be_one() -> None:
    change = '<p class="updated">Stand 04.11.2026</p>'
    assert told("", change)[1] is DateSource.UPDATED
    assert told(linked(datePublished="2026-11-01"), change)[1] is DateSource.SOURCE
    assert told() == (None, DateSource.NONE)


@pytest.mark.parametrize(
    "path", ["/a/20261304/", "/topic/20261131-x", "/id/2026110477/", "/20269999"]
)
def test_numbers_in_an_address_that_are_no_day_are_none(path: str) -> None:
    assert told(url=f"https://gazette.example{path}") == (None, DateSource.NONE)


@pytest.mark.parametrize(
    ("line", "zone"),
    [
        ("Nov. 4, 2026, 7:05 a.m. ET", -5),
        ("November 4, 2026 1:05 pm", 1),
        ("Nov 4, 2026 7:05 pm ET", 0),
    ],
)
def test_the_zone_is_that_of_a_line_which_tells_the_same_moment_to_the_minute(
    line: str, zone: int
) -> None:
    found, _ = told(linked(datePublished="2026-11-04T12:05:31Z"), f"<h1>{TITLE}</h1><p>{line}</p>")
    assert found is not None
    assert found.utcoffset() == dt.timedelta(hours=zone)
