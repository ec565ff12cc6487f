"""A story link of a mail: on to the story and nowhere else, counted for people and machines apart."""

from __future__ import annotations

import asyncio
import dataclasses
import re
from collections import Counter
from pathlib import Path

import pytest

from digest import render
from digest.bootstrap import House
from digest.clicks import Kind
from digest.errors import Busy
from digest.mail import routes
from digest.model import ArticleId
from digest.schedules import ClicksTable, Schedule
from digest.store import clicks as stored
from digest.store.engine import Database
from digest.web.app import create_app
from tests.houses import SCHEDULE, make_house
from tests.web.people import PERIOD, URL, TestClient, later, put_draft, send, the_issue, visitor

COUNTED = f"{SCHEDULE}\n[clicks]\ncount = true\n"
CHROME = {"user-agent": "Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/130.0.0.0 Safari/537.36"}
SAFARI = {"user-agent": "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Safari/604.1"}


@pytest.fixture
def house(sqlite: Database, tmp_path: Path) -> House:
    """The issue has gone out, hours ago."""
    made = make_house(sqlite, tmp_path, schedule=COUNTED)
    put_draft(made)
    send(made)
    later(made, hours=2)
    return made


def link(article: int) -> str:
    return f"/r/sunday/{PERIOD}/{routes.code_of(article, f'https://gazette.example/{article}')}"


def at(client: TestClient, peer: str) -> TestClient:
    """Somebody else at the same server."""
    return TestClient(client.app, base_url=URL, follow_redirects=False, client=(peer, 1))


def uncounted(house: House) -> Schedule:
    return house.schedule("sunday").model_copy(update={"clicks": ClicksTable()})


def counts(house: House, client: TestClient) -> dict[ArticleId, Counter[Kind]]:
    """What is counted by now, of stories that were opened."""
    client.app.state.counting.write(all_of_it=True)  # type: ignore[attr-defined]
    with house.database.read() as session:
        issue = the_issue(house)
        found = stored.of_issues(session, [issue.id])[issue.id]
    return {article: kinds for article, kinds in found.items() if kinds}


def test_every_link_of_the_mail_leads_to_its_story_with_no_word_of_the_reader(house: House) -> None:
    edition = the_issue(house).edition
    assert edition is not None
    mail = edition.rendered
    found = set(re.findall(r'href="(http://127[^"]*/r/[^"]*)"', mail.html))
    assert found == set(re.findall(r"http://127\S*/r/\S*", mail.text))
    led = {visitor(house).get(url, headers=CHROME).headers["location"] for url in found}
    assert led == {f"https://gazette.example/{n}" for n in (1, 2, 3, 5)}
    answer = visitor(house).get(link(1), headers=CHROME)
    assert answer.status_code == 302
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert answer.headers["cache-control"] == "no-store"
    assert "noindex" in answer.headers["x-robots-tag"]
    assert "set-cookie" not in answer.headers


def test_a_forged_or_altered_link_is_not_there_and_leads_nowhere(house: House) -> None:
    own, foreign = routes.code_of(1, "https://gazette.example/1"), "https://evil.example/"
    forged = [
        f"/r/sunday/{PERIOD}/aaaaaaaaaaaa",
        f"/r/sunday/{PERIOD}/https:%2F%2Fevil.example",
        f"/r/sunday/{PERIOD}/{routes.code_of(1, foreign)}",
        f"/r/sunday/{PERIOD}/{own.upper()}",
        f"/r/sunday/2026-11-22/{own}",
        f"/r/sunday/now/{own}",
        f"/r/monday/{PERIOD}/{own}",
        f"/r/sunday/{PERIOD}/{routes.code_of(4, 'https://gazette.example/4')}",
    ]
    client = visitor(house)
    assert client.get(link(1), headers=CHROME).status_code == 302
    for path in forged:
        for asked in (path, f"{path}?url={foreign}"):
            answer = client.get(asked, headers=CHROME)
            assert answer.status_code == 404, asked
            assert "location" not in answer.headers
            assert "There is nothing at this address" in answer.text


def test_people_count_once_and_machines_apart(house: House) -> None:
    ann = visitor(house)
    bob = at(ann, "198.51.100.7")
    for client, headers in ((ann, CHROME), (ann, CHROME), (ann, SAFARI), (bob, CHROME)):
        assert client.get(link(1), headers=headers).status_code == 302
    ann.get(link(2), headers={"user-agent": "curl/8.5.0"})
    ann.get(link(2), headers={**SAFARI, "sec-purpose": "prefetch"})
    assert counts(house, ann) == {
        1: {Kind.HUMAN: 3, Kind.REPEAT: 1},
        2: {Kind.AGENT: 1, Kind.PREFETCH: 1},
    }


def test_a_head_is_led_on_and_counted_as_nothing(house: House) -> None:
    client = visitor(house)
    assert client.head(link(1), headers=CHROME).status_code == 302
    assert client.head(link(2), headers=SAFARI).headers["location"] == "https://gazette.example/2"
    assert counts(house, client) == {}


