"""Imports: what is taken, what is not and why, and that trying dry changes nothing."""

from __future__ import annotations

from typing import Any

import pytest

from digest.audience import imports
from digest.audience.imports import Report, RowError
from digest.errors import BadInput
from digest.model import SubscriptionStatus
from digest.store import events, subscribers
from digest.store.engine import Database
from tests.people import ALICE, KEY, NEWSLETTER, NOW, everybody


def taken(text: str | bytes) -> list[tuple[int, str, str]]:
    data = text.encode() if isinstance(text, str) else text
    return [(row.line, row.address.address, row.name) for row in imports.read(data).rows]


def refused(text: str) -> list[tuple[int, str]]:
    return [(error.line, error.reason) for error in imports.read(text.encode()).errors]


def take_over(database: Database, text: str, **options: Any) -> Report:
    return imports.take_over(database, NEWSLETTER, text.encode(), key=KEY, now=NOW, **options)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a@r.example\nb@r.example\n", [(1, "a@r.example", ""), (2, "b@r.example", "")]),
        ("\n\n  a@r.example  \r\n\r\nb@r.example", [(3, "a@r.example", ""), (5, "b@r.example", "")]),
        ("a@r.example\rb@r.example\r", [(1, "a@r.example", ""), (2, "b@r.example", "")]),
        ("a@r.example,Ann Lee", [(1, "a@r.example", "Ann Lee")]),
        ("Ann Lee;a@r.example", [(1, "a@r.example", "Ann Lee")]),
        ("Ann Lee <a@r.example>", [(1, "a@r.example", "Ann Lee")]),
        ("email,name\na@r.example,Ann", [(2, "a@r.example", "Ann")]),
        ("Name;E-Mail\nAnn;a@r.example", [(2, "a@r.example", "Ann")]),
        ("Email Address\tFirst Name\tLast Name\na@r.example\tAnn\tLee", [(2, "a@r.example", "Ann Lee")]),
        ('email,name\n"a@r.example","Lee,\nAnn"\nb@r.example', [(2, "a@r.example", "Lee, Ann"), (4, "b@r.example", "")]),
        ("email,name\n'+tag@r.example,'=Ann", [(2, "+tag@r.example", "=Ann")]),
        ("Deine E-Mail Adresse,Vorname\na@r.example,Jürgen", [(2, "a@r.example", "Jürgen")]),
    ],
)  # fmt: skip
def test_addresses_and_names_are_found_in_many_forms(
    text: str, expected: list[tuple[int, str, str]]
) -> None:
    assert taken(text) == expected


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "cp1252"])
def test_a_file_is_read_in_the_encodings_that_spreadsheets_write(encoding: str) -> None:
    assert taken("email,name\na@r.example,Jürgen".encode(encoding)) == [
        (2, "a@r.example", "Jürgen")
    ]


@pytest.mark.parametrize(
    ("header", "cell"),
    [
        ("status", "unsubscribed"),
        ("Status", "pending"),
        ("status", ""),
        ("status", "what is this"),
        ("List status", "inactive"),
        ("email_disabled", "true"),
        ("subscribed_to_emails", "false"),
        ("unsubscribed_at", "2026-01-01"),
        ("UNSUB_TIME", "2026-01-01 10:00:00"),
    ],
)
def test_who_the_file_does_not_call_subscribed_is_not_taken(header: str, cell: str) -> None:
    text = f"email,{header}\na@r.example,{cell}\n"
    ((line, reason),) = refused(text)
    assert line == 2
    assert reason
    assert taken(text) == []


@pytest.mark.parametrize(
    ("header", "cell"),
    [
        ("status", "Subscribed"),
        ("status", "active"),
        ("email_disabled", "false"),
        ("subscribed_to_emails", "true"),
        ("unsubscribed_at", ""),
        ("tier", "anything"),
    ],
)
def test_who_the_file_calls_subscribed_is_taken(header: str, cell: str) -> None:
    assert taken(f"email,{header}\na@r.example,{cell}\n") == [(2, "a@r.example", "")]


def test_a_later_row_does_not_undo_that_somebody_left() -> None:
    text = "email,status\na@r.example,unsubscribed\nA@r.example,active\n"
    assert taken(text) == []
    assert imports.read(text.encode()).doubles == 1


