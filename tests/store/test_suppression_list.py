"""The list of suppressions: what holds, by reason, page after page; addresses only of who is on file."""

from __future__ import annotations

from digest.store import suppression_list, suppressions
from digest.store.engine import Database
from tests.people import DAVE, DAY, NOW, everybody


def add(database: Database, number: int, reason: str, **more: object) -> None:
    with database.write() as session:
        hashed = f"{number:064x}"
        suppressions.add(session, hashed, reason=reason, now=NOW - DAY, **more)  # type: ignore[arg-type]


def test_only_what_holds_is_counted_each_address_once_a_reason(database: Database) -> None:
    add(database, 1, "hard_bounce")
    add(database, 2, "hard_bounce")
    add(database, 2, "manual", detail="asked us")
    add(database, 3, "soft_bounce", until=NOW)
    with database.read() as session:
        assert suppression_list.counts(session, at=NOW) == {"hard_bounce": 2, "manual": 1}


def test_the_newest_come_first_and_pages_follow_each_other(database: Database) -> None:
    for number in range(7):
        add(database, number, "manual" if number % 2 else "imported")
    with database.read() as session:
        first, further = suppression_list.page(session, at=NOW, size=3)
        second, more = suppression_list.page(session, at=NOW, size=3, before=further)
        third, end = suppression_list.page(session, at=NOW, size=3, before=more)
        manual, _ = suppression_list.page(session, at=NOW, reason="manual")
        every = list(suppression_list.every(session, at=NOW))
    ids = [one.id for one in (*first, *second, *third)]
    assert ids == sorted(ids, reverse=True)
    assert (len(ids), end) == (7, None)
    assert [one.id for one in every] == ids[::-1]
    assert {one.reason for one in manual} == {"manual"}


def test_an_address_stands_there_only_if_somebody_on_file_has_it(database: Database) -> None:
    people = everybody(database)
    add(database, 1, "erased")
    with database.read() as session:
        lines, _ = suppression_list.page(session, at=NOW)
    assert [(one.address, one.reader) for one in lines] == [("", None), (DAVE, people.dave)]
