"""Readers out, as CSV that a spreadsheet cannot take for formulas (OWASP: CSV injection)."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Iterable, Iterator

from digest.store import subscribers
from digest.store.engine import Session

COLUMNS = ("email", "name", "status", "asked_at", "confirmed_at", "changed_at")

#: A cell that begins with one of these may be run as a formula; an apostrophe before it stops that.
RISKY = ("=", "+", "-", "@", "\t", "\r")


def csv_lines(session: Session, newsletter: str) -> Iterator[str]:
    """The header and a line a reader, with line ends; every status, a batch in memory at a time."""
    yield _line(COLUMNS)
    for one in subscribers.export(session, newsletter):
        times = (_time(one.asked_at), _time(one.confirmed_at), _time(one.changed_at))
        yield _line((one.address, one.name, one.status.value, *times))


def safe_cell(text: str) -> str:
    """The text of a cell, with an apostrophe in front where it could be run as a formula."""
    return f"'{text}" if text.startswith(RISKY) else text


def _line(cells: Iterable[str]) -> str:
    line = io.StringIO()
    csv.writer(line).writerow([safe_cell(cell) for cell in cells])
    return line.getvalue()


def _time(at: dt.datetime | None) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%SZ") if at else ""
