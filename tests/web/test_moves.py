"""Another address: the new one confirms, the old one is told and can take it back."""

from __future__ import annotations

import pytest
from sqlalchemy import update

from digest.audience import tokens
from digest.audience.addresses import parse
from digest.bootstrap import House
from digest.model import Cadence, Preferences
from digest.store import audiences, preferences, subscribers, suppressions
from digest.store.tables import SubscriptionRow
from tests.queue_of import notices_of
from tests.web.people import later, visitor
from tests.web.test_preferences import chosen, preferences_path
from tests.web.test_public import add, leave_path

ALICE, NEW = "alice@example.net", "alice@example.org"


def ask(house: House, to: str = NEW) -> str:
    """Alice asks on her page; the answer."""
    path = preferences_path(house, ALICE)
    return visitor(house).post(f"{path}/address", data={"address": to}).text


def link(house: House, kind: str, name: str) -> str:
    """The newest mailed link of a kind."""
    return str(notices_of(house.database, kind)[-1].data[name]).removeprefix(house.public_url)


def confirm_link(house: House) -> str:
    return link(house, "moved", "confirm_url")


def stop_link(house: House) -> str:
    return link(house, "moving", "stop_url")


def mailed(house: House) -> set[str]:
    """Who the next issue would go to."""
    with house.database.read() as session:
        ids = [i for part in audiences.at(session, "sunday", house.clock(), size=9) for i in part]
        found = audiences.readers(session, "sunday", ids, now=house.clock())  # type: ignore[arg-type]
    return {reader.address for reader in found.values()}


def test_both_addresses_are_written_to_and_nothing_moves_before_the_button(house: House) -> None:
    add(house, ALICE, confirmed=True)
    assert "A mail is on its way" in ask(house)
    assert [n.address for n in notices_of(house.database, "moved")] == [NEW]
    assert [n.address for n in notices_of(house.database, "moving")] == [ALICE]
    client = visitor(house)
    assert client.get(confirm_link(house)).status_code == 200
    assert client.get(stop_link(house)).status_code == 200
    assert mailed(house) == {ALICE}


def test_the_new_address_confirms_and_has_the_choices_of_the_old_one(house: House) -> None:
    who = add(house, ALICE, confirmed=True)
    wanted = Preferences(name="Alice", language="de", cadence=Cadence.BIG)
    with house.database.write() as session:
        preferences.keep(session, who, "sunday", wanted, now=house.clock())
    ask(house)
    later(house, hours=1)
    client, path = visitor(house), confirm_link(house)
    assert "We write to you here from now on" in client.post(path).text
    assert mailed(house) == {NEW}
    assert chosen(house, NEW) == wanted
    assert "done already" in client.post(path).text
    assert "done already" in client.get(path).text


def test_at_every_moment_exactly_one_of_both_is_mailed(house: House) -> None:
    add(house, ALICE, confirmed=True)
    ask(house)
    before = house.clock()
    later(house, hours=1)
    visitor(house).post(confirm_link(house))
    for moment in (before, house.clock()):
        with house.database.read() as session:
            assert [len(x) for x in audiences.at(session, "sunday", moment, size=9)] == [1]


def test_the_old_address_stops_it_before(house: House) -> None:
    add(house, ALICE, confirmed=True)
    ask(house)
    client = visitor(house)
    assert "All stays as it was" in client.post(stop_link(house)).text
    assert client.post(confirm_link(house)).status_code == 404
    assert mailed(house) == {ALICE}


def test_the_old_address_takes_it_back_for_two_weeks(house: House) -> None:
    add(house, ALICE, confirmed=True)
    ask(house)
    later(house, hours=1)
    visitor(house).post(confirm_link(house))
    later(house, days=13)
    assert "All stays as it was" in visitor(house).post(stop_link(house)).text
    assert mailed(house) == {ALICE}
    assert "done already" in visitor(house).get(stop_link(house)).text


