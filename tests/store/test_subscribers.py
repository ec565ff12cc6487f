"""Readers: asked, confirmed, left; who was confirmed at a moment is answered once and for ever."""

from __future__ import annotations

import datetime as dt
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import func, select

from digest.audience import addresses
from digest.audience.tokens import address_hash
from digest.model import SubscriberId, SubscriptionStatus
from digest.store import consents, subscribers, suppressions
from digest.store.engine import Database
from digest.store.subscribers import Asked, Imported
from digest.store.tables import MembershipRow, SubscriberRow
from tests.people import ALICE, BOB, CAROL, DAVE, DAY, KEY, NEWSLETTER, NOW, everybody

PENDING, CONFIRMED, UNSUBSCRIBED = SubscriptionStatus
HOUR = dt.timedelta(hours=1)


def ask(
    database: Database, raw: str, *, now: dt.datetime = NOW, newsletter: str = NEWSLETTER
) -> Asked:
    address = addresses.parse(raw)
    with database.write() as session:
        return subscribers.ask(
            session,
            newsletter,
            address,
            address_hash=address_hash(KEY, address.key),
            now=now,
            method="form",
            network="192.0.2.0/24",
            wording="Yes, every Sunday.",
            language="en",
        )


def confirm(database: Database, who: SubscriberId, *, now: dt.datetime = NOW) -> bool:
    with database.write() as session:
        return subscribers.confirm(session, who, NEWSLETTER, now=now, method="form")


def leave(database: Database, who: SubscriberId, *, now: dt.datetime = NOW) -> bool:
    with database.write() as session:
        return subscribers.leave(session, who, NEWSLETTER, now=now, method="one-click")


def standing(database: Database, who: SubscriberId) -> SubscriptionStatus | None:
    with database.read() as session:
        return subscribers.status(session, who, NEWSLETTER)


def spans(database: Database, who: SubscriberId) -> list[tuple[dt.datetime, dt.datetime | None]]:
    asked = select(MembershipRow).where(MembershipRow.subscriber_id == who)  # type: ignore[arg-type]
    with database.read() as session:
        return [(m.since, m.until) for m in session.scalars(asked.order_by("id"))]


def evidence(database: Database, who: SubscriberId) -> list[tuple[str, str, str]]:
    with database.read() as session:
        return [(line.kind, line.method, line.words) for line in consents.of(session, who)]


def test_the_five_people_stand_where_their_names_say(database: Database) -> None:
    people = everybody(database)
    assert standing(database, people.alice) is CONFIRMED
    assert standing(database, people.bob) is PENDING
    assert standing(database, people.carol) is UNSUBSCRIBED
    with database.read() as session:
        hashed = address_hash(KEY, DAVE)
        assert suppressions.is_suppressed(session, hashed, at=NOW)
        assert subscribers.counts(session, NEWSLETTER) == {
            PENDING: 1,
            CONFIRMED: 2,
            UNSUBSCRIBED: 1,
        }
        assert subscribers.counts(session, "other") == dict.fromkeys(SubscriptionStatus, 0)


def test_asking_is_pending_until_confirmed_and_leaves_evidence(database: Database) -> None:
    asked = ask(database, ALICE)
    assert asked.outcome == "new"
    assert standing(database, asked.subscriber_id) is PENDING
    assert spans(database, asked.subscriber_id) == []
    assert confirm(database, asked.subscriber_id, now=NOW + HOUR)
    assert standing(database, asked.subscriber_id) is CONFIRMED
    assert spans(database, asked.subscriber_id) == [(NOW + HOUR, None)]
    assert evidence(database, asked.subscriber_id) == [
        ("asked", "form", "Yes, every Sunday."),
        ("confirmed", "form", "Yes, every Sunday."),
    ]


def test_asking_again_tells_where_one_stands_and_adds_no_evidence(database: Database) -> None:
    first = ask(database, ALICE)
    assert ask(database, "Alice+tag@Reader.example") == Asked(first.subscriber_id, "pending")
    confirm(database, first.subscriber_id)
    assert ask(database, ALICE) == Asked(first.subscriber_id, "confirmed")
    assert len(evidence(database, first.subscriber_id)) == 2


