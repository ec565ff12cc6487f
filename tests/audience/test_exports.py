"""Exports: every reader once, no cell that a spreadsheet could run, and the same again when they come back."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from digest.audience import addresses, exports, member_files
from digest.audience.layouts import Member
from digest.model import SubscriptionStatus
from digest.store import exporting, subscribers
from digest.store.engine import Database
from digest.store.exporting import SubscriberLine
from tests.people import ALICE, KEY, NEWSLETTER, NOW, everybody

#: What may begin a formula, in Excel, LibreOffice or a sheet on the web.
FORMULA = tuple("=+-@\t\r\n＝＋－＠")


def exported(database: Database) -> list[list[str]]:
    return list(csv.reader(io.StringIO(csv_of(database), newline="")))


def csv_of(database: Database) -> str:
    with database.read() as session:
        return "".join(exports.csv_lines(exporting.lines(session, NEWSLETTER, at=NOW)))


def back(text: str, folder: Path) -> list[Member]:
    """The readers of an export, read as an import reads them."""
    path = folder / "readers.csv"
    path.write_text(text, encoding="utf-8", newline="")
    (table,) = member_files.open_tables(path)
    assert table.layout.platform == "sunday-catchup"
    found = [table.layout.member(*row) for row in table.rows()]
    return [one for one in found if isinstance(one, Member)]


def test_every_reader_is_a_line_with_status_and_times(database: Database) -> None:
    everybody(database)
    header, *lines = exported(database)
    assert header == list(exports.COLUMNS)
    assert [line[0].partition("@")[0] for line in lines] == ["alice", "bob", "carol", "dave"]
    assert [line[2] for line in lines] == ["confirmed", "pending", "unsubscribed", "confirmed"]
    alice, bob = lines[:2]
    assert alice[7:] == ["2026-10-29T18:30:00Z", "2026-10-30T18:30:00Z", "2026-10-30T18:30:00Z"]
    assert bob[8] == ""


def test_the_same_readers_are_json_lines(database: Database) -> None:
    everybody(database)
    with database.read() as session:
        found = list(exports.json_lines(exporting.lines(session, NEWSLETTER, at=NOW)))
    alice, _, _, dave = map(json.loads, found)
    assert list(alice) == list(exports.COLUMNS)
    assert (alice["email"], alice["confirmed_at"]) == (ALICE, "2026-10-30T18:30:00Z")
    assert (dave["suppressed"], alice["suppressed"]) == ("complaint", None)


@pytest.mark.parametrize("first", FORMULA)
def test_a_cell_that_could_be_a_formula_is_disarmed(sqlite: Database, first: str) -> None:
    name = f"{first}cmd|' /C calc'!A0"
    rows = [(addresses.parse("+frank@reader.example"), name)]
    with sqlite.write() as session:
        subscribers.import_confirmed(session, NEWSLETTER, rows, key=KEY, now=NOW)
    (line,) = exported(sqlite)[1:]
    assert line[:2] == ["'+frank@reader.example", f"'{name}"]


def test_an_export_can_be_imported_and_everybody_stands_as_before(
    database: Database, tmp_path: Path
) -> None:
    everybody(database)
    found = {one.key.partition("@")[0]: one.standing for one in back(csv_of(database), tmp_path)}
    assert found == {
        "alice": "active",
        "bob": "pending",
        "carol": "unsubscribed",
        "dave": "complained",
    }


#: Names as they are stored: white space is one space, and none stands at an end.
WORDS = st.text(st.sampled_from("'=+-@＝＋－＠,;\"|\\ aé1\u200b\ufeff"), max_size=12)
NAMES = st.one_of(WORDS, st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=12))
STORED = NAMES.map(lambda name: " ".join(name.split()))
TAGS = STORED.map(lambda tag: tag.strip(" []\"'")).filter(bool)


@given(STORED, st.lists(TAGS, max_size=3, unique=True), st.sampled_from(["+a", "-a", "=a", "a"]))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=100)
def test_no_cell_of_any_reader_begins_a_formula_and_all_come_back_unharmed(
    tmp_path: Path, name: str, tags: list[str], local: str
) -> None:
    when = dt.datetime(2026, 11, 1, tzinfo=dt.UTC)
    words = ("", "de", "Europe/Berlin", tuple(tags), when, when, when)
    line = SubscriberLine(f"{local}@reader.example", name, SubscriptionStatus.CONFIRMED, *words)
    text = "".join(exports.csv_lines([line, line]))
    for row in csv.reader(io.StringIO(text, newline="")):
        assert not [cell for cell in row if cell.startswith(FORMULA)]
    again = back(text, tmp_path)[0]
    assert (again.address, again.name) == (line.address, " ".join(name.split()))
    assert (again.language, again.timezone, again.joined) == ("de", "Europe/Berlin", when)
    assert list(again.tags) == tags
