"""One reader's history: every kind of thing that may happen, in its order."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from digest.audience import addresses, imports
from digest.audience.imports import Plan
from digest.audience.tokens import address_hash
from digest.bootstrap import House
from digest.model import Cadence, DeliveryState, Preferences, Report, ReportKind, SubscriberId
from digest.store import (
    consents,
    deliveries,
    histories,
    leaving,
    moves,
    preferences,
    reports,
    sends,
    subscribers,
    suppressions,
)
from digest.store.deliveries import Delivery
from digest.store.engine import Database
from digest.store.histories import What
from tests.houses import make_house
from tests.people import ALICE, DAY, KEY, NEWSLETTER, NOW, confirmed
from tests.web.people import freeze_draft, put_draft

MINUTE = dt.timedelta(minutes=1)
HASH = address_hash(KEY, addresses.parse(ALICE).key)


@pytest.fixture
def house(database: Database, tmp_path: Path) -> House:
    return make_house(database, tmp_path)


def history(database: Database, reader: int) -> list[tuple[str, str]]:
    with database.read() as session:
        return [(one.what.value, one.word) for one in histories.of(session, reader)]


def test_all_that_happens_stands_in_one_line_the_newest_first(database: Database) -> None:
    with database.write() as session:
        alice = confirmed(session, ALICE)
        wanted = Preferences(cadence=Cadence.BIG, snoozed_until=NOW + DAY)
        preferences.keep(session, alice, NEWSLETTER, wanted, now=NOW)
        consents.note(session, alice, NEWSLETTER, "changed", at=NOW, method="page")
        suppressions.add(session, HASH, reason="soft_bounce", now=NOW + MINUTE, detail="full")
        suppressions.lift(session, [HASH], ["soft_bounce"], now=NOW + 2 * MINUTE)
        moves.open_one(session, alice, NEWSLETTER, "new@reader.example", now=NOW + 3 * MINUTE)
        subscribers.leave(session, alice, NEWSLETTER, now=NOW + 4 * MINUTE, method="one-click")
        leaving.explain(session, alice, NEWSLETTER, "too-long")
    found = history(database, alice)
    assert found[:4] == [
        ("left", "one-click"),
        ("moved", "asked"),
        ("lifted", "soft_bounce"),
        ("suppressed", "soft_bounce"),
    ]
    assert set(found[4:7]) == {("silent", "snooze"), ("silent", "big"), ("changed", "page")}
    assert found[7:] == [("confirmed", "form"), ("asked", "form")]
    with database.read() as session:
        newest = histories.of(session, alice)[0]
    assert newest.more == "too-long", "why they left stands with the leaving"


def test_the_reason_of_a_leaving_stands_with_the_last_one_alone(database: Database) -> None:
    with database.write() as session:
        alice = confirmed(session, ALICE)
        subscribers.leave(session, alice, NEWSLETTER, now=NOW, method="page")
        leaving.come_back(session, alice, NEWSLETTER, since=NOW, now=NOW + MINUTE, method="undo")
        subscribers.leave(session, alice, NEWSLETTER, now=NOW + 2 * MINUTE, method="page")
        leaving.explain(session, alice, NEWSLETTER, "other")
    with database.read() as session:
        left = [one.more for one in histories.of(session, alice) if one.what is What.LEFT]
    assert left == ["other", ""]


def test_each_issue_tells_its_copy_and_what_came_back(house: House) -> None:
    with house.database.write() as session:
        alice = confirmed(session, ALICE)
        bob = confirmed(session, "bob@reader.example")
    put_draft(house)
    issue, now = freeze_draft(house), house.clock()
    with house.database.write() as session:
        send = sends.of_issue(session, issue.id)
        accepted = Delivery(
            subscriber_id=SubscriberId(alice), state=DeliveryState.ACCEPTED, attempts=1, at=now
        )
        deliveries.put(session, send.id, [accepted])
        bounce = Report(
            provider="ses",
            event_id="1",
            kind=ReportKind.BOUNCED,
            at=now + MINUTE,
            status="5.1.1",
            detail="no such user",
        )
        told = {"verdict": "hard", "subscriber_id": alice, "send_id": send.id, "now": now}
        reports.insert(session, bounce, **told)  # type: ignore[arg-type]
    with house.database.read() as session:
        back, copy, *_ = histories.of(session, alice)
        others = histories.of(session, bob)
    assert (copy.what, copy.word, copy.issue) == (What.COPY, "accepted", issue.period)
    assert (back.what, back.word, back.more) == (What.REPORT, "bounced", "5.1.1 no such user")
    assert back.issue == issue.period
    assert not [one for one in others if one.what in (What.COPY, What.REPORT)]


def test_an_import_tells_its_number_and_when_consent_was_given(house: House) -> None:
    path = house.data / "list.csv"
    path.write_text("email,confirmed at\nalice@reader.example,2024-05-01\n", encoding="utf-8")
    report = imports.take_over(
        house.database, Plan("sunday", path, wording="w"), key=KEY, clock=house.clock
    )
    with house.database.read() as session:
        alice = subscribers.by_address(session, ALICE)
        assert alice is not None
        (line,) = histories.of(session, alice.id)
        (proof,) = histories.proofs(session, alice.id)
        (stand,) = histories.stands(session, alice.id, now=house.clock())
    assert (line.what, line.number) == (What.IMPORTED, report.number)
    assert line.given_at is not None
    assert line.given_at.year == 2024
    assert proof.asked is not None
    assert (proof.asked.words, proof.confirmed) == ("w", None)
    assert (stand.newsletter, str(stand.status)) == ("sunday", "confirmed")


def test_the_proof_is_the_last_wish_and_its_own_confirmation(database: Database) -> None:
    with database.write() as session:
        alice = confirmed(session, ALICE)
        subscribers.leave(session, alice, NEWSLETTER, now=NOW, method="page")
        parsed = addresses.parse(ALICE)
        subscribers.ask(
            session,
            NEWSLETTER,
            parsed,
            address_hash=HASH,
            now=NOW + DAY,
            method="embed",
            network="203.0.113.0/24",
            wording="We mail you on Sundays.",
        )
        (asked,) = histories.proofs(session, alice)
        assert asked.asked is not None
        assert (asked.asked.words, asked.asked.network) == (
            "We mail you on Sundays.",
            "203.0.113.0/24",
        )
        assert asked.confirmed is None, "the old confirmation was of another wish"
        subscribers.confirm(session, alice, NEWSLETTER, now=NOW + 2 * DAY, method="form")
        (both,) = histories.proofs(session, alice)
    assert both.confirmed is not None
    assert both.confirmed.at == NOW + 2 * DAY


def test_a_move_is_told_on_both_sides(database: Database) -> None:
    with database.write() as session:
        old, new = confirmed(session, ALICE), confirmed(session, "new@reader.example")
        move = moves.open_one(session, old, NEWSLETTER, "new@reader.example", now=NOW)
        moves.settle(session, move, "done", to=new)
    assert ("moved", "done") in history(database, old)
    assert ("moved", "came") in history(database, new)