def test_a_suppressed_address_leaves_no_row(database: Database) -> None:
    with database.write() as session:
        suppressions.add(session, address_hash(KEY, DAVE), reason="complaint", now=NOW)
    assert ask(database, DAVE) == Asked(SubscriberId(0), "suppressed")
    with database.read() as session:
        assert session.scalar(select(func.count()).select_from(SubscriberRow)) == 0


def test_until_confirmed_mail_goes_to_the_spelling_asked_for_last(database: Database) -> None:
    first = ask(database, "alice+one@reader.example")
    ask(database, "Alice@reader.example")
    with database.read() as session:
        found = subscribers.by_address(session, ALICE)
        assert found is not None
        assert found.address == "Alice@reader.example"
    confirm(database, first.subscriber_id)
    ask(database, "alice+two@reader.example", newsletter="other")
    with database.read() as session:
        found = subscribers.by_address(session, ALICE)
        assert found is not None
        assert found.address == "Alice@reader.example"


def test_confirming_twice_is_once(database: Database) -> None:
    who = ask(database, ALICE).subscriber_id
    assert confirm(database, who)
    assert not confirm(database, who, now=NOW + HOUR)
    assert spans(database, who) == [(NOW, None)]


def test_who_left_before_confirming_is_not_confirmed_by_an_old_link(database: Database) -> None:
    who = ask(database, ALICE).subscriber_id
    assert leave(database, who)
    assert not confirm(database, who)
    assert spans(database, who) == []


def test_leaving_twice_is_once_and_closes_the_span(database: Database) -> None:
    who = everybody(database).alice
    assert leave(database, who)
    assert not leave(database, who, now=NOW + HOUR)
    assert standing(database, who) is UNSUBSCRIBED
    assert spans(database, who) == [(NOW - 29 * DAY, NOW)]
    assert evidence(database, who)[-1] == ("left", "one-click", "")


def test_who_comes_back_confirms_again_and_gets_a_second_span(database: Database) -> None:
    who = everybody(database).carol
    assert ask(database, CAROL).outcome == "new"
    assert standing(database, who) is PENDING
    assert confirm(database, who, now=NOW + HOUR)
    assert spans(database, who) == [(NOW - 29 * DAY, NOW - DAY), (NOW + HOUR, None)]


def test_a_clock_set_back_makes_no_span_end_before_it_began_and_none_overlap(
    database: Database,
) -> None:
    who = ask(database, ALICE).subscriber_id
    confirm(database, who, now=NOW)
    leave(database, who, now=NOW - HOUR)
    ask(database, ALICE, now=NOW - HOUR)
    confirm(database, who, now=NOW - HOUR)
    assert spans(database, who) == [(NOW, NOW), (NOW, None)]


def test_many_processes_asking_for_one_address_make_one_reader(database: Database) -> None:
    others = [Database(database.url) for _ in range(4)]
    with ThreadPoolExecutor(len(others)) as pool:
        found = list(pool.map(lambda one: ask(one, ALICE), others))
    for one in others:
        one.close()
    assert len({asked.subscriber_id for asked in found}) == 1
    assert sorted(asked.outcome for asked in found) == ["new", "pending", "pending", "pending"]
    assert len(evidence(database, found[0].subscriber_id)) == 1


def test_many_processes_confirming_make_one_span(database: Database) -> None:
    who = ask(database, ALICE).subscriber_id
    others = [Database(database.url) for _ in range(4)]
    with ThreadPoolExecutor(len(others)) as pool:
        won = list(pool.map(lambda one: confirm(one, who), others))
    for one in others:
        one.close()
    assert sum(won) == 1
    assert len(spans(database, who)) == 1


def test_a_reader_is_found_by_handle_and_by_address(database: Database) -> None:
    everybody(database)
    with database.read() as session:
        alice = subscribers.by_address(session, ALICE)
        assert alice is not None
        assert len(alice.handle) == 22
        assert subscribers.by_handle(session, alice.handle) == alice
        assert subscribers.by_handle(session, "0" * 22) is None
        assert subscribers.by_address(session, "nobody@reader.example") is None
        assert subscribers.status(session, SubscriberId(99), NEWSLETTER) is None


