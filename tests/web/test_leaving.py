"""Leaving: by a page, by a mail program; undone within the minute; the reason asked once; and a last mail."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from digest.audience import tokens
from digest.audience.unsubscribe import Why
from digest.bootstrap import House
from digest.store import audiences, leaving, notices, subscribers
from digest.store.engine import Database
from tests.houses import MONDAY, SCHEDULE, make_house
from tests.queue_of import notices_of
from tests.web.people import field, later, seated, visitor
from tests.web.test_public import add, leave_path, status_counts

CAROL = "carol@example.net"


def left(house: House) -> tuple[str, str]:
    """Carol reads and leaves: her link, and the proof in the answer."""
    add(house, CAROL, confirmed=True)
    path = leave_path(house, CAROL)
    return path, field(visitor(house).post(path).text, "undo")


def test_a_slip_is_undone_within_the_minute(house: House) -> None:
    path, proof = left(house)
    assert status_counts(house) == {"unsubscribed": 1}
    later(house, seconds=59)
    answer = visitor(house).post(f"{path}/undo", data={"undo": proof})
    assert "You are back" in answer.text
    assert status_counts(house) == {"confirmed": 1}
    again = visitor(house).post(f"{path}/undo", data={"undo": proof})
    assert "You are back" in again.text, "a second press says the same"


def test_who_was_away_for_a_moment_was_away_for_good_in_that_moment(house: House) -> None:
    path, proof = left(house)
    gone_at = house.clock()
    later(house, seconds=30)
    visitor(house).post(f"{path}/undo", data={"undo": proof})
    with house.database.read() as session:
        assert list(audiences.at(session, "sunday", gone_at, size=9)) == []
        assert [len(ids) for ids in audiences.at(session, "sunday", house.clock(), size=9)] == [1]


def test_after_the_minute_it_is_too_late(house: House) -> None:
    path, proof = left(house)
    later(house, seconds=66)
    answer = visitor(house).post(f"{path}/undo", data={"undo": proof})
    assert "That was too late" in answer.text
    assert status_counts(house) == {"unsubscribed": 1}


def test_a_fresh_proof_revives_nobody_who_left_long_ago(house: House) -> None:
    path, _ = left(house)
    later(house, hours=1)
    fresh = field(visitor(house).post(path).text, "undo")
    visitor(house).post(f"{path}/undo", data={"undo": fresh})
    assert status_counts(house) == {"unsubscribed": 1}


def test_who_never_confirmed_is_no_reader_by_leaving_and_undoing(house: House) -> None:
    add(house, CAROL, confirmed=False)
    path = leave_path(house, CAROL)
    proof = field(visitor(house).post(path).text, "undo")
    visitor(house).post(f"{path}/undo", data={"undo": proof})
    assert status_counts(house) == {"unsubscribed": 1}


@pytest.mark.parametrize("forged", ["", "1764140400000.", "1.abc", "x", "9" * 30 + ".a", "é.é"])
def test_a_forged_proof_undoes_nothing(house: House, forged: str) -> None:
    path, proof = left(house)
    at, _, signature = proof.partition(".")
    for wrong in (forged, f"{int(at) + 1}.{signature}"):
        assert visitor(house).post(f"{path}/undo", data={"undo": wrong}).status_code == 200
    assert status_counts(house) == {"unsubscribed": 1}


def test_ones_proof_does_not_undo_anothers_leaving(house: House) -> None:
    path, _ = left(house)
    add(house, "alice@example.net", confirmed=True)
    other = field(visitor(house).post(leave_path(house, "alice@example.net")).text, "undo")
    visitor(house).post(f"{path}/undo", data={"undo": other})
    assert status_counts(house) == {"unsubscribed": 2}


def test_a_reason_is_kept_once_and_only_one_of_ours(house: House) -> None:
    path, _ = left(house)
    client = visitor(house)
    for sent in ("", "because of alice@example.net", str(Why.TOO_LONG), str(Why.OTHER)):
        answer = client.post(f"{path}/reason", data={"reason": sent} if sent else {})
        assert "Thank you" in answer.text
    with house.database.read() as session:
        assert leaving.reasons(session, "sunday") == {"too-long": 1}


def test_the_desk_counts_the_reasons_and_names_nobody(house: House) -> None:
    path, _ = left(house)
    visitor(house).post(f"{path}/reason", data={"reason": "too-long"})
    page = seated(house).get("/desk/readers").text
    assert "Each mail is too long: 1" in page
    assert CAROL not in page


def test_who_reads_gives_no_reason(house: House) -> None:
    add(house, CAROL, confirmed=True)
    path = leave_path(house, CAROL)
    visitor(house).post(f"{path}/reason", data={"reason": "other"})
    with house.database.read() as session:
        assert leaving.reasons(session, "sunday") == {}


def test_every_reason_stands_on_the_page(sqlite_house: House) -> None:
    add(sqlite_house, CAROL, confirmed=True)
    page = visitor(sqlite_house).post(leave_path(sqlite_house, CAROL)).text
    assert all(f'value="{why}"' in page for why in Why)


def test_nobody_gets_a_last_mail_unless_the_newsletter_sends_one(house: House) -> None:
    left(house)
    assert notices_of(house.database, "goodbye") == []


def test_a_last_mail_goes_once_to_who_read_and_not_to_who_never_confirmed(
    database: Database, tmp_path: Path
) -> None:
    polite = f"{SCHEDULE}\n[readers]\ngoodbye = true\n"
    house = make_house(database, tmp_path, schedule=polite)
    left(house)
    add(house, "bob@example.net", confirmed=False)
    visitor(house).post(leave_path(house, CAROL))
    visitor(house).post(leave_path(house, "bob@example.net"))
    (goodbye,) = notices_of(house.database, "goodbye")
    assert goodbye.address == CAROL
    assert goodbye.data == {"again_url": f"{house.public_url}/n/sunday"}


def test_who_takes_a_leaving_back_gets_no_goodbye(database: Database, tmp_path: Path) -> None:
    house = make_house(database, tmp_path, schedule=f"{SCHEDULE}\n[readers]\ngoodbye = true\n")
    path, proof = left(house)
    with database.read() as session:
        assert not notices.any_due(session, owner="me", now=house.clock())
    visitor(house).post(f"{path}/undo", data={"undo": proof})
    assert notices_of(database, "goodbye") == []
    visitor(house).post(path)
    later(house, minutes=2)
    with database.read() as session:
        assert notices.any_due(session, owner="me", now=house.clock())


def test_a_link_to_a_newsletter_that_is_gone_still_leaves(house: House) -> None:
    add(house, CAROL, confirmed=True)
    path = leave_path(house, CAROL)
    empty = dataclasses.replace(house, schedules={})
    client = visitor(empty)
    assert client.get(path).status_code == 200
    page = client.post(path)
    assert page.status_code == 200
    undone = client.post(f"{path}/undo", data={"undo": field(page.text, "undo")})
    assert "All is as before" in undone.text
    client.post(path)
    with house.database.read() as session:
        found = subscribers.by_address(session, CAROL)
        assert found is not None
        assert subscribers.newsletters(session, found.id) == []


def test_a_proof_of_another_key_is_forged() -> None:
    at = MONDAY
    token = tokens.undo_token(b"a" * 32, "sunday", "handle", at=at)
    assert tokens.read_undo_token(b"a" * 32, "sunday", "handle", token) == at
    assert tokens.read_undo_token(b"b" * 32, "sunday", "handle", token) is None
    assert tokens.read_undo_token(b"a" * 32, "monday", "handle", token) is None


def test_who_comes_back_and_leaves_again_may_say_why_again(house: House) -> None:
    path, _ = left(house)
    client = visitor(house)
    client.post(f"{path}/reason", data={"reason": "too-long"})
    later(house, hours=1)
    add(house, CAROL, confirmed=True)
    with house.database.read() as session:
        assert leaving.reasons(session, "sunday") == {}
    client.post(path)
    client.post(f"{path}/reason", data={"reason": "other"})
    with house.database.read() as session:
        assert leaving.reasons(session, "sunday") == {"other": 1}