def test_after_two_weeks_it_stays(house: House) -> None:
    add(house, ALICE, confirmed=True)
    ask(house)
    visitor(house).post(confirm_link(house))
    later(house, days=14, seconds=1)
    assert visitor(house).post(stop_link(house)).status_code == 404
    assert mailed(house) == {NEW}


def test_who_left_at_the_new_address_is_not_brought_back_at_the_old_one(house: House) -> None:
    add(house, ALICE, confirmed=True)
    ask(house)
    visitor(house).post(confirm_link(house))
    visitor(house).post(leave_path(house, NEW))
    told = visitor(house).post(stop_link(house)).text
    assert mailed(house) == set()
    assert "comes to this address" not in told
    assert "there is nothing left to do" in told


def test_a_link_in_an_old_mail_still_leaves_after_the_move(house: House) -> None:
    add(house, ALICE, confirmed=True)
    old = leave_path(house, ALICE)
    ask(house)
    visitor(house).post(confirm_link(house))
    assert "You have left" in visitor(house).post(old).text
    assert mailed(house) == set()


def test_the_old_link_to_the_choices_opens_nothing_any_more(house: House) -> None:
    add(house, ALICE, confirmed=True)
    path = preferences_path(house, ALICE)
    ask(house)
    visitor(house).post(confirm_link(house))
    assert visitor(house).get(path).status_code == 404


def test_there_and_back_again(house: House) -> None:
    add(house, ALICE, confirmed=True)
    ask(house)
    visitor(house).post(confirm_link(house))
    later(house, days=1)
    path = preferences_path(house, NEW)
    visitor(house).post(f"{path}/address", data={"address": ALICE})
    visitor(house).post(confirm_link(house))
    assert mailed(house) == {ALICE}
    visitor(house).post(leave_path(house, NEW))
    assert mailed(house) == set()


@pytest.mark.parametrize("known", ["pending", "confirmed", "left"])
def test_a_new_address_that_is_known_already_is_mailed_once(house: House, known: str) -> None:
    add(house, ALICE, confirmed=True)
    add(house, NEW, confirmed=known != "pending")
    if known == "left":
        visitor(house).post(leave_path(house, NEW))
    told = ask(house)
    assert "A mail is on its way" in told
    visitor(house).post(confirm_link(house))
    assert mailed(house) == {NEW}


def test_a_suppressed_address_is_not_written_to_and_the_answer_is_the_same(house: House) -> None:
    add(house, ALICE, confirmed=True)
    hashed = tokens.address_hash(house.key, parse("dave@example.org").key)
    with house.database.write() as session:
        suppressions.add(session, hashed, reason="complaint", now=house.clock())
    assert ask(house, "dave@example.org") == ask(house, "erin@example.org")
    assert [n.address for n in notices_of(house.database, "moved")] == ["erin@example.org"]


def test_a_second_wish_takes_the_place_of_the_first(house: House) -> None:
    add(house, ALICE, confirmed=True)
    ask(house)
    first = confirm_link(house)
    ask(house, "other@example.org")
    assert visitor(house).post(first).status_code == 404
    assert visitor(house).post(confirm_link(house)).status_code == 200
    assert mailed(house) == {"other@example.org"}


def test_who_left_in_between_is_not_moved(house: House) -> None:
    add(house, ALICE, confirmed=True)
    ask(house)
    visitor(house).post(leave_path(house, ALICE))
    visitor(house).post(confirm_link(house))
    assert mailed(house) == set()


@pytest.mark.parametrize("to", ["alice", "", ALICE, "Alice+news@example.net"])
def test_what_is_no_other_address_is_told_so(house: House, to: str) -> None:
    add(house, ALICE, confirmed=True)
    assert 'aria-invalid="true"' in ask(house, to)
    assert notices_of(house.database, "moving") == []


def test_nobody_is_written_to_without_end(house: House) -> None:
    add(house, ALICE, confirmed=True)
    for n in range(9):
        ask(house, f"victim{n}@example.org")
    assert len(notices_of(house.database, "moved")) == 6
    with house.database.read() as session:
        assert subscribers.by_address(session, "victim0@example.org") is None