def test_each_bad_row_is_named_with_its_line_and_the_others_go_on() -> None:
    found = imports.read(b"email,name\nnobody,N\na@r.example,Ann\nb@,B\n,C\n")
    assert [row.line for row in found.rows] == [3]
    assert [(error.line, error.text) for error in found.errors] == [
        (2, "nobody"),
        (4, "b@"),
        (5, "(empty)"),
    ]
    assert all(error.reason for error in found.errors)


@pytest.mark.parametrize("text", ["", "\n \n", "name,town\nAnn,Port Ellery\n", "no address here"])
def test_a_file_without_addresses_is_refused(text: str) -> None:
    with pytest.raises(BadInput):
        imports.read(text.encode())


def test_a_cell_without_end_is_refused_with_its_line() -> None:
    with pytest.raises(BadInput, match="line 2"):
        imports.read(b'email\n"' + b"x" * 200_000)


def test_an_import_takes_readers_over_and_reports_everybody(database: Database) -> None:
    everybody(database)
    text = "email,name\nalice@reader.example,A\ncarol@reader.example,C\ndave@reader.example,D\nfrank@reader.example,Frank\nFrank@reader.example,F\nbad,B\n"
    steps: list[tuple[str, int, int]] = []
    report = take_over(database, text, progress=lambda *step: steps.append(step))
    assert (report.total, report.new, report.known, report.suppressed) == (6, 1, 2, 1)
    assert report.doubles == 1
    assert [error.line for error in report.errors] == [7]
    assert steps == [("import", 0, 4), ("import", 4, 4)]
    with database.read() as session:
        frank = subscribers.by_address(session, "frank@reader.example")
        assert frank is not None
        assert frank.name == "Frank"
        assert subscribers.status(session, frank.id, NEWSLETTER) is SubscriptionStatus.CONFIRMED
        (event,) = events.recent(session, limit=5)
    assert (event.action, event.data["new"]) == ("imported readers", 1)


def test_trying_dry_says_the_same_and_changes_nothing(database: Database) -> None:
    text = "frank@reader.example\ngrace@reader.example\nbad\n"
    dry = take_over(database, text, dry_run=True)
    assert (dry.new, dry.dry_run) == (2, True)
    with database.read() as session:
        assert subscribers.by_address(session, "frank@reader.example") is None
        assert events.recent(session, limit=5) == []
    real = take_over(database, text)
    assert (real.new, real.known, real.errors) == (dry.new, dry.known, dry.errors)


def test_importing_twice_is_harmless(database: Database) -> None:
    take_over(database, "frank@reader.example\n")
    assert take_over(database, "frank@reader.example\n").known == 1


def test_a_long_file_is_taken_in_several_transactions(
    sqlite: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(imports, "BATCH", 2)
    text = "".join(f"r{n}@reader.example\n" for n in range(5))
    steps: list[int] = []
    report = take_over(sqlite, text, progress=lambda stage, done, total: steps.append(done))
    assert report.new == 5
    assert steps == [0, 2, 4, 5]


def test_an_error_holds_what_a_person_needs_to_mend_it() -> None:
    (error,) = imports.read(b"email\nalice@@reader.example\n").errors
    assert error == RowError(2, "alice@@reader.example", error.reason)
    assert ALICE not in error.reason


def test_a_time_zone_that_is_none_is_told_and_its_reader_taken_all_the_same() -> None:
    text = (
        "email,timezone\na@r.example,Mars/Olympus\nb@r.example,europe/paris\n"
        "c@r.example,\nd@r.example,America/New York\nnobody,Mars/Olympus\n"
    )
    found = imports.read(text.encode())
    zones = {row.address.address: row.timezone for row in found.rows}
    assert zones == {
        "a@r.example": "",
        "b@r.example": "Europe/Paris",
        "c@r.example": "",
        "d@r.example": "America/New_York",
    }
    told = "'Mars/Olympus' is no time zone such as Europe/London: taken without one"
    assert found.odd == (RowError(2, "a@r.example", told),)


def test_the_report_tells_of_time_zones_that_were_none(sqlite: Database) -> None:
    text = "email,timezone\nfrank@reader.example,CEST\n"
    for dry_run in (True, False):
        report = take_over(sqlite, text, dry_run=dry_run)
        assert (report.new, report.errors, len(report.odd)) == (1, (), 1)
