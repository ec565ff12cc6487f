"""Readers who come by the API: by their own yes behind a mailed link, or with a consent that is held elsewhere."""

from __future__ import annotations

import dataclasses

import pytest

from digest.audience import confirmation, signup, undo
from digest.bootstrap import House
from digest.model import SubscriptionStatus
from digest.store import consents, events, subscribers
from tests.queue_of import notices_of
from tests.web.v1.calling import Program

WORDS = "You get The Sunday Catchup every Sunday. Leave at any time."
BOB = {"newsletter": "sunday", "address": "bob@gmail.com", "wording": WORDS, "ip": "203.0.113.77"}
FROM_SHOP = "They ticked the box under the till of our shop, spring 2024."


def status(house: House, number: int) -> SubscriptionStatus | None:
    with house.database.read() as session:
        return subscribers.status(session, number, "sunday")


def test_a_wish_is_confirmed_by_the_readers_own_mail_with_the_words_they_were_shown(
    sqlite_house: House,
) -> None:
    heard = Program(sqlite_house).post("/readers", BOB)
    assert (heard.status_code, heard.json()) == (202, {"state": "heard"})
    assert status(sqlite_house, 1) is SubscriptionStatus.PENDING
    (mail,) = notices_of(sqlite_house.database, "confirm")
    secret = str(mail.data["confirm_url"]).rpartition("/")[2]
    confirmation.confirm(sqlite_house, secret, network="", now=sqlite_house.clock())
    assert status(sqlite_house, 1) is SubscriptionStatus.CONFIRMED
    with sqlite_house.database.read() as session:
        asked = consents.of(session, 1)[0]
    assert (asked.method, asked.network, asked.words) == ("api", "203.0.113.0/24", WORDS)


def test_limits_go_by_the_readers_network_and_answers_tell_nothing(sqlite_house: House) -> None:
    program = Program(sqlite_house)
    answers = [program.post("/readers", {**BOB, "address": f"r{n}@gmail.com"}) for n in range(6)]
    assert [one.status_code for one in answers] == [202] * 5 + [429]
    assert int(answers[5].headers["retry-after"]) > 60
    elsewhere = {**BOB, "ip": "2001:db8::1"}
    again = [program.post("/readers", elsewhere).content for _ in range(2)]
    assert again[0] == again[1] == answers[0].content
    assert len(notices_of(sqlite_house.database, "confirm")) == 6


def test_a_wish_that_cannot_be_is_refused_at_its_field(sqlite_house: House) -> None:
    program = Program(sqlite_house)
    for field, value in (
        ("address", "bob"),
        ("address", "bob@mailinator.com"),
        ("ip", "here"),
        ("wording", "short"),
    ):
        answer = program.post("/readers", {**BOB, field: value})
        assert answer.status_code == 422, field
        assert answer.json()["errors"][0]["pointer"] == f"#/{field}"
    assert program.post("/readers", {**BOB, "newsletter": "monday"}).status_code == 404
    stormy = dataclasses.replace(sqlite_house, breaker=0)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(signup.breaker, "is_on", lambda *_, **__: True)
        assert Program(stormy).post("/readers", BOB).status_code == 429


def test_who_consented_elsewhere_is_confirmed_at_once_mailed_nothing_and_can_be_undone(
    sqlite_house: House,
) -> None:
    program = Program(sqlite_house)
    carol = {
        "address": "carol@gmail.com",
        "name": '=Carol, "C"',
        "joined": "2024-05-01T12:00:00+02:00",
    }
    people = [{**carol, "tags": ["vip", "shop"], "language": "de"}, {"address": "nonsense"}]
    body = {"newsletter": "sunday", "consent": FROM_SHOP, "readers": people}
    done = program.post("/imports", body).json()
    assert done["outcomes"] == {"new": 1, "refused": 1}
    assert [one["index"] for one in done["not_taken"]] == [1]
    shown = program.get("/readers/1").json()
    assert (shown["name"], shown["came"]) == ('=Carol, "C"', "import")
    assert (shown["stands"][0]["tags"], shown["stands"][0]["status"]) == (
        ["vip", "shop"],
        "confirmed",
    )
    assert shown["consents"][0]["asked"]["wording"] == FROM_SHOP
    assert not [
        *notices_of(sqlite_house.database, "confirm"),
        *notices_of(sqlite_house.database, "welcome"),
    ]
    assert not list((sqlite_house.data / "imports").iterdir()), "no file of it stays"
    with sqlite_house.database.read() as session:
        assert [one.actor for one in events.recent(session, limit=1)] == ["token:1"]
    undo.undo(sqlite_house.database, done["number"], clock=sqlite_house.clock)
    assert program.get("/readers/1").status_code == 404


def test_who_joined_at_a_time_that_is_none_is_taken_without_one(sqlite_house: House) -> None:
    program = Program(sqlite_house)
    never = {"address": "carol@gmail.com", "joined": "0001-01-01T00:00:00+05:00"}
    body = {"newsletter": "sunday", "consent": FROM_SHOP, "readers": [never]}
    answer = program.post("/imports", body)
    assert (answer.status_code, answer.json()["outcomes"]) == (200, {"new": 1})


def test_an_import_revives_nobody(sqlite_house: House) -> None:
    program = Program(sqlite_house)
    body = {"newsletter": "sunday", "consent": FROM_SHOP, "readers": [{"address": "dan@gmail.com"}]}
    program.post("/imports", body)
    program.post("/readers/1/leave", {"newsletter": "sunday"})
    assert program.post("/imports", body).json()["outcomes"] == {"has_left": 1}
    assert status(sqlite_house, 1) is SubscriptionStatus.UNSUBSCRIBED
    for wrong in ({"readers": []}, {"consent": "yes"}, {"newsletter": ""}):
        assert program.post("/imports", {**body, **wrong}).status_code == 422
