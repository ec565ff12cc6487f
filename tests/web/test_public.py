"""Readers sign up, confirm and leave; nobody learns who reads what."""

from __future__ import annotations

import dataclasses
import re
from pathlib import Path

import pytest

from digest.audience import tokens
from digest.audience.addresses import parse
from digest.bootstrap import House
from digest.store import subscribers, suppressions
from tests.houses import SCHEDULE, make_house
from tests.queue_of import notices_of
from tests.web.people import TestClient, field, later, visitor

ALICE = "alice@example.net"


def status_counts(house: House) -> dict[str, int]:
    with house.database.read() as session:
        counts = subscribers.counts(session, "sunday")
    return {str(status): count for status, count in counts.items() if count}


def queued(house: House) -> int:
    return len(notices_of(house.database, "confirm"))


def ask(house: House, address: str, *, client: TestClient | None = None) -> object:
    """Fill in the form as a person does."""
    client = client or visitor(house)
    stamp = field(client.get("/n/sunday").text)
    later(house, seconds=5)
    return client.post("/n/sunday/subscribe", data={"address": address, "stamp": stamp})


def add(house: House, address: str, *, confirmed: bool) -> int:
    parsed = parse(address)
    hashed = tokens.address_hash(house.key, parsed.key)
    now = house.clock()
    with house.database.write() as session:
        asked = subscribers.ask(
            session, "sunday", parsed, address_hash=hashed, now=now, method="form"
        )
        if confirmed:
            subscribers.confirm(session, asked.subscriber_id, "sunday", now=now, method="form")
    return int(asked.subscriber_id)


def leave_path(house: House, address: str) -> str:
    with house.database.read() as session:
        reader = subscribers.by_address(session, parse(address).key)
    assert reader is not None
    return f"/leave/sunday/{tokens.leave_token(house.key, 'sunday', reader.handle)}"


def test_the_front_page_of_one_newsletter_is_its_sign_up_page(sqlite_house: House) -> None:
    page = visitor(sqlite_house).get("/")
    assert page.status_code == 200
    assert "The Sunday Catchup" in page.text
    assert 'action="/n/sunday/subscribe"' in page.text


def test_the_front_page_of_several_has_a_form_for_each(sqlite_house: House, tmp_path: Path) -> None:
    (tmp_path / "schedules" / "harbour.toml").write_text(SCHEDULE.replace("Sunday", "Harbour"))
    page = visitor(make_house(sqlite_house.database, tmp_path)).get("/")
    for key in ("sunday", "harbour"):
        assert f'action="/n/{key}/subscribe"' in page.text


def test_an_unknown_newsletter_is_not_found_and_its_name_not_repeated(sqlite_house: House) -> None:
    page = visitor(sqlite_house).get("/n/Call%200800%20now")
    assert page.status_code == 404
    assert "Not found" in page.text
    assert "0800" not in page.text


def test_asking_makes_a_pending_reader_and_queues_one_mail(house: House) -> None:
    assert ask(house, "alice@example.net").status_code == 200
    assert status_counts(house) == {"pending": 1}
    assert queued(house) == 1


def test_new_known_pending_left_and_suppressed_addresses_get_the_same_bytes(house: House) -> None:
    add(house, "alice@example.net", confirmed=True)
    add(house, "bob@example.net", confirmed=False)
    add(house, "carol@example.net", confirmed=True)
    visitor(house).post(leave_path(house, "carol@example.net"))
    hashed = tokens.address_hash(house.key, parse("dave@example.net").key)
    with house.database.write() as session:
        suppressions.add(session, hashed, reason="complaint", now=house.clock())
    answers = [
        ask(house, f"{name}@example.net", client=visitor(house, peer=f"203.0.113.{at}"))
        for at, name in enumerate(("alice", "bob", "carol", "dave", "eve"))
    ]
    assert len({answer.content for answer in answers}) == 1
    assert {answer.status_code for answer in answers} == {200}
    for answer in answers:
        del answer.headers["x-request-id"]  # each has its own
    assert len({tuple(sorted(answer.headers.items())) for answer in answers}) == 1
    assert queued(house) == 3, "Bob, Carol and Eve; not Alice, who reads, nor Dave, who complained"


def test_an_address_gets_one_mail_in_a_day_and_three_in_a_month(house: House) -> None:
    for hour in range(0, 24 * 6, 8):
        peer = visitor(house, peer=f"198.51.{hour}.7")
        assert ask(house, "alice@example.net", client=peer).status_code == 200
        later(house, hours=8)
    assert queued(house) == 3


