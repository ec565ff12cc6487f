"""The desk's first page and the readers' numbers."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from digest import measures
from digest.bootstrap import House
from digest.protocols import PollState
from digest.store import issues, polls
from digest.store.engine import Database
from tests.delivery.sundays import put_readers
from tests.houses import MONDAY, SCHEDULE, make_house
from tests.web.people import PERIOD, later, put_draft, seated, send

SOURCES = """
[[sources]]
key = "site"
kind = "feed"
url = "https://gazette.example/feed/"

[[sources]]
key = "blog"
kind = "feed"
url = "https://blog.example/feed/"

[[sources]]
key = "new"
kind = "feed"
url = "https://new.example/feed/"
"""


def test_without_an_issue_the_coming_weeks_moments_are_told(house: House) -> None:
    page = seated(house).get("/desk").text
    assert "No issue is open" in page
    assert "The coming week" in page
    assert "Sunday 29 November, 08:00" in page
    assert "in 6 days 2 hours" in page


def test_a_draft_stands_on_top_with_what_happens_next(house: House) -> None:
    put_draft(house)
    page = seated(house).get("/desk").text
    assert f'href="/desk/sunday/{PERIOD}"' in page
    assert "The quay is approved" in page
    assert "Waits for approval until Sunday 29 November, 07:30" in page


def test_an_approved_issue_expects_no_reminder_and_no_deadline_any_more(
    sqlite_house: House,
) -> None:
    issue = put_draft(sqlite_house)
    erin = seated(sqlite_house)
    paths = ("/desk", f"/desk/sunday/{PERIOD}")
    assert all("Reminder" in erin.get(path).text for path in paths)
    assert issue.edition is not None
    with sqlite_house.database.write() as session:
        now, checksum = sqlite_house.clock(), issue.edition.checksum
        issues.approve(session, issue.id, checksum, by="Erin", now=now)
    for path in paths:
        page = erin.get(path).text
        assert "<dt>Send</dt>" in page
        assert "<dt>Reminder</dt>" not in page
        assert "<dt>Deadline</dt>" not in page


def test_a_list_without_a_reader_is_told_before_sunday(sqlite_house: House) -> None:
    house = sqlite_house
    put_draft(house)
    measures.refresh(house.database, ["sunday"], now=house.clock())
    erin = seated(house)
    for path in ("/desk", f"/desk/sunday/{PERIOD}"):
        page = erin.get(path).text
        assert "Nobody reads it yet" in page
        assert 'href="/desk/house/imports"' in page
    put_readers(house, ["alice@example.net"])
    for path in ("/desk", f"/desk/sunday/{PERIOD}"):
        assert "1 confirmed reader." in erin.get(path).text


def test_who_may_import_nobody_is_not_led_there(sqlite_house: House) -> None:
    put_draft(sqlite_house)
    measures.refresh(sqlite_house.database, ["sunday"], now=sqlite_house.clock())
    page = seated(sqlite_house, role="editor").get("/desk").text
    assert "have an admin bring your readers" in page
    assert "/desk/house/imports" not in page


def test_after_the_send_the_next_week_is_told(house: House) -> None:
    put_draft(house)
    send(house)
    later(house, days=2)
    page = seated(house).get("/desk").text
    assert "Sunday 6 December, 08:00" in page
    assert "29 November 2026" in page


def test_moments_are_in_the_newsletters_own_time(database: Database, tmp_path: Path) -> None:
    berlin = SCHEDULE.replace("Europe/London", "Europe/Berlin")
    house = make_house(database, tmp_path, schedule=berlin)
    page = seated(house).get("/desk").text
    assert "Europe/Berlin" in page
    assert "in 6 days 1 hour" in page


def test_each_source_tells_its_health(database: Database, tmp_path: Path) -> None:
    house = make_house(database, tmp_path, schedule=SCHEDULE + SOURCES)
    soon = MONDAY + dt.timedelta(hours=1)
    with database.write() as session:
        polls.record_success(session, "site", PollState(), now=MONDAY, next_poll_at=soon)
        polls.record_failure(session, "blog", "503 <Unavailable>", now=MONDAY, next_poll_at=soon)
    later(house, minutes=20)
    page = seated(house).get("/desk").text
    for words in ("Fine", "20 minutes ago", "Failing", "503 &lt;Unavailable&gt;"):
        assert words in page
    assert "Not read yet" in page
    assert "Waits for the API" in page
    assert "in 40 minutes" in page


def test_a_source_that_moved_says_where_to(database: Database, tmp_path: Path) -> None:
    house = make_house(database, tmp_path, schedule=SCHEDULE + SOURCES)
    moved = PollState(moved="2 https://gazette.example/feed/ https://gazette.example/new/")
    once = PollState(moved="1 https://blog.example/feed/ https://blog.example/once/")
    with database.write() as session:
        polls.record_success(session, "site", moved, now=MONDAY, next_poll_at=MONDAY)
        polls.record_success(session, "blog", once, now=MONDAY, next_poll_at=MONDAY)
    page = seated(house).get("/desk").text
    assert "It has moved to https://gazette.example/new/" in page
    assert "https://blog.example/once/" not in page


def test_readers_are_counted_and_never_named(house: House) -> None:
    from tests.web.test_public import add

    add(house, "alice@example.net", confirmed=True)
    add(house, "bob@example.net", confirmed=False)
    page = seated(house, "viewer").get("/desk/readers").text
    assert "<dt>Confirmed</dt><dd>1</dd>" in page
    assert "<dt>Not yet confirmed</dt><dd>1</dd>" in page
    assert "alice" not in page


SEGMENTS = """
[segments.germans]
language = "de"

[segments.everybody]
not = { tag = "<nobody>" }

[audience]
segment = "germans"
"""


def test_segments_are_counted_and_told_in_words(database: Database, tmp_path: Path) -> None:
    from tests.web.test_public import add

    house = make_house(database, tmp_path, schedule=SCHEDULE + SEGMENTS)
    add(house, "alice@example.net", confirmed=True)
    page = seated(house, "viewer").get("/desk/readers").text
    assert page.count('data-head="Mailed now">1</td>') == 1
    assert page.count('data-head="Mailed now">0</td>') == 1
    assert "is not tagged &lt;nobody&gt;" in page
    assert page.count("Gets the issues") == 1
    assert "Every confirmed reader of the segment germans" in page


def test_the_way_with_a_slash_at_the_end_leads_there_too(sqlite_house: House) -> None:
    answer = seated(sqlite_house).get("/desk/")
    assert answer.status_code in (303, 307, 308)
    assert answer.headers["location"].endswith("/desk")
