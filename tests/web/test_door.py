"""The three doors of a sign-up: who gets in by which, and that all of them say the same to everybody."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from digest.audience import tokens
from digest.audience.addresses import parse
from digest.bootstrap import House
from digest.store import consents, subscribers, suppressions
from digest.store.engine import Database
from tests.houses import SCHEDULE, make_house
from tests.queue_of import notices_of
from tests.web.people import TestClient, field, later, seated, visitor
from tests.web.solving import solution_of, solved

API = "/api/subscribe/sunday"
CROSS = {"sec-fetch-site": "cross-site"}


@pytest.fixture
def house(sqlite: Database, tmp_path: Path) -> House:
    return make_house(sqlite, tmp_path)


def mails(house: House) -> list[str]:
    return [one.address for one in notices_of(house.database, "confirm")]


def by_page(house: House, address: str, client: TestClient, **more: str) -> object:
    stamp = field(client.get("/n/sunday").text)
    later(house, seconds=5)
    form = {"address": address, "stamp": stamp, **more}
    return client.post("/n/sunday/subscribe", data=form)


def by_embed(house: House, address: str, client: TestClient, **more: str) -> object:
    form = {"address": address, "altcha": solved(house), **more}
    return client.post("/embed/sunday", data=form, headers=CROSS)


def by_api(house: House, address: str, client: TestClient, **more: str) -> object:
    wish = {"address": address, "altcha": solved(house), **more}
    return client.post(API, json=wish, headers=CROSS)


DOORS = pytest.mark.parametrize("ask", [by_page, by_embed, by_api])


@DOORS
def test_each_door_leads_to_one_mail_and_into_the_ledger(house: House, ask: object) -> None:
    assert ask(house, "bob@example.net", visitor(house)).status_code in (200, 202)
    assert mails(house) == ["bob@example.net"]
    with house.database.read() as session:
        reader = subscribers.by_address(session, "bob@example.net")
        assert reader is not None
        (line,) = consents.of(session, reader.id)
    assert line.method == {by_page: "form", by_embed: "embed", by_api: "api"}[ask]
    assert line.words.startswith("With “Subscribe” you ask The Test Gazette")
    assert line.network == "203.0.113.0/24"


@DOORS
def test_new_known_pending_left_and_suppressed_addresses_are_answered_alike(
    house: House, ask: object
) -> None:
    for name, confirmed in (("alice", True), ("bob", False), ("carol", True)):
        put(house, f"{name}@example.net", confirmed=confirmed)
    with house.database.write() as session:
        carol = subscribers.by_address(session, "carol@example.net")
        assert carol is not None
        subscribers.leave(session, carol.id, "sunday", now=house.clock(), method="page")
        hashed = tokens.address_hash(house.key, "dave@example.net")
        suppressions.add(session, hashed, reason="complaint", now=house.clock())
    names = ("alice", "bob", "carol", "dave", "eve")
    answers = [
        ask(house, f"{name}@example.net", visitor(house, peer=f"198.51.{n}.1"))
        for n, name in enumerate(names)
    ]
    for answer in answers:
        del answer.headers["x-request-id"]  # each has its own
    assert len({(a.status_code, a.content, tuple(sorted(a.headers.items()))) for a in answers}) == 1
    assert sorted(mails(house)) == [f"{name}@example.net" for name in ("bob", "carol", "eve")]


def put(house: House, address: str, *, confirmed: bool) -> None:
    parsed, now = parse(address), house.clock()
    hashed = tokens.address_hash(house.key, parsed.key)
    with house.database.write() as session:
        asked = subscribers.ask(
            session, "sunday", parsed, address_hash=hashed, now=now, method="form"
        )
        if confirmed:
            subscribers.confirm(session, asked.subscriber_id, "sunday", now=now, method="form")


@DOORS
def test_what_fills_the_hidden_field_is_answered_as_everybody_and_forgotten(
    house: House, ask: object
) -> None:
    bot = ask(house, "bot@example.net", visitor(house), nothing="http://spam.example")
    person = ask(house, "bob@example.net", visitor(house))
    assert (bot.status_code, bot.content) == (person.status_code, person.content)
    assert mails(house) == ["bob@example.net"]


@DOORS
def test_every_door_has_the_limits_of_networks(house: House, ask: object) -> None:
    codes = [ask(house, f"r{n}@gmail.com", visitor(house)).status_code for n in range(7)]
    assert codes[5:] == [429, 429]
    answer = ask(house, "late@gmail.com", visitor(house))
    assert answer.headers["retry-after"] == "3600"
    assert len(mails(house)) == 5


@DOORS
def test_every_door_refuses_mailboxes_that_are_thrown_away(house: House, ask: object) -> None:
    answer = ask(house, "bob@mailinator.com", visitor(house))
    assert answer.status_code == 422
    assert "thrown away" in answer.text
    assert mails(house) == []


# ---------------------------------------------------------------- pace or work


def test_the_page_takes_a_proof_of_work_in_place_of_a_persons_pace(house: House) -> None:
    client = visitor(house)
    form = {"address": "bob@example.net", "altcha": solved(house)}
    assert client.post("/n/sunday/subscribe", data=form).status_code == 200
    assert mails(house) == ["bob@example.net"]


@pytest.mark.parametrize(
    "headers",
    [
        CROSS,
        {"sec-fetch-site": "same-site"},
        {"origin": "https://evil.example"},
        {"origin": "null"},
    ],
    ids=str,
)
def test_another_sites_form_cannot_use_a_persons_pace(
    house: House, headers: dict[str, str]
) -> None:
    client = visitor(house)
    stamp = field(client.get("/n/sunday").text)
    later(house, seconds=5)
    form = {"address": "bob@example.net", "stamp": stamp}
    answer = client.post("/n/sunday/subscribe", data=form, headers=headers)
    assert answer.status_code == 422
    assert "once more" in answer.text
    assert mails(house) == []


def test_a_form_elsewhere_without_work_leads_to_one_press_more_on_our_page(house: House) -> None:
    client = visitor(house)
    form = {"address": "bob@example.net", "their_own_field": "x"}
    page = client.post("/embed/sunday", data=form, headers=CROSS)
    assert page.status_code == 200
    assert "One press more" in page.text
    assert 'value="bob@example.net"' in page.text
    assert mails(house) == []
    later(house, seconds=5)
    form = {"address": "bob@example.net", "stamp": field(page.text)}
    assert client.post("/n/sunday/subscribe", data=form).status_code == 200
    assert mails(house) == ["bob@example.net"]


def test_no_words_of_another_sites_form_come_onto_our_page(house: House) -> None:
    form = {"address": "Call 0800 now"}
    page = visitor(house).post("/embed/sunday", data=form, headers=CROSS)
    assert page.status_code == 200
    assert "0800" not in page.text


@pytest.mark.parametrize("wrong", ["", "x", "W10="])
def test_the_api_asks_for_work_always(house: House, wrong: str) -> None:
    answer = visitor(house).post(API, json={"address": "bob@example.net", "altcha": wrong})
    assert answer.status_code == 403
    assert answer.headers["content-type"] == "application/problem+json"
    assert mails(house) == []


def test_the_task_of_the_api_is_solved_by_the_library_and_good_once(house: House) -> None:
    client = visitor(house)
    offer = client.get(API).json()
    assert offer["wording"].startswith("With “Subscribe”")
    proof = solution_of(offer["challenge"])
    for name in ("bob", "eve"):
        answer = client.post(API, json={"address": f"{name}@example.net", "altcha": proof})
        assert answer.status_code == 202
        assert answer.json()["state"] == "heard"
    assert mails(house) == ["bob@example.net"]


def test_words_that_have_changed_since_are_not_what_was_agreed_to(
    house: House, tmp_path: Path
) -> None:
    stamp, proof = field(visitor(house).get("/n/sunday").text), solved(house)
    other = SCHEDULE + '[deliver]\nat = "sunday 09:00"\n'
    now = dataclasses.replace(make_house(house.database, tmp_path, schedule=other))
    later(now, seconds=5)
    form = {"address": "bob@example.net", "stamp": stamp, "altcha": proof}
    page = visitor(now).post("/n/sunday/subscribe", data=form)
    assert page.status_code == 422
    assert "09:00" in page.text


def test_a_proof_for_one_newsletter_opens_no_other(house: House, tmp_path: Path) -> None:
    (tmp_path / "schedules" / "harbour.toml").write_text(SCHEDULE.replace("Sunday", "Harbour"))
    made = make_house(house.database, tmp_path)
    wish = {"address": "bob@example.net", "altcha": solved(made)}
    assert visitor(made).post("/api/subscribe/harbour", json=wish).status_code == 403


# ---------------------------------------------------------------- a storm


def test_in_a_storm_a_persons_pace_is_not_enough_and_the_desk_says_so(house: House) -> None:
    stormy = dataclasses.replace(house, breaker=2)
    for n in range(2):
        by_page(stormy, f"r{n}@gmail.com", visitor(stormy))
    answer = by_page(stormy, "bob@example.net", visitor(stormy))
    assert answer.status_code == 422
    assert "takes JavaScript" in answer.text
    assert 'value="bob@example.net"' in answer.text
    assert "Far more sign-ups than usual" in seated(stormy).get("/desk/readers").text
    assert by_api(stormy, "bob@example.net", visitor(stormy)).status_code == 202
    assert mails(stormy)[2:] == ["bob@example.net"]


# ---------------------------------------------------------------- other origins


def test_only_the_api_of_signing_up_may_be_read_by_other_sites(house: House) -> None:
    client = visitor(house)
    origin = {"origin": "https://another.example"}
    for path in (API, "/api/subscribe/nowhere"):
        assert client.get(path, headers=origin).headers["access-control-allow-origin"] == "*"
    assert client.post(API, json={}, headers=origin).headers["access-control-allow-origin"] == "*"
    for path in ("/", "/n/sunday", "/api/openapi.json", "/desk/login", "/archive/sunday"):
        assert "access-control-allow-origin" not in client.get(path, headers=origin).headers
    for path in ("/api/articles", "/api/subscribed", "/confirm/x", "/leave/sunday/x"):
        answer = client.options(path, headers={**origin, "access-control-request-method": "POST"})
        assert "access-control-allow-origin" not in answer.headers


def test_a_browser_that_asks_first_may_send_json_without_cookies(house: House) -> None:
    asked = visitor(house).options(
        API,
        headers={
            "origin": "https://another.example",
            "access-control-request-method": "POST",
            "access-control-request-headers": "content-type",
        },
    )
    assert asked.status_code == 204
    assert asked.headers["access-control-allow-headers"] == "content-type"
    assert "access-control-allow-credentials" not in asked.headers


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"{", 400),
        (b"\xff", 400),
        (b"[" * 100_000, 400),
        (b"[]", 422),
        (b"{}", 422),
        (b'{"address": 1, "altcha": ""}', 422),
        (b'{"address": "bob@example.net", "altcha": "", "role": "admin"}', 422),
        (b'{"address": "bob\\u0000@example.net", "altcha": ""}', 422),
    ],
)
def test_a_body_that_is_no_wish_is_refused_without_being_repeated(
    house: House, body: bytes, status: int
) -> None:
    answer = visitor(house).post(API, content=body, headers={"content-type": "application/json"})
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert "admin" not in answer.text


def test_what_is_no_address_is_told_by_the_api(house: House) -> None:
    assert by_api(house, "bob@example", visitor(house)).status_code == 400
    assert visitor(house).get("/api/subscribe/nowhere").status_code == 404


# ---------------------------------------------------------------- scanners


def test_opening_the_links_of_the_mails_changes_nothing_however_often(house: House) -> None:
    by_page(house, "bob@example.net", visitor(house))
    (confirm,) = notices_of(house.database, "confirm")
    client = visitor(house)
    path = str(confirm.data["confirm_url"]).removeprefix(house.public_url)
    for _ in range(3):
        assert client.get(path).status_code == client.head(path).status_code == 200
    assert states(house) == {"pending": 1}
    client.post(path)
    welcome = notices_of(house.database, "welcome")[0].data
    for url in (
        *(welcome[name] for name in ("latest_url", "leave_url")),
        confirm.data["confirm_url"],
    ):
        for _ in range(3):
            client.get(str(url).removeprefix(house.public_url))
            client.head(str(url).removeprefix(house.public_url))
    assert states(house) == {"confirmed": 1}


def states(house: House) -> dict[str, int]:
    with house.database.read() as session:
        counts = subscribers.counts(session, "sunday")
    return {str(status): count for status, count in counts.items() if count}
