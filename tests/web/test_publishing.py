"""A publisher takes a sent issue off the web: its page, the index, the feed, the map and every cache follow; and back."""

from __future__ import annotations

from pathlib import Path

import feedparser
import lxml.etree
import pytest

from digest.bootstrap import House
from digest.store import events
from digest.store.engine import Database
from tests.houses import SCHEDULE, make_house
from tests.web.people import (
    PERIOD,
    TestClient,
    freeze_draft,
    later,
    put_draft,
    seated,
    send,
    visitor,
)

PATH = f"/desk/sunday/{PERIOD}"
PAGE = f"/archive/sunday/{PERIOD}"
#: Where everybody finds an issue, and what of each names it.
PLACES = {
    "/archive/sunday": f'href="{PAGE}"',
    "/archive/sunday/feed.xml": "<entry>",
    "/sitemap.xml": f"{PAGE}</loc>",
    "/n/sunday": PAGE,
    "/": PAGE,
}
#: Those that caches may keep.
KEPT = (PAGE, "/archive/sunday", "/archive/sunday/feed.xml", "/sitemap.xml")


@pytest.fixture
def sent(house: House) -> House:
    put_draft(house)
    send(house)
    later(house, days=1)
    return house


def take_down(client: TestClient, reason: str = "a name was wrong") -> int:
    form = {"csrf": client.csrf, "reason": reason}  # type: ignore[attr-defined]
    return client.post(f"{PATH}/unpublish", data=form).status_code


def put_back(client: TestClient) -> int:
    return client.post(f"{PATH}/publish", data={"csrf": client.csrf}).status_code  # type: ignore[attr-defined]


def test_off_the_web_it_is_gone_everywhere_and_back_it_is_as_it_was(sent: House) -> None:
    reader, erin = visitor(sent), seated(sent, "publisher")
    before = reader.get(PAGE)
    for place, sign in PLACES.items():
        if place != "/":
            assert sign in reader.get(place).text, place
    assert take_down(erin) == 303
    gone = reader.get(PAGE)
    assert gone.status_code == 410
    assert "This issue has been taken back" in gone.text
    assert "og:" not in gone.text
    assert "The quay is approved" not in gone.text
    assert reader.get(f"{PAGE}?variant=de.plain").status_code == 410
    assert reader.head(PAGE).status_code == 410
    for place, sign in PLACES.items():
        assert sign not in reader.get(place).text, place
    page = erin.get(PATH).text
    assert "by Erin: a name was wrong" in page
    assert "a name was wrong" not in gone.text
    assert put_back(erin) == 303
    again = reader.get(PAGE)
    assert (again.status_code, again.text) == (200, before.text)
    with sent.database.read() as session:
        actions = [one.action for one in events.recent(session, limit=2)]
    assert actions == ["published again", "took off the web"]


def test_every_cache_asks_again_and_hears_of_a_change_at_once(sent: House) -> None:
    reader, erin = visitor(sent), seated(sent, "publisher")
    tags = {}
    for place in KEPT:
        answer = reader.get(place)
        assert answer.headers["cache-control"] == "public, no-cache"
        tags[place] = answer.headers["etag"]
        same = reader.get(place, headers={"if-none-match": f'"other", W/{tags[place]}'})
        assert (same.status_code, same.content) == (304, b""), place
        assert same.headers["etag"] == tags[place]
        assert same.headers["cache-control"] == "public, no-cache"
        assert reader.get(place, headers={"if-none-match": '"other"'}).status_code == 200
        assert reader.head(place).headers["etag"] == tags[place]
    take_down(erin)
    for place in KEPT:
        answer = reader.get(place, headers={"if-none-match": tags[place]})
        assert answer.status_code == (410 if place == PAGE else 200), place
        assert answer.headers["cache-control"] == "public, no-cache"
    gone = reader.get(PAGE, headers={"if-none-match": "*"})
    assert gone.status_code == 410, "an answer that is no 200 is never left out"
    put_back(erin)
    back = reader.get(PAGE, headers={"if-none-match": tags[PAGE]})
    assert back.status_code == 304, "it is the very page again"


def test_a_feed_reader_sees_that_it_is_gone_and_that_it_is_back(sent: House) -> None:
    reader, erin = visitor(sent), seated(sent, "publisher")
    first = feedparser.parse(reader.get("/archive/sunday/feed.xml").text)
    later(sent, hours=1)
    take_down(erin)
    text = reader.get("/archive/sunday/feed.xml").text
    down = feedparser.parse(text)
    assert not down.bozo
    assert down.entries == []
    assert down.feed.updated > first.feed.updated
    (stone,) = lxml.etree.fromstring(text.encode()).iter(
        "{http://purl.org/atompub/tombstones/1.0}*"
    )
    assert stone.get("ref") == first.entries[0].id
    assert stone.get("when") == down.feed.updated
    later(sent, hours=1)
    put_back(erin)
    back = feedparser.parse(reader.get("/archive/sunday/feed.xml").text)
    assert back.entries[0].id == first.entries[0].id
    assert back.entries[0].updated == back.feed.updated > down.feed.updated
    assert back.entries[0].published == first.entries[0].published
    assert "deleted-entry" not in reader.get("/archive/sunday/feed.xml").text


def test_twice_off_and_twice_on_is_told_and_changes_nothing(sent: House) -> None:
    erin = seated(sent, "publisher")
    assert put_back(erin) == 409
    assert (take_down(erin), take_down(erin)) == (303, 409)
    assert "a name was wrong" in erin.get(PATH).text
    assert (put_back(erin), put_back(erin)) == (303, 409)
    assert (take_down(erin, "once more"), visitor(sent).get(PAGE).status_code) == (303, 410)


def test_what_was_not_sent_cannot_be_taken_off_the_web(house: House) -> None:
    put_draft(house)
    assert take_down(seated(house, "publisher")) == 409
    assert visitor(house).get(PAGE).status_code == 404


def test_without_a_reason_nothing_is_taken_down(sent: House) -> None:
    assert take_down(seated(sent, "publisher"), "") == 400
    assert visitor(sent).get(PAGE).status_code == 200


def test_a_mistake_is_taken_back_while_the_issue_is_still_going_out(house: House) -> None:
    put_draft(house)
    freeze_draft(house)
    reader = visitor(house)
    assert reader.get(PAGE).status_code == 200, "the mail’s link leads there from the first copy on"
    assert take_down(seated(house, "publisher")) == 303
    assert reader.get(PAGE).status_code == 410
    send_on = reader.get("/archive/sunday").text
    assert PAGE not in send_on


@pytest.mark.parametrize("language", ["de", "ar"])
def test_the_kind_word_is_in_the_newsletters_language(
    sqlite: Database, tmp_path: Path, language: str
) -> None:
    text = SCHEDULE.replace("[newsletter]", f'[newsletter]\nlanguage = "{language}"')
    house = make_house(sqlite, tmp_path, schedule=text)
    put_draft(house)
    send(house)
    take_down(seated(house, "publisher"))
    page = visitor(house).get(PAGE).text
    assert {"de": "zurückgezogen", "ar": "سُحب هذا العدد"}[language] in page
