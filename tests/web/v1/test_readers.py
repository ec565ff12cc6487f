"""Readers by the API: found, shown, changed, and let go, each by the desk's own way."""

from __future__ import annotations

import datetime as dt

from digest.audience import tokens
from digest.audience.addresses import parse
from digest.bootstrap import House
from digest.model import Cadence, SubscriberId, SubscriptionStatus
from digest.store import consents, events, preferences, subscribers, suppressions
from tests.queue_of import notices_of
from tests.web.test_public import ALICE, add
from tests.web.v1.calling import Program


def actions(house: House) -> list[tuple[str, str]]:
    with house.database.read() as session:
        return [(one.actor, one.action) for one in events.each(session, events.Wanted())]


def test_readers_are_found_by_where_they_stand_and_by_their_address(house: House) -> None:
    for n in range(3):
        add(house, f"reader{n}@gmail.com", confirmed=n != 1)
    program = Program(house)

    def found(path: str) -> list[int]:
        return [one["reader"] for one in program.get(path).json()["items"]]

    assert found("/readers") == [3, 2, 1]
    assert found("/readers?newsletter=sunday&status=confirmed") == [3, 1]
    assert found("/readers?suppressed=true") == []
    assert found("/readers?came=import") == []
    assert program.get("/readers?newsletter=monday").status_code == 404
    for words, numbers in (("Reader1+x@gmail.com", [2]), ("reader", [3, 2, 1]), ("nobody", [])):
        page = program.post("/reader-searches", {"words": words}).json()
        assert [one["reader"] for one in page["items"]] == numbers, words
    first = program.post("/reader-searches", {"words": "reader", "limit": 2}).json()
    rest = {"words": "reader", "limit": 2, "cursor": first["next"]}
    assert [one["reader"] for one in program.post("/reader-searches", rest).json()["items"]] == [1]


def test_a_reader_is_shown_with_their_choices_and_what_they_consented_to(
    sqlite_house: House,
) -> None:
    add(sqlite_house, ALICE, confirmed=True)
    shown = Program(sqlite_house).get("/readers/1").json()
    assert (shown["address"], shown["suppressed"]) == (ALICE, None)
    (stand,) = shown["stands"]
    assert (stand["status"], stand["preferences"]["cadence"]) == ("confirmed", "weekly")
    (consent,) = shown["consents"]
    assert consent["asked"]["kind"] == "asked"
    assert consent["confirmed"]["kind"] == "confirmed"


def test_choices_are_changed_as_the_reader_would_and_told_to_them(sqlite_house: House) -> None:
    add(sqlite_house, ALICE, confirmed=True)
    program, path = Program(sqlite_house), "/readers/1/preferences"
    choice = {
        "newsletter": "sunday",
        "cadence": "big",
        "snooze_weeks": 2,
        "unwanted_sections": ["Sport"],
    }
    for _ in range(2):
        assert program.post(path, choice, method="PATCH").status_code == 204
    with sqlite_house.database.read() as session:
        kept = preferences.of(session, 1, "sunday", now=sqlite_house.clock())
        said = [(one.kind, one.method) for one in consents.of(session, 1)][2:]
    assert (kept.cadence, kept.unwanted) == (Cadence.BIG, frozenset({"Sport"}))
    assert kept.snoozed_until == sqlite_house.clock() + dt.timedelta(weeks=2)
    assert said[0] == ("changed", "api")
    assert len(notices_of(sqlite_house.database, "changed")) == len(said)
    assert ("token:1", "changed choices") in actions(sqlite_house)
    for wrong in ({"language": "xx"}, {"theme": "neon"}, {"timezone": "Mars/Olympus"}):
        answer = program.post(path, {"newsletter": "sunday", **wrong}, method="PATCH")
        assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (
            422,
            f"#/{next(iter(wrong))}",
        )
    statuses = [
        program.post(path, {"newsletter": "sunday", "name": f"A{n}"}, method="PATCH").status_code
        for n in range(7)
    ]
    assert statuses[-1] == 429, "each is a mail to the reader"
    assert statuses.count(204) == 6 - len(said)


def test_a_program_lets_a_reader_go_and_bars_and_frees_an_address(sqlite_house: House) -> None:
    add(sqlite_house, ALICE, confirmed=True)
    program = Program(sqlite_house)
    assert program.post("/readers/1/leave", {"newsletter": "sunday"}).status_code == 204
    assert program.post("/readers/1/leave", {"newsletter": "sunday"}).status_code == 409
    with sqlite_house.database.read() as session:
        assert subscribers.status(session, 1, "sunday") is SubscriptionStatus.UNSUBSCRIBED
        said = [(line.kind, line.method) for line in consents.of(session, SubscriberId(1))]
    assert said[-1] == ("left", "api"), "no editor did it at the desk"
    assert program.post("/readers/1/lift", {"why": "she asked"}).status_code == 409
    hashed = tokens.address_hash(sqlite_house.key, parse(ALICE).key)
    with sqlite_house.database.write() as session:
        suppressions.add(session, hashed, reason="hard_bounce", now=sqlite_house.clock())
    assert program.get("/readers/1").json()["suppressed"] == "hard_bounce"
    assert program.post("/readers/1/lift", {"why": "she asked"}).status_code == 204
    assert program.post("/readers/1/suppress", {"note": "by phone"}).status_code == 204
    assert program.post("/readers/1/suppress", {}).status_code == 409
    more = program.post("/readers/1/lift", {"why": "she asked"})
    assert (more.status_code, ALICE in more.text) == (409, False)
    assert program.post("/suppressions", {"address": "dave@gmail.com"}).status_code == 204
    listed = program.get("/suppressions").json()["items"]
    assert [(one["address"], one["reason"]) for one in listed] == [
        (None, "manual"),
        (ALICE, "manual"),
    ]
    assert program.get("/suppressions?reason=complaint").json()["items"] == []
    done = [act for who, act in actions(sqlite_house) if who == "token:1"]
    assert done == ["unsubscribed", "lifted", "suppressed", "suppressed"] or "suppressed" in done
    assert program.post("/readers/1/suppress", {"note": f"is {ALICE}"}).status_code == 422


def test_an_erasure_goes_on_by_itself_and_can_be_watched(sqlite_house: House) -> None:
    add(sqlite_house, ALICE, confirmed=True)
    program = Program(sqlite_house)
    begun = program.post("/readers/1/erase")
    assert (begun.status_code, begun.headers["location"]) == (
        202,
        "http://127.0.0.1:8000/api/v1/erasures/1",
    )
    program.client.app.state.errands.wait()  # type: ignore[attr-defined]
    assert program.get("/erasures/1").json() == {"erasure": 1, "state": "done", "why": ""}
    assert program.get("/readers/1").status_code == 404
    assert program.get("/erasures/2").status_code == 404
    assert ("token:1", "erased") in actions(sqlite_house)


def test_what_no_reader_has_is_no_number(sqlite_house: House) -> None:
    program = Program(sqlite_house)
    for number in ("0", "-1", str(2**62 + 1), "x"):
        assert program.get(f"/readers/{number}").status_code == 422, number