# ---------------------------------------------------------------- import


def take_over(
    database: Database, *raws: str, newsletter: str = NEWSLETTER, now: dt.datetime = NOW
) -> Imported:
    rows = [(addresses.parse(raw), raw.partition("@")[0].title()) for raw in raws]
    with database.write() as session:
        return subscribers.import_confirmed(
            session, newsletter, rows, key=KEY, now=now, wording="moved from the old system"
        )


def test_an_import_makes_confirmed_readers_with_evidence(database: Database) -> None:
    assert take_over(database, "frank@reader.example", "grace@reader.example") == Imported(new=2)
    with database.read() as session:
        frank = subscribers.by_address(session, "frank@reader.example")
        assert subscribers.counts(session, NEWSLETTER)[CONFIRMED] == 2
    assert frank is not None
    assert frank.name == "Frank"
    assert spans(database, frank.id) == [(NOW, None)]
    assert evidence(database, frank.id) == [("imported", "import", "moved from the old system")]


def test_an_import_revives_nobody(database: Database) -> None:
    people = everybody(database)
    found = take_over(database, ALICE, BOB, CAROL, DAVE, "frank@reader.example")
    assert found == Imported(new=1, known=3, suppressed=1)
    assert standing(database, people.bob) is PENDING
    assert standing(database, people.carol) is UNSUBSCRIBED
    assert len(spans(database, people.carol)) == 1


def test_one_person_twice_in_a_file_is_one_reader_and_the_first_line_counts(
    database: Database,
) -> None:
    found = take_over(database, "frank@reader.example", "Frank+news@reader.example")
    assert found == Imported(new=1, known=1)
    with database.read() as session:
        frank = subscribers.by_address(session, "frank@reader.example")
    assert frank is not None
    assert frank.address == "frank@reader.example"


def test_an_import_for_another_newsletter_uses_the_same_person(database: Database) -> None:
    people = everybody(database)
    assert take_over(database, ALICE, newsletter="other") == Imported(new=1)
    with database.read() as session:
        assert subscribers.status(session, people.alice, "other") is CONFIRMED
        assert session.scalar(select(func.count()).select_from(SubscriberRow)) == 4


def test_an_import_longer_than_a_chunk_takes_everybody_once(sqlite: Database) -> None:
    rows = [(addresses.Address(f"r{n}@r.example", f"r{n}@r.example"), "") for n in range(4500)]
    for expected in (Imported(new=4500), Imported(known=4500)):
        with sqlite.write() as session:
            found = subscribers.import_confirmed(session, NEWSLETTER, rows, key=KEY, now=NOW)
        assert found == expected
    with sqlite.read() as session:
        assert subscribers.counts(session, NEWSLETTER)[CONFIRMED] == 4500


def test_two_imports_at_once_take_everybody_once(database: Database) -> None:
    raws = [f"r{n}@reader.example" for n in range(50)]
    others = [Database(database.url) for _ in range(3)]
    with ThreadPoolExecutor(len(others)) as pool:
        found = sum(pool.map(lambda one: take_over(one, *raws), others), Imported())
    for one in others:
        one.close()
    assert found == Imported(new=50, known=100)
    with database.read() as session:
        assert session.scalar(select(func.count()).select_from(MembershipRow)) == 50


def test_an_empty_import_is_nothing(sqlite: Database) -> None:
    assert take_over(sqlite) == Imported()


@pytest.mark.parametrize("length", [199, 200, 250])
def test_a_long_name_is_cut(database: Database, length: int) -> None:
    row = (addresses.parse(ALICE), "x" * length)
    with database.write() as session:
        subscribers.import_confirmed(session, NEWSLETTER, [row], key=KEY, now=NOW)
        found = subscribers.by_address(session, ALICE)
    assert found is not None
    assert len(found.name) == min(length, 200)
