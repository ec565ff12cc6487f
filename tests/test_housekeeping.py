"""What is kept no longer goes, once a night; who is still needed stays."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from sqlalchemy import func, select

from digest import housekeeping
from digest.audience import tokens
from digest.audience.addresses import parse
from digest.bootstrap import House
from digest.model import DeliveryState
from digest.store import deliveries, leaving, notices, sends, subscribers, suppressions
from digest.store import tokens as stored_tokens
from digest.store.deliveries import Delivery
from digest.store.engine import Database
from digest.store.tables import DeliveryRow, NoticeRow, SubscriberRow, TokenRow
from tests.delivery.sundays import put_frozen, send_of
from tests.houses import SCHEDULE, make_house
from tests.web.people import later, visitor
from tests.web.test_public import add, leave_path

DAY = dt.timedelta(days=1)


@pytest.fixture
def house(database: Database, tmp_path: Path) -> House:
    return make_house(database, tmp_path)


def night(house: House) -> bool:
    return housekeeping.each_night(
        house.database, house.schedules, key=house.key, now=house.clock()
    )


def known(house: House) -> set[str]:
    with house.database.read() as session:
        return set(session.scalars(select(SubscriberRow.address)))


def count(house: House, table: type) -> int:
    with house.database.read() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def test_who_never_confirmed_is_forgotten_after_a_month(house: House) -> None:
    add(house, "bob@example.net", confirmed=False)
    add(house, "alice@example.net", confirmed=True)
    later(house, days=30)
    night(house)
    assert known(house) == {"alice@example.net", "bob@example.net"}
    later(house, days=1, seconds=1)
    night(house)
    assert known(house) == {"alice@example.net"}
    hashed = tokens.address_hash(house.key, parse("bob@example.net").key)
    with house.database.read() as session:
        assert suppressions.reasons(session, hashed, at=house.clock()) == []


def test_who_left_is_forgotten_after_two_years_and_never_brought_back_by_an_import(
    house: House,
) -> None:
    add(house, "carol@example.net", confirmed=True)
    visitor(house).post(leave_path(house, "carol@example.net"))
    later(house, days=729)
    night(house)
    assert known(house) == {"carol@example.net"}
    later(house, days=2)
    night(house)
    assert known(house) == set()
    with house.database.write() as session:
        done = subscribers.import_confirmed(
            session, "sunday", [(parse("carol@example.net"), "")], key=house.key, now=house.clock()
        )
    assert done.suppressed == 1


def test_where_the_schedule_says_so_nobody_is_forgotten(database: Database, tmp_path: Path) -> None:
    for_good = f"{SCHEDULE}\n[keep]\npending = 0\nleft = 0\n"
    house = make_house(database, tmp_path, schedule=for_good)
    add(house, "bob@example.net", confirmed=False)
    later(house, days=3000)
    night(house)
    assert known(house) == {"bob@example.net"}


def test_who_is_something_to_another_newsletter_or_moved_on_stays(house: House) -> None:
    bob = add(house, "bob@example.net", confirmed=False)
    carol = add(house, "carol@example.net", confirmed=True)
    with house.database.write() as session:
        subscribers.ask(
            session,
            "monday",
            parse("bob@example.net"),
            address_hash=tokens.address_hash(house.key, "bob@example.net"),
            now=house.clock(),
            method="form",
        )
        subscribers.leave(session, carol, "sunday", now=house.clock(), method="move")
        leaving.go_on_as(session, carol, "sunday", bob)
    later(house, days=3000)
    night(house)
    assert known(house) == {"bob@example.net", "carol@example.net"}


def test_it_is_done_once_a_day(house: House) -> None:
    assert night(house)
    assert not night(house)
    later(house, hours=25)
    assert night(house)


def test_settled_notices_and_ended_tokens_go_and_waiting_ones_stay(house: House) -> None:
    now = house.clock()
    with house.database.write() as session:
        for n in (1, 2):
            notices.queue(
                session,
                kind="login",
                newsletter="sunday",
                address="e@example.net",
                dedupe=str(n),
                data={},
                now=now,
            )
        (first, _) = notices.claim(session, owner="o", now=now)
        notices.settle(session, first, DeliveryState.ACCEPTED, reply="250")
        for days in (1, 300):
            stored_tokens.issue(session, purpose="x", subject=1, now=now, lifetime=days * DAY)
    later(house, days=91)
    night(house)
    assert count(house, NoticeRow) == 1
    assert count(house, TokenRow) == 1


def test_of_a_relays_words_the_code_stays_once_a_send_is_long_over(house: House) -> None:
    issue = put_frozen(house, ["alice@example.net"])
    send = send_of(house, issue).id
    refused = Delivery(
        subscriber_id=1,
        state=DeliveryState.FAILED,
        attempts=1,
        at=house.clock(),
        reply="550 <alice@example.net> is unknown",
    )
    with house.database.write() as session:
        deliveries.put(session, send, [refused])
    later(house, days=200)
    night(house)
    assert _reply(house).startswith("550 <alice")
    with house.database.write() as session:
        sends.close(session, send, now=house.clock())
    later(house, days=181)
    night(house)
    assert _reply(house) == "550"


def _reply(house: House) -> str:
    with house.database.read() as session:
        return session.scalars(select(DeliveryRow.reply)).one() or ""  # type: ignore[call-overload]
