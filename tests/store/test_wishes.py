"""Wishes between the door and the desk: each once, gone when looked at."""

from __future__ import annotations

import dataclasses
import datetime as dt

from digest.store import wishes
from digest.store.engine import Database
from digest.store.wishes import Wish
from tests.people import NEWSLETTER, NOW

HOUR = dt.timedelta(hours=1)
WISH = Wish(
    newsletter=NEWSLETTER,
    address_hash="h" * 64,
    address="Bob@reader.example",
    network="192.0.2.0/24",
    method="form",
    wording="Yes.",
    asked_at=NOW,
)


def put(database: Database, **changes: object) -> Wish:
    wish = dataclasses.replace(WISH, **changes)  # type: ignore[arg-type]
    with database.write() as session:
        wishes.put(session, wish)
    return wish


def due(database: Database, *, now: dt.datetime = NOW) -> list[Wish]:
    with database.write() as session:
        return wishes.due(session, now=now, limit=10)


def test_a_wish_waits_until_it_is_looked_at(database: Database) -> None:
    wish = put(database)
    assert due(database) == due(database) == [wish]
    with database.write() as session:
        wishes.drop(session, wish)
    assert due(database) == []


def test_the_same_wish_waits_once_and_one_of_another_newsletter_beside_it(
    database: Database,
) -> None:
    first, other = put(database), put(database, newsletter="harbour")
    put(database, address="bob+x@reader.example", asked_at=NOW + HOUR)
    assert {wish.newsletter: wish for wish in due(database)} == {
        first.newsletter: first,
        "harbour": other,
    }


def test_a_wish_that_was_put_off_comes_later_or_with_a_proof_of_work(database: Database) -> None:
    wish = put(database)
    with database.write() as session:
        wishes.postpone(session, wish, until=NOW + HOUR)
    assert due(database) == []
    assert due(database, now=NOW + HOUR) == [wish]
    put(database, worked=True)
    assert due(database) == [dataclasses.replace(wish, worked=True)]
