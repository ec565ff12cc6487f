"""The House's sources: health, remedy, weeks, and a button that reads one now, once at a time."""

from __future__ import annotations

import dataclasses
import datetime as dt
import html
import re
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest

from digest import intake
from digest.bootstrap import House
from digest.protocols import PollState
from digest.store import articles, events, polls
from digest.store.engine import Database
from digest.web.readings import Readings
from tests.articles import incoming
from tests.houses import MONDAY, SCHEDULE, make_house
from tests.sources import web
from tests.web.people import TestClient, later, seated

PATH = "/desk/house/sources"
DAY = dt.timedelta(days=1)
FEED = b"""<rss version="2.0"><channel><title>G</title><link>https://gazette.example/</link>
<item><title>The quay is approved</title><link>https://gazette.example/quay</link>
<description>The council approved the new quay on Monday after a long night.</description></item>
</channel></rss>"""


@pytest.fixture
def site() -> Iterator[web.Site]:
    with web.served() as one:
        yield one


def with_feed(database: Database, folder: Path, url: str, more: str = "") -> House:
    source = f'\n[[sources]]\nkey = "site"\nkind = "feed"\nurl = "{url}"\nfull_text = false\n{more}'
    house = make_house(database, folder, schedule=SCHEDULE + source)
    return dataclasses.replace(house, fetch_allow=web.LOOPBACK)


def page(house: House, client: TestClient | None = None) -> str:
    answer = (client or seated(house, "viewer")).get(PATH)
    assert answer.status_code == 200
    return words(answer.text)


def words(text: str) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", text)).split())


def patient(house: House, role: str = "editor") -> TestClient:
    """Somebody at a desk that waits for a source as long as it takes, however busy the machine is."""
    client = seated(house, role)
    client.app.state.readings = Readings(house, patience_s=60.0)
    return client


def press(house: House, source: str = "site", role: str = "editor") -> tuple[int, str]:
    client = patient(house, role)
    answer = client.post(f"{PATH}/{source}/read", data={"csrf": client.csrf})
    return answer.status_code, words(answer.text)


def fail(house: House, error: str) -> None:
    with house.database.write() as session:
        polls.record_failure(session, "site", error, now=MONDAY, next_poll_at=MONDAY + DAY)


def succeed(house: House, state: PollState = PollState()) -> None:  # noqa: B008
    with house.database.write() as session:
        polls.record_success(session, "site", state, now=MONDAY, next_poll_at=MONDAY + DAY)


def test_a_source_tells_its_kind_its_health_and_when_it_is_asked(
    database: Database, tmp_path: Path
) -> None:
    house = with_feed(database, tmp_path, "https://gazette.example/feed/")
    assert "site Not read yet A feed at https://gazette.example/feed/ , asked every hour" in page(
        house
    )
    succeed(house)
    later(house, hours=3)
    told = page(house)
    assert "site Fine" in told
    assert "Last read well 3 hours ago Monday 23 November, 06:00" in told
    assert "Next try in 21 hours" in told
    assert "desk Waits for the API Filled by the API and by what is taken up at the desk" in told


def test_a_failing_source_comes_first_in_plain_words_with_the_remedy(
    database: Database, tmp_path: Path
) -> None:
    house = with_feed(database, tmp_path, "https://gazette.example/feed/")
    for _ in range(3):
        fail(house, "https://gazette.example/feed/: answered 404 <Not> Found")
    told = page(house)
    assert "Failing: 1" in told
    assert told.index("site Failing") < told.index("desk Waits")
    assert (
        "There is nothing at this address. It failed 3 times in a row. digest sources find" in told
    )
    assert "https://gazette.example/feed/: answered 404 <Not> Found" in told


def test_the_articles_of_nine_weeks_are_drawn_and_told(database: Database, tmp_path: Path) -> None:
    house = with_feed(database, tmp_path, "https://gazette.example/feed/")
    with database.write() as session:
        for number, ago in enumerate((0, 0, 7, 10, 10, 57)):
            at = MONDAY - ago * DAY
            articles.save(session, incoming(f"Story {number}", published_at=at), now=at)
    text = seated(house).get(PATH).text
    told = "Articles a week, oldest first: 1, 0, 0, 0, 0, 0, 2, 1; this week so far 2"
    assert f'aria-label="{told}"' in text
    assert text.count("<rect") == 2 * 9
    assert "2 this week, 4 in the eight before" in words(text)
    assert "2 articles in the week from Sat 21 Nov, so far" in text


