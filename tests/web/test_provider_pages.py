"""The House's providers: what each can, how much of its limits is used, who rests, and two buttons."""

from __future__ import annotations

import dataclasses
import datetime as dt
import html
import re
from pathlib import Path

from digest.bootstrap import House
from digest.delivery import sender
from digest.delivery.pace import Pace
from digest.errors import Refused
from digest.limits import read_domain_limits, read_limits, read_warm_up
from digest.providers.postmark import PostmarkProvider
from digest.providers.smtp import SmtpProvider
from digest.store import events, rests
from digest.store.engine import Database
from digest.store.rests import Rest
from tests.delivery.sundays import Post, a_house, names, put_frozen
from tests.web.people import seated

PATH = "/desk/house/providers"


def words(text: str) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", text)).split())


def page(house: House, role: str = "viewer") -> str:
    answer = seated(house, role).get(PATH)
    assert answer.status_code == 200
    return words(answer.text)


def press(house: House, path: str, role: str = "publisher") -> tuple[int, str]:
    client = seated(house, role)
    answer = client.post(f"{PATH}/{path}", data={"csrf": client.csrf})
    return answer.status_code, words(answer.text)


def rest(
    house: House, name: str = "outbox", *, why: str = "no connection", instead: str = ""
) -> None:
    until = house.clock() + dt.timedelta(minutes=5)
    with house.database.write() as session:
        rests.begin(session, Rest(provider=name, until=until, why=why, instead=instead))


def paced(house: House) -> House:
    pace = Pace(
        "outbox",
        read_limits("100/h"),
        read_domain_limits("google=10/h"),
        read_warm_up("80 x1.5 for news.example"),
    )
    return dataclasses.replace(house, paces={"outbox": pace})


def test_the_providers_stand_in_their_order_with_what_each_can(house: House) -> None:
    second = PostmarkProvider(token="t", channels=4)
    told = page(dataclasses.replace(house, others=(second,), connections_in_all=6))
    assert "1. outbox Sends" in told
    assert "2. postmark Takes over" in told
    assert "At most 4 connections at once, and 6 from all workers together, 500 messages" in told
    assert "a crash leaves at most 2,000 readers in doubt" in told
    assert "It knows a copy that is handed over again: nobody gets two." in told
    assert "Its webhook is closed: no secret is set" in told
    assert "No limits are set" in told


def test_limits_tell_how_much_is_used_and_when_the_next_may_leave(house: House) -> None:
    made = paced(house)
    assert "Warm-up of news.example: day 1 begins with the first message; 80 in 24 hours" in page(
        made
    )
    with house.database.write() as session:
        made.paces["outbox"].grant(session, wanted=60, now=house.clock())
        made.paces["outbox"].grant_domains(session, {"gmail.com": 10}, now=house.clock())
    told = page(made)
    assert "100 in any hour 60 (60 %) 40 more" in told
    assert "80 in any 24 hours 60 (75 %) 20 more" in told
    assert "google: 10 in any hour 10 (100 %) the next in 1 hour" in told
    assert "Warm-up of news.example: day 1, 80 messages in 24 hours" in told


def test_who_rests_says_why_until_when_and_what_to_look_at(house: House) -> None:
    rest(house, why="535 5.7.8 <wrong> password", instead="ses")
    told = page(house)
    assert "1. outbox Rests" in told
    assert "Left alone until Monday 23 November, 06:05 (in 5 minutes); ses sends instead." in told
    assert "It said: 535 5.7.8 <wrong> password" in told
    assert "Look at: DIGEST_SMTP_USERNAME and DIGEST_SMTP_PASSWORD" in told
    assert "Try again now" not in told


def test_a_publisher_has_them_all_asked_again(house: House) -> None:
    rest(house)
    assert "Try again now" in page(house, "publisher")
    assert press(house, "again", "editor")[0] == 403
    client = seated(house, "publisher")
    answer = client.post(f"{PATH}/again", data={"csrf": client.csrf})
    assert answer.status_code == 303
    told = words(client.get(answer.headers["location"]).text)
    assert "Every provider is asked again now." in told
    assert "Rests" not in told
    with house.database.read() as session:
        assert events.recent(session, limit=1)[0].action == "had providers asked again"


def test_a_provider_is_tried_without_sending(sqlite_house: House) -> None:
    nobody = SmtpProvider(host="127.0.0.1", port=1, security="none")
    house = dataclasses.replace(sqlite_house, provider=nobody)
    assert "Try it without sending" in page(house, "publisher")
    assert "Try it without sending" not in page(house, "editor")
    status, told = press(house, "smtp/try")
    assert status == 200
    assert "It does not work." in told
    assert "Look at: DIGEST_SMTP_HOST and DIGEST_SMTP_PORT" in told
    assert press(house, "ses/try")[0] == 404


def test_one_that_cannot_be_tried_says_so(sqlite_house: House) -> None:
    assert "Try it without sending" not in page(sqlite_house, "publisher")
    assert "outbox cannot be tried without sending" in press(sqlite_house, "outbox/try")[1]


def test_the_domains_in_trouble_of_the_last_send_are_told_without_names(
    database: Database, tmp_path: Path
) -> None:
    refused = Refused("550 5.1.1 <alice@club.example>: no such <user>")
    post = Post({"alice@club.example": [refused], "bob@club.example": [refused]})
    house = a_house(database, tmp_path, post)
    assert "Nothing has been sent yet." in page(house)
    put_frozen(house, ["alice@club.example", "bob@club.example", *names(8)])
    sender.drain(house)
    told = page(house)
    assert "The Sunday Catchup, 29 November 2026" in told
    assert "club.example Failed 2 550 5.1.1 <…@club.example>: no such <user>" in told
    assert "alice" not in told