def test_a_network_may_ask_five_times_an_hour(house: House) -> None:
    client = visitor(house, peer="2001:db8::1")
    neighbour = visitor(house, peer="2001:db8::2")
    asked = [ask(house, f"reader{n}@example.net", client=client).status_code for n in range(5)]
    assert asked == [200] * 5
    assert ask(house, "reader6@example.net", client=neighbour).status_code == 429
    assert status_counts(house) == {"pending": 5}
    later(house, hours=1)
    assert ask(house, "reader6@example.net", client=client).status_code == 200


def test_a_network_may_ask_twenty_times_a_day(house: House) -> None:
    client = visitor(house)
    codes = []
    house.clock.now = house.clock().replace(hour=0, minute=1)  # type: ignore[attr-defined]
    for n in range(24):
        codes.append(ask(house, f"reader{n}@example.net", client=client).status_code)
        later(house, minutes=50)
    assert codes == [200] * 20 + [429] * 4


def test_a_bot_that_fills_the_hidden_field_is_thanked_and_forgotten(house: House) -> None:
    client = visitor(house)
    stamp = field(client.get("/n/sunday").text)
    later(house, seconds=5)
    form = {"address": "bot@example.net", "stamp": stamp, "nothing": "http://spam.example"}
    answer = client.post("/n/sunday/subscribe", data=form)
    assert answer.content == ask(house, "alice@example.net", client=client).content
    assert status_counts(house) == {"pending": 1}


@pytest.mark.parametrize("seconds", [0, 1, 24 * 3600 + 1])
def test_a_form_sent_too_fast_or_too_late_is_asked_to_be_sent_again(
    sqlite_house: House, seconds: int
) -> None:
    client = visitor(sqlite_house)
    stamp = field(client.get("/n/sunday").text)
    later(sqlite_house, seconds=seconds)
    form = {"address": "alice@example.net", "stamp": stamp}
    answer = client.post("/n/sunday/subscribe", data=form)
    assert answer.status_code == 422
    assert "once more" in answer.text
    assert 'value="alice@example.net"' in answer.text
    assert status_counts(sqlite_house) == {}


@pytest.mark.parametrize("wrong", ["", "alice", "alice@", "a b@example.net", "<script>@x.y"])
def test_what_is_no_address_is_told_so_beside_the_field(sqlite_house: House, wrong: str) -> None:
    answer = ask(sqlite_house, wrong)
    assert answer.status_code == 422
    assert "no complete email address" in answer.text
    assert "<script>@" not in answer.text


def test_a_form_with_a_field_that_is_not_ours_is_refused(sqlite_house: House) -> None:
    client = visitor(sqlite_house)
    form = {"address": "alice@example.net", "stamp": "x", "role": "admin"}
    assert client.post("/n/sunday/subscribe", data=form).status_code == 400
    twice = client.post(
        "/n/sunday/subscribe",
        content=b"address=a%40example.net&address=b%40example.net",
        headers={"content-type": "application/x-www-form-urlencoded"},
    )
    assert twice.status_code == 400


def confirm_path(house: House) -> str:
    """The link in the queued mail."""
    data = notices_of(house.database, "confirm")[0].data
    return str(data["confirm_url"]).removeprefix(house.public_url)


def test_looking_at_the_link_confirms_nobody_and_the_button_does(house: House) -> None:
    ask(house, "alice@example.net")
    client, path = visitor(house), confirm_path(house)
    page = client.get(path)
    assert page.status_code == 200
    assert f'action="{path}"' in page.text
    assert status_counts(house) == {"pending": 1}
    assert "You are subscribed" in client.post(path).text
    assert status_counts(house) == {"confirmed": 1}


def test_a_second_click_says_that_it_is_done(house: House) -> None:
    ask(house, "alice@example.net")
    client, path = visitor(house), confirm_path(house)
    client.post(path)
    for again in (client.get(path), client.post(path)):
        assert again.status_code == 200
        assert "already confirmed" in again.text
    assert status_counts(house) == {"confirmed": 1}


def test_a_link_to_confirm_ends_after_three_days(house: House) -> None:
    ask(house, "alice@example.net")
    path = confirm_path(house)
    later(house, hours=72, seconds=1)
    for page in (visitor(house).get(path), visitor(house).post(path)):
        assert page.status_code == 404
        assert "no longer works" in page.text
    assert status_counts(house) == {"pending": 1}


def test_a_made_up_link_confirms_nobody(sqlite_house: House) -> None:
    assert visitor(sqlite_house).post("/confirm/" + "x" * 22).status_code == 404


def test_a_link_to_a_newsletter_that_is_gone_no_longer_works(house: House) -> None:
    ask(house, "alice@example.net")
    path = confirm_path(house)
    empty = dataclasses.replace(house, schedules={})
    assert visitor(empty).get(path).status_code == 404


