"""Readers found at the desk: by whatever is asked, page after page, none twice and none left out."""

from __future__ import annotations

import pytest
from sqlalchemy import update

from digest.audience import addresses
from digest.audience.tokens import address_hash
from digest.model import SubscriptionStatus
from digest.segments import Slice, Tag
from digest.store import reader_search, subscribers, suppressions
from digest.store.engine import Database
from digest.store.reader_search import Page, Wanted
from digest.store.tables import SubscriberRow, SubscriptionRow
from tests.people import ALICE, BOB, CAROL, DAVE, KEY, NOW, confirmed, everybody


def find(database: Database, **wanted: object) -> list[str]:
    return [one.address for one in page(database, **wanted).readers]


def page(
    database: Database, *, before: int | None = None, size: int = 50, **wanted: object
) -> Page:
    with database.read() as session:
        asked = Wanted(**wanted)  # type: ignore[arg-type]
        return reader_search.page(session, asked, at=NOW, before=before, size=size)


def name(database: Database, subscriber_id: int, spelled: str) -> None:
    with database.write() as session:
        mine = update(SubscriberRow).where(SubscriberRow.id == subscriber_id)  # type: ignore[arg-type]
        session.execute(mine.values(name=spelled))


def test_everybody_is_found_the_newest_first_with_where_they_stand(database: Database) -> None:
    everybody(database)
    found = page(database).readers
    assert [one.address for one in found] == [DAVE, CAROL, BOB, ALICE]
    stands = [str(one.stands["sunday"]) for one in found]
    assert stands == ["confirmed", "unsubscribed", "pending", "confirmed"]
    assert [one.suppressed for one in found] == ["complaint", "", "", ""]
    assert {one.came for one in found} == {"form"}


def test_a_part_of_an_address_or_of_a_name_is_enough_in_any_case(database: Database) -> None:
    people = everybody(database)
    name(database, people.bob, "Réa McDÖNALD")
    assert find(database, words=("ALICE@read",)) == [ALICE]
    assert find(database, words=("mcd",)) == [BOB]
    for spelled in ("réa", "RÉA", "Réa"):
        assert find(database, words=(spelled,)) == [BOB], spelled
    assert find(database, words=("bob", "mcd")) == [BOB], "each word, wherever it stands"
    assert find(database, words=("bob", "alice")) == []
    assert find(database, words=("bob@",), in_addresses=False) == []


@pytest.mark.parametrize("word", ["%", "_", "/", "\\", "'", '"', "a%e", "b_b"])
def test_signs_of_patterns_are_plain_letters(database: Database, word: str) -> None:
    people = everybody(database)
    assert find(database, words=(word,)) == []
    name(database, people.carol, f"Her {word} name")
    assert find(database, words=(word,)) == [CAROL]


def test_a_whole_address_finds_its_reader_however_it_is_spelled(database: Database) -> None:
    everybody(database)
    assert find(database, key=addresses.parse("Alice+news@Reader.example").key) == [ALICE]
    assert find(database, key="nobody@reader.example") == []


def test_standing_is_asked_of_one_newsletter_or_of_any(database: Database) -> None:
    everybody(database)
    with database.write() as session:
        confirmed(session, CAROL, newsletter="sport")
    there = {"status": SubscriptionStatus.CONFIRMED}
    assert find(database, newsletter="sunday", **there) == [DAVE, ALICE]
    assert find(database, **there) == [DAVE, CAROL, ALICE]
    assert find(database, newsletter="sport") == [CAROL]
    assert find(database, newsletter="monday") == []
    assert find(database, status=SubscriptionStatus.PENDING) == [BOB]


def test_who_is_suppressed_now_is_found_and_who_was_is_not(database: Database) -> None:
    everybody(database)
    assert find(database, suppressed=True) == [DAVE]
    with database.write() as session:
        hashed = address_hash(KEY, addresses.parse(DAVE).key)
        suppressions.lift(session, [hashed], ["complaint"], now=NOW)
    assert find(database, suppressed=True) == []


def test_the_way_they_came_is_asked(database: Database) -> None:
    everybody(database)
    with database.write() as session:
        erin = addresses.parse("erin@reader.example")
        rows = [(erin, "Erin")]
        subscribers.import_confirmed(session, "sunday", rows, key=KEY, now=NOW)
    assert find(database, method="import") == [erin.address]
    assert find(database, method="import", newsletter="sunday") == [erin.address]
    assert find(database, method="import", newsletter="sport") == []
    assert find(database, method="form", status=SubscriptionStatus.PENDING) == [BOB]


def test_a_segment_is_asked_of_its_newsletter(database: Database) -> None:
    people = everybody(database)
    with database.write() as session:
        mine = SubscriptionRow.subscriber_id == people.alice
        session.execute(update(SubscriptionRow).where(mine).values(tags="early\nblue"))  # type: ignore[arg-type]
    blue = Slice(Tag("blue"), "Europe/London", "en")
    assert find(database, newsletter="sunday", only=blue) == [ALICE]
    assert find(database, newsletter="sunday", only=blue, words=("bob",)) == []


def test_pages_follow_each_other_without_a_gap_and_without_a_double(database: Database) -> None:
    with database.write() as session:
        for number in range(23):
            confirmed(session, f"reader{number}@mail{number % 3}.example")
    for wanted in ({}, {"words": ("mail1",)}, {"newsletter": "sunday"}):
        whole, seen, before = find(database, **wanted), [], None
        while True:
            found = page(database, before=before, size=5, **wanted)
            seen += [one.address for one in found.readers]
            before = found.before
            if before is None:
                break
        assert seen == whole, wanted


def test_a_new_reader_moves_no_page(database: Database) -> None:
    with database.write() as session:
        for number in range(12):
            confirmed(session, f"reader{number}@mail.example")
    first = page(database, size=5)
    with database.write() as session:
        confirmed(session, "late@mail.example")
    second = page(database, size=5, before=first.before)
    assert [one.address for one in second.readers] == find(database)[6:11]


def test_whoever_loses_patience_goes_on_where_it_ended(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reader_search, "FIRST", 4)
    monkeypatch.setattr(reader_search, "WINDOW", 8)
    with database.write() as session:
        for number in range(20):
            confirmed(session, f"reader{number:02}@mail.example")
    wanted = Wanted(words=("reader00",))
    with database.read() as session:
        found = reader_search.page(session, wanted, at=NOW, patient=lambda: False)
        assert (found.readers, found.short) == ([], True)
        rest = reader_search.page(session, wanted, at=NOW, before=found.before)
    assert [one.address for one in rest.readers] == ["reader00@mail.example"]
    assert (rest.before, rest.short) == (None, False)


def test_an_empty_house_has_an_empty_page(database: Database) -> None:
    assert page(database) == Page([], None)
    assert page(database, before=7) == Page([], None)
