"""Readers as they are exported: every one of the newsletter, once, with dates."""

from __future__ import annotations

import datetime as dt

import pytest
from sqlalchemy import update
from sqlmodel import col

from digest.model import SubscriptionStatus
from digest.segments import Engaged, Every, Segment, Slice, Tag, Without
from digest.store import exporting
from digest.store.engine import Database
from digest.store.exporting import SubscriberLine
from digest.store.tables import SubscriptionRow
from tests.people import ALICE, BOB, CAROL, DAVE, DAY, NEWSLETTER, NOW, confirmed, everybody

PENDING, CONFIRMED, UNSUBSCRIBED = SubscriptionStatus


def lines(database: Database, *statuses: SubscriptionStatus) -> list[SubscriberLine]:
    with database.read() as session:
        return list(exporting.lines(session, NEWSLETTER, at=NOW, statuses=statuses))


def test_an_export_has_every_reader_of_the_newsletter_with_dates(database: Database) -> None:
    everybody(database)
    with database.write() as session:
        confirmed(session, "frank@reader.example", newsletter="other")
    found = lines(database)
    assert [(one.address, one.status, one.suppressed) for one in found] == [
        (ALICE, CONFIRMED, ""),
        (BOB, PENDING, ""),
        (CAROL, UNSUBSCRIBED, ""),
        (DAVE, CONFIRMED, "complaint"),
    ]
    assert [one.confirmed_at for one in found][:2] == [NOW - 29 * DAY, None]
    assert found[2].changed_at == NOW - DAY
    assert found[2].confirmed_at is not None
    assert found[2].confirmed_at.tzinfo is dt.UTC


@pytest.mark.parametrize(
    ("segment", "expected"),
    [
        (Tag("vip"), [ALICE]),
        (Engaged(30), [ALICE, CAROL, DAVE]),
        (Every((Engaged(30), Without(Tag("vip")))), [CAROL, DAVE]),
        (Engaged(1), []),
    ],
    ids=["a tag", "of their own act", "both", "nobody"],
)
def test_an_export_may_be_of_a_segment(
    database: Database, segment: Segment, expected: list[str]
) -> None:
    people = everybody(database)
    with database.write() as session:
        mine = col(SubscriptionRow.subscriber_id) == people.alice
        session.execute(update(SubscriptionRow).where(mine).values(tags="vip"))
    only = Slice(segment, "UTC", "en")
    with database.read() as session:
        found = list(exporting.lines(session, NEWSLETTER, at=NOW, only=only))
    assert [one.address for one in found] == expected


def test_an_export_may_be_of_some_statuses_only(database: Database) -> None:
    everybody(database)
    assert [one.address for one in lines(database, PENDING, UNSUBSCRIBED)] == [BOB, CAROL]