def comes_back(house: House, address: str) -> None:
    """Who left asks anew and confirms."""
    later(house, hours=1)
    add(house, address, confirmed=True)


def test_who_moved_and_subscribes_anew_at_the_old_address_leaves_that_one(house: House) -> None:
    add(house, ALICE, confirmed=True)
    ask(house)
    visitor(house).post(confirm_link(house))
    comes_back(house, ALICE)
    assert mailed(house) == {ALICE, NEW}
    assert "You have left" in visitor(house).post(leave_path(house, ALICE)).text
    assert mailed(house) == {NEW}


def test_what_the_house_knew_of_a_reader_goes_with_them(house: House) -> None:
    who = add(house, ALICE, confirmed=True)
    joined = house.clock()
    row = SubscriptionRow
    values = {"tags": "vip", "first_sections": "Sport"}
    with house.database.write() as session:
        session.execute(update(row).where(row.subscriber_id == who).values(**values))  # type: ignore[arg-type]
    later(house, days=3)
    ask(house)
    visitor(house).post(confirm_link(house))
    with house.database.read() as session:
        new = subscribers.by_address(session, NEW)
        assert new is not None
        found = session.get(row, (new.id, "sunday"))
        assert found is not None
        kept = found.tags, found.first_sections, found.asked_at
    assert kept == ("vip", "Sport", joined)


def test_the_old_address_takes_it_back_from_who_moved_further(house: House) -> None:
    add(house, ALICE, confirmed=True)
    ask(house)
    stop = stop_link(house)
    visitor(house).post(confirm_link(house))
    further = preferences_path(house, NEW)
    visitor(house).post(f"{further}/address", data={"address": "mallory@example.com"})
    visitor(house).post(confirm_link(house))
    assert mailed(house) == {"mallory@example.com"}
    visitor(house).post(stop)
    assert mailed(house) == {ALICE}


def test_who_read_before_somebody_moved_to_them_goes_on_when_it_is_taken_back(house: House) -> None:
    add(house, ALICE, confirmed=True)
    add(house, NEW, confirmed=True)
    later(house, days=1)
    ask(house)
    visitor(house).post(confirm_link(house))
    visitor(house).post(stop_link(house))
    assert mailed(house) == {ALICE, NEW}


def test_a_move_taken_back_after_moving_back_changes_nothing(house: House) -> None:
    add(house, ALICE, confirmed=True)
    ask(house)
    stop = stop_link(house)
    visitor(house).post(confirm_link(house))
    later(house, days=1)
    path = preferences_path(house, NEW)
    visitor(house).post(f"{path}/address", data={"address": ALICE})
    visitor(house).post(confirm_link(house))
    visitor(house).post(stop)
    assert mailed(house) == {ALICE}


def test_an_address_that_was_forgotten_may_be_moved_to(house: House) -> None:
    add(house, ALICE, confirmed=True)
    hashed = tokens.address_hash(house.key, parse(NEW).key)
    with house.database.write() as session:
        suppressions.add(session, hashed, reason=suppressions.ERASED, now=house.clock())
    later(house, hours=1)
    ask(house)
    visitor(house).post(confirm_link(house))
    assert mailed(house) == {NEW}


def test_nobody_is_told_that_they_are_mailed_where_the_old_address_has_left(house: House) -> None:
    add(house, ALICE, confirmed=True)
    ask(house)
    visitor(house).post(leave_path(house, ALICE))
    answer = visitor(house).post(confirm_link(house))
    assert answer.status_code == 404
    assert "This link no longer works" in answer.text


def test_an_old_mail_brings_the_choices_to_the_new_address(house: House) -> None:
    add(house, ALICE, confirmed=True)
    old = leave_path(house, ALICE)
    ask(house)
    visitor(house).post(confirm_link(house))
    visitor(house).post(f"{old}/choices")
    assert [n.address for n in notices_of(house.database, "preferences")] == [NEW]