def test_looking_at_the_leave_page_changes_nothing_and_the_button_leaves(house: House) -> None:
    add(house, "carol@example.net", confirmed=True)
    client, path = visitor(house), leave_path(house, "carol@example.net")
    page = client.get(path)
    assert f'action="{path}"' in page.text
    assert status_counts(house) == {"confirmed": 1}
    assert "You have left" in client.post(path).text
    assert status_counts(house) == {"unsubscribed": 1}


@pytest.mark.parametrize(
    "sent",
    [
        {"data": {"List-Unsubscribe": "One-Click"}},
        {"files": {"List-Unsubscribe": (None, "One-Click")}},
        {"content": b"\xff\x00 nonsense", "headers": {"content-type": "application/json"}},
        {"content": b""},
    ],
    ids=["urlencoded", "multipart", "nonsense", "nothing"],
)
def test_a_mail_programs_own_button_leaves_with_whatever_body(
    house: House, sent: dict[str, object]
) -> None:
    add(house, "carol@example.net", confirmed=True)
    client = visitor(house)
    answer = client.post(leave_path(house, "carol@example.net"), **sent)
    assert answer.status_code == 200
    assert "set-cookie" not in answer.headers
    assert status_counts(house) == {"unsubscribed": 1}


def test_leaving_twice_or_by_a_stranger_s_link_is_answered_alike(house: House) -> None:
    add(house, "carol@example.net", confirmed=True)
    client, path = visitor(house), leave_path(house, "carol@example.net")
    stranger = tokens.leave_token(house.key, "sunday", tokens.new_secret())
    answers = [client.post(path), client.post(path), client.post(f"/leave/sunday/{stranger}")]
    assert {answer.status_code for answer in answers} == {200}
    assert len({_without_secrets(answer.text) for answer in answers}) == 1


def _without_secrets(page: str) -> str:
    """A page without the reader's link and the proof that stand in its forms."""
    return re.sub(r'/leave/sunday/[\w-]+|value="[\w.-]+"', "", page)


@pytest.mark.parametrize("cut", [1, 5, 43])
def test_a_link_that_was_cut_says_so_and_changes_nothing(house: House, cut: int) -> None:
    add(house, "carol@example.net", confirmed=True)
    client, path = visitor(house), leave_path(house, "carol@example.net")[:-cut]
    for answer in (client.get(path), client.post(path), client.post("/leave/gone/x")):
        assert answer.status_code == 200
        assert "This link is not whole" in answer.text
        assert "You have left" not in answer.text
    assert status_counts(house) == {"confirmed": 1}


def test_a_leave_token_of_one_newsletter_does_not_leave_another(house: House) -> None:
    add(house, "alice@example.net", confirmed=True)
    token = leave_path(house, "alice@example.net").rpartition("/")[2]
    assert visitor(house).post(f"/leave/monday/{token}").status_code == 200
    assert status_counts(house) == {"confirmed": 1}


def test_what_was_agreed_to_is_kept_with_the_shortened_network(house: House) -> None:
    ask(house, "alice@example.net")
    visitor(house).post(confirm_path(house))
    with house.database.read() as session:
        rows = session.connection().exec_driver_sql(
            "select kind, method, network, words from consent"
            " join wording on version = wording_version order by consent.id"
        )
        kept = [tuple(row) for row in rows]
    assert [row[:3] for row in kept] == [
        ("asked", "form", "203.0.113.0/24"),
        ("confirmed", "form", "203.0.113.0/24"),
    ]
    assert "every Sunday at 08:00 (London time)" in kept[0][3]


def test_pressing_the_button_often_in_a_day_does_not_use_up_the_month(house: House) -> None:
    for n in range(4):
        ask(house, "alice@example.net", client=visitor(house, peer=f"198.51.100.{n}"))
    assert queued(house) == 1
    for day in (2, 3, 4):
        later(house, days=1)
        assert queued(house) == min(day - 1, 3)
        ask(house, "alice@example.net")
    assert queued(house) == 3
    later(house, days=30)
    ask(house, "alice@example.net")
    assert queued(house) == 4


@pytest.mark.parametrize("name", ["address", "nothing", "stamp"])
def test_a_field_with_control_characters_is_refused(house: House, name: str) -> None:
    answer = visitor(house).post("/n/sunday/subscribe", data={name: "a\0b@example.net"})
    assert answer.status_code == 400
    assert f"{name} (it holds control characters)" in answer.text
    assert status_counts(house) == {}


def test_an_address_of_ours_with_a_nul_is_not_found_or_gone(house: House) -> None:
    client = visitor(house)
    assert client.get("/n/%00").status_code == 404
    assert client.get("/confirm/%00").status_code == 404
    assert client.post("/leave/sunday/%00").status_code == 200
    assert client.post("/leave/%00/%00").status_code == 200
