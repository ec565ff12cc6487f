"""Exports: every reader once, and no cell that a spreadsheet could run."""

from __future__ import annotations

import csv
import io

import pytest

from digest.audience import addresses, exports, imports
from digest.store import subscribers
from digest.store.engine import Database
from tests.people import KEY, NEWSLETTER, NOW, everybody


def exported(database: Database) -> list[list[str]]:
    with database.read() as session:
        return list(csv.reader(io.StringIO("".join(exports.csv_lines(session, NEWSLETTER)))))


def test_every_reader_is_a_line_with_status_and_times(database: Database) -> None:
    everybody(database)
    header, *lines = exported(database)
    assert header == list(exports.COLUMNS)
    assert [line[0].partition("@")[0] for line in lines] == ["alice", "bob", "carol", "dave"]
    assert [line[2] for line in lines] == ["confirmed", "pending", "unsubscribed", "confirmed"]
    alice, bob = lines[:2]
    assert alice[3:] == ["2026-10-29T18:30:00Z", "2026-10-30T18:30:00Z", "2026-10-30T18:30:00Z"]
    assert bob[4] == ""


@pytest.mark.parametrize("first", ["=", "+", "-", "@", "\t", "\r"])
def test_a_cell_that_could_be_a_formula_is_disarmed(sqlite: Database, first: str) -> None:
    name = f"{first}cmd|' /C calc'!A0"
    rows = [(addresses.parse("+frank@reader.example"), name)]
    with sqlite.write() as session:
        subscribers.import_confirmed(session, NEWSLETTER, rows, key=KEY, now=NOW)
    (line,) = exported(sqlite)[1:]
    assert line[:2] == ["'+frank@reader.example", f"'{name}"]


def test_commas_quotes_and_letters_survive(sqlite: Database) -> None:
    name = 'Ó Briain, "Áine" يوسف'
    rows = [(addresses.parse("aine@reader.example"), name)]
    with sqlite.write() as session:
        subscribers.import_confirmed(session, NEWSLETTER, rows, key=KEY, now=NOW)
    assert exported(sqlite)[1][1] == name


def test_an_export_can_be_imported_and_only_the_confirmed_come_over(database: Database) -> None:
    everybody(database)
    with database.read() as session:
        text = "".join(exports.csv_lines(session, NEWSLETTER))
    found = imports.read(text.encode())
    assert [row.address.key.partition("@")[0] for row in found.rows] == ["alice", "dave"]
    assert len(found.errors) == 2