def test_a_scanner_that_opens_all_of_a_mail_from_five_addresses_is_no_reader(house: House) -> None:
    client = visitor(house)
    for peer in range(5):
        for article in (1, 2, 3, 5) * 3:
            scanner = at(client, f"198.51.100.{peer}")
            assert scanner.get(link(article), headers=CHROME).status_code == 302
    found = counts(house, client)
    assert sum((kinds[Kind.HUMAN] + kinds[Kind.REPEAT]) for kinds in found.values()) == 0
    assert sum(kinds[Kind.BURST] for kinds in found.values()) == 60


def test_who_counts_no_more_still_leads_on(house: House) -> None:
    client = visitor(dataclasses.replace(house, schedules={"sunday": uncounted(house)}))
    assert client.get(link(1), headers=CHROME).status_code == 302
    gone = visitor(dataclasses.replace(house, schedules={}))
    assert gone.get(link(1), headers=CHROME).status_code == 302
    assert counts(house, client) == counts(house, gone) == {}


def test_what_an_editor_opens_before_the_send_is_not_counted(
    sqlite: Database, tmp_path: Path
) -> None:
    made = make_house(sqlite, tmp_path, schedule=COUNTED)
    put_draft(made)
    client = visitor(made)
    assert client.get(link(1), headers=CHROME).status_code == 302
    assert counts(made, client) == {}


def test_a_link_of_an_earlier_draft_leads_on(sqlite: Database, tmp_path: Path) -> None:
    made = make_house(sqlite, tmp_path, schedule=COUNTED)
    put_draft(made)
    with made.database.read() as session:
        first = stored.leads(session, "sunday", PERIOD)
    put_draft(made, lead="The quay is built")
    assert first is not None
    for code, url in first.targets.items():
        assert visitor(made).get(f"/r/sunday/{PERIOD}/{code}").headers["location"] == url


def test_while_the_database_is_away_known_links_lead_on_and_others_say_when_to_ask_again(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    client, fresh = visitor(house), visitor(house)
    client.get(link(1), headers=CHROME)

    def away(*_: object) -> None:
        raise Busy("the database is away")

    monkeypatch.setattr(stored, "leads", away)
    monkeypatch.setattr("digest.web.clicks.FRESH_S", -1.0)
    assert client.get(link(2), headers=CHROME).status_code == 302
    answer = fresh.get(link(2), headers=CHROME)
    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "5"


def test_what_cannot_be_written_now_is_written_later(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    client, add = visitor(house), stored.add

    def away(*_: object) -> None:
        raise Busy("the database is away")

    client.get(link(1), headers=CHROME)
    monkeypatch.setattr(stored, "add", away)
    client.app.state.counting.write(all_of_it=True)  # type: ignore[attr-defined]
    monkeypatch.setattr(stored, "add", add)
    assert counts(house, client) == {1: {Kind.HUMAN: 1}}
    client.get(link(1), headers=SAFARI)
    assert counts(house, client) == {1: {Kind.HUMAN: 2}}


def test_a_server_that_ends_writes_what_it_still_has(house: House) -> None:
    app = create_app(house)
    reader = TestClient(app, base_url=URL, follow_redirects=False)

    async def lived() -> None:
        async with app.router.lifespan_context(app):
            answer = await asyncio.to_thread(reader.get, link(3), headers=CHROME)
            assert answer.status_code == 302

    asyncio.run(lived())
    with house.database.read() as session:
        found = stored.of_issues(session, [the_issue(house).id])
    assert found[the_issue(house).id][ArticleId(3)] == {Kind.HUMAN: 1}


def test_the_archive_leads_straight_to_the_stories(house: House) -> None:
    page = visitor(house).get(f"/archive/sunday/{PERIOD}").text
    assert "/r/sunday/" not in page
    assert 'href="https://gazette.example/1"' in page
    edition, content = the_issue(house).edition, the_issue(house).content
    assert edition is not None
    assert content is not None
    plain = render.render(content, uncounted(house), public_url=house.public_url)
    body = render.fill(plain, {"leave_url": f"{house.public_url}/n/sunday"}).html
    assert body.partition("</head>")[2] == page.partition("</head>")[2]


def test_an_address_with_other_letters_stands_whole_in_the_header(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    odd = "https://zeitung.example/straße;id=1?q=a%20b&r=é#ö"
    known = stored.Leads(the_issue(house).id, {"a" * 12: odd}, None)
    monkeypatch.setattr(stored, "leads", lambda *_: known)
    answer = visitor(house).get(f"/r/sunday/{PERIOD}/{'a' * 12}", headers=CHROME)
    to = "https://zeitung.example/stra%C3%9Fe;id=1?q=a%20b&r=%C3%A9#%C3%B6"
    assert answer.headers["location"] == to


def test_no_address_is_kept_in_memory_or_on_the_disk(house: House) -> None:
    client = visitor(house, peer="203.0.113.77")
    client.get(link(1), headers=CHROME)
    counting = client.app.state.counting  # type: ignore[attr-defined]
    kept = repr([vars(counting._judge), counting._salt, counting._unwritten])
    assert "203.0.113" not in kept
    assert "Chrome" not in kept