def test_a_source_that_answers_and_gives_nothing_for_weeks_is_silent(
    database: Database, tmp_path: Path
) -> None:
    house = with_feed(database, tmp_path, "https://gazette.example/feed/")
    long_ago = MONDAY - 22 * DAY
    with database.write() as session:
        articles.save(session, incoming(published_at=long_ago), now=long_ago)
    succeed(house)
    assert "site Silent" in page(house)
    with database.write() as session:
        articles.save(session, incoming("Another", published_at=MONDAY), now=MONDAY)
    assert "site Fine" in page(house)


def test_a_source_that_moved_and_what_it_learned_are_told(
    database: Database, tmp_path: Path
) -> None:
    url = "https://gazette.example/feed/"
    house = with_feed(database, tmp_path, url)
    succeed(house, PollState(moved=f"1 {url} https://gazette.example/once/"))
    assert "It has moved" not in page(house)
    succeed(house, PollState(moved=f"2 {url} https://gazette.example/new/"))
    assert "It has moved to https://gazette.example/new/ for good" in page(house)
    succeed(house, PollState(moved="2 https://other.example/ https://gazette.example/new/"))
    assert "It has moved" not in page(house)


def test_the_button_reads_a_source_by_the_polls_own_way(
    database: Database, tmp_path: Path, site: web.Site
) -> None:
    site.give("/feed", FEED, Content_Type="application/rss+xml")
    house = with_feed(database, tmp_path, f"{site.url}/feed")
    client = patient(house)
    answer = client.post(f"{PATH}/site/read", data={"csrf": client.csrf})
    assert (answer.status_code, answer.headers["location"]) == (303, f"{PATH}#source-site")
    told = page(house, client)
    assert "Read: 1 new, 0 revised, 0 unchanged." in told
    assert "site Fine" in told
    with database.read() as session:
        assert articles.count(session, ["site"]) == 1
        (event,) = events.recent(session, limit=1)
    assert (event.action, event.subject) == ("had a source read", "site")
    assert event.actor.startswith("editor:")


def test_what_goes_wrong_in_a_reading_is_told_as_of_any_poll(
    sqlite: Database, tmp_path: Path, site: web.Site
) -> None:
    house = with_feed(sqlite, tmp_path, f"{site.url}/nowhere")
    assert press(house)[0] == 303
    assert "There is nothing at this address." in page(house)


def test_a_source_is_never_read_twice_at_once(
    database: Database, tmp_path: Path, site: web.Site
) -> None:
    asked, go_on = threading.Event(), threading.Event()

    def slowly(request: BaseHTTPRequestHandler) -> None:
        asked.set()
        assert go_on.wait(30)
        request.send_response(304)
        request.end_headers()

    site.answers["/feed"] = slowly
    house = with_feed(database, tmp_path, f"{site.url}/feed")
    first = threading.Thread(target=press, args=(house,))
    first.start()
    assert asked.wait(30)
    client = patient(house)
    again = client.post(f"{PATH}/site/read", data={"csrf": client.csrf})
    assert again.status_code == 409
    assert "site is being read already" in words(again.text)
    during = client.get(PATH)
    assert "site Being read" in words(during.text)
    assert during.headers["refresh"]
    every = {"site": 3600}
    assert intake.poll(database, house.sources("sunday"), every, now=house.clock()) == ()
    go_on.set()
    first.join()
    assert "refresh" not in client.get(PATH).headers
    assert len(site.asked) == 1


def test_what_cannot_be_asked_is_refused_in_words(sqlite_house: House) -> None:
    status, told = press(sqlite_house, "desk")
    assert status == 409
    assert "desk cannot be asked: it waits for what comes by the API" in told
    assert press(sqlite_house, "nobody")[0] == 404


def test_who_may_only_look_has_no_button(sqlite: Database, tmp_path: Path) -> None:
    house = with_feed(sqlite, tmp_path, "https://gazette.example/feed/")
    assert "Read now" not in page(house)
    assert "Read now" in page(house, seated(house, "editor"))
    assert press(house, role="viewer")[0] == 403


def test_a_source_of_two_newsletters_stands_once(sqlite: Database, tmp_path: Path) -> None:
    house = with_feed(sqlite, tmp_path, "https://gazette.example/feed/")
    other = house.schedules["sunday"].model_copy(update={"key": "other"})
    both = dataclasses.replace(house, schedules={**house.schedules, "other": other})
    told = page(both)
    assert told.count("site Not read yet") == 1
    assert "Also of The Sunday Catchup" in told
