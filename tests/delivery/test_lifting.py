"""A person lifts suppressions: those for bounces, and no others without saying so."""

from __future__ import annotations

from pathlib import Path

import pytest

from digest.audience import addresses, tokens
from digest.delivery import lifting, refusals
from digest.errors import Conflict, NotFound
from digest.model import DeliveryState, Issue, ReportKind
from digest.store import audiences, events, issues, subscribers, suppressions
from digest.store.engine import Database
from tests.delivery.weeks import ALICE, Weeks
from tests.houses import make_house

HARD = "5.1.1"


@pytest.fixture
def weeks(database: Database, tmp_path: Path) -> Weeks:
    return Weeks.begin(make_house(database, tmp_path))


def issue_of(weeks: Weeks) -> Issue:
    with weeks.house.database.read() as session:
        return issues.recent(session, "sunday", limit=1)[0]


def lift(weeks: Weeks, address: str = ALICE, *, wholly: bool = False) -> list[str]:
    house = weeks.house
    return lifting.of_address(
        house.database, address, key=house.key, by="otto", wholly=wholly, now=weeks.now
    )


def lift_all(weeks: Weeks) -> lifting.LiftedSend:
    return lifting.of_send(weeks.house.database, issue_of(weeks), by="otto", now=weeks.now)


def is_mailed(weeks: Weeks) -> bool:
    with weeks.house.database.read() as session:
        return weeks.alice in audiences.readers(session, "sunday", [weeks.alice], now=weeks.now)


def test_an_address_that_bounced_is_mailed_again_and_the_log_says_who_said_so(weeks: Weeks) -> None:
    weeks.send(0)
    weeks.take(weeks.report(0, status=HARD))
    assert not is_mailed(weeks)
    assert lift(weeks) == ["sunday"]
    assert is_mailed(weeks)
    with weeks.house.database.read() as session:
        told = events.recent(session, limit=1)[0]
    assert (told.actor, told.action) == ("otto", "lifted suppressions")
    assert told.subject == f"subscriber:{weeks.alice}"
    with pytest.raises(NotFound, match="not suppressed"):
        lift(weeks)


def test_what_was_lifted_stays_so_while_nothing_new_is_heard(weeks: Weeks) -> None:
    """The refusal stays in the ledger: it is not judged a second time, nor a part of the score."""
    weeks.send(0, state=DeliveryState.FAILED, reply="550 5.1.1 no such user")
    house = weeks.house
    refusals.judge_all(house.database, key=house.key, now=weeks.now)
    lift(weeks)
    assert refusals.judge_all(house.database, key=house.key, now=weeks.now) == 0
    weeks.send(1, 2)
    weeks.take(weeks.report(1), weeks.report(2))
    assert not weeks.is_suppressed()
    weeks.take(weeks.report(2, status=HARD))
    assert weeks.is_suppressed()


def test_a_complaint_is_lifted_only_where_that_is_said_and_revives_nobody(weeks: Weeks) -> None:
    weeks.send(0)
    weeks.take(weeks.report(0, ReportKind.COMPLAINED))
    with pytest.raises(Conflict, match="for complaint; --wholly"):
        lift(weeks)
    assert weeks.is_suppressed()
    assert lift(weeks, wholly=True) == []
    assert not weeks.is_suppressed()
    assert not is_mailed(weeks)


def test_an_address_of_no_reader_is_lifted_too(weeks: Weeks) -> None:
    zoe = addresses.parse("zoe@reader.example")
    with weeks.house.database.write() as session:
        hashed = tokens.address_hash(weeks.house.key, zoe.key)
        suppressions.add(session, hashed, reason="hard_bounce", now=weeks.now)
    assert lift(weeks, "Zoe@reader.example") == []
    assert not weeks.is_suppressed("zoe@reader.example")


def test_all_whom_one_send_suppressed_are_mailed_again(weeks: Weeks) -> None:
    weeks.send(0, state=DeliveryState.FAILED, reply="550 5.1.1 no such user")
    house = weeks.house
    refusals.judge_all(house.database, key=house.key, now=weeks.now)
    assert lift_all(weeks) == (1, 0)
    assert is_mailed(weeks)
    assert weeks.after(0) == "forgiven 5.1.1"
    assert refusals.judge_all(house.database, key=house.key, now=weeks.now) == 0
    assert lift_all(weeks) == (0, 0)


def test_who_complained_or_is_gone_by_another_send_stays_suppressed(weeks: Weeks) -> None:
    weeks.send(0, 1)
    weeks.take(weeks.report(0, status=HARD), weeks.report(1))
    assert lift_all(weeks) == (0, 1)
    assert weeks.is_suppressed()


def test_the_audiences_of_before_stay_what_they_were(weeks: Weeks) -> None:
    weeks.send(0)
    weeks.take(weeks.report(0, status=HARD))
    before = weeks.now
    weeks.send(1)
    lift(weeks)
    with weeks.house.database.read() as session:
        then = next(audiences.at(session, "sunday", before, size=9))
        now = next(audiences.at(session, "sunday", weeks.now, size=9))
    assert (then, now) == ([weeks.bob], sorted([weeks.alice, weeks.bob]))


def test_suppressed_readers_are_counted_once_and_only_where_they_are_confirmed(
    weeks: Weeks,
) -> None:
    house, hashed = weeks.house, tokens.address_hash(weeks.house.key, ALICE.lower())
    with house.database.write() as session:
        for reason in ("hard_bounce", "soft_bounce"):
            suppressions.add(session, hashed, reason=reason, now=weeks.now)
        assert suppressions.count(session, "sunday", at=weeks.now) == 1
        assert suppressions.count(session, "monday", at=weeks.now) == 0
        subscribers.leave(session, weeks.alice, "sunday", now=weeks.now, method="page")
        assert suppressions.count(session, "sunday", at=weeks.now) == 0
