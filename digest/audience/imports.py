"""Readers in, from a file of another system: CSV with a header, or one address a line.

Only rows that the file itself calls subscribed are taken; an unknown status is not mailed. Every
row that is not taken is named with its line and the reason.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Iterator
from dataclasses import dataclass, field
from email.utils import parseaddr

from digest import logs
from digest.audience import addresses
from digest.audience.addresses import Address
from digest.audience.columns import Columns, guess_columns
from digest.errors import BadInput
from digest.protocols import Progress, silent
from digest.store import events, subscribers
from digest.store.engine import Database
from digest.store.subscribers import Imported

log = logs.get(__name__)

#: Readers a transaction: others may write between two of them, and a broken import goes on.
BATCH = 10_000


@dataclass(frozen=True, slots=True)
class Row:
    """A reader of the file. line: where the row begins, from 1. timezone: an IANA name, or empty."""

    line: int
    address: Address
    name: str = ""
    timezone: str = ""


@dataclass(frozen=True, slots=True)
class RowError:
    """A row that was not taken, or something in it."""

    line: int
    text: str
    reason: str


@dataclass(frozen=True, slots=True)
class Contents:
    """What a file holds. doubles: rows of a person who stood further up already.

    odd: rows that are taken, but something in them cannot be used.
    """

    rows: tuple[Row, ...]
    errors: tuple[RowError, ...] = ()
    doubles: int = 0
    odd: tuple[RowError, ...] = ()


@dataclass(frozen=True, slots=True)
class Report:
    """What an import did, or with `dry_run` what it would do. total: all rows but empty ones. odd: see Contents."""

    total: int
    new: int
    known: int
    suppressed: int
    doubles: int
    errors: tuple[RowError, ...]
    dry_run: bool
    odd: tuple[RowError, ...] = ()


def take_over(
    database: Database,
    newsletter: str,
    data: bytes,
    *,
    key: bytes,
    now: dt.datetime,
    dry_run: bool = False,
    actor: str = "command line",
    wording: str = "",
    progress: Progress = silent,
) -> Report:
    """Make the readers of a file confirmed. Raises BadInput where it is no such file at all.

    wording: on what grounds they are taken over, kept as evidence. Doing it twice is harmless.
    """
    contents = read(data)
    done, rows = Imported(), contents.rows
    progress("import", 0, len(rows))
    for start in range(0, len(rows), BATCH):
        part = rows[start : start + BATCH]
        batch = [(row.address, row.name) for row in part]
        with database.write() as session:
            done += subscribers.import_confirmed(
                session, newsletter, batch, key=key, now=now, wording=wording
            )
            zones = {row.address.key: row.timezone for row in part if row.timezone}
            subscribers.live_in(session, zones)
            if dry_run:
                session.rollback()
        progress("import", start + len(batch), len(rows))
    if not dry_run:
        _note(database, newsletter, done, actor=actor, now=now)
    return Report(
        total=len(rows) + len(contents.errors) + contents.doubles,
        new=done.new,
        known=done.known,
        suppressed=done.suppressed,
        doubles=contents.doubles,
        errors=contents.errors,
        dry_run=dry_run,
        odd=contents.odd,
    )


def _note(
    database: Database, newsletter: str, done: Imported, *, actor: str, now: dt.datetime
) -> None:
    data = {"new": done.new, "known": done.known, "suppressed": done.suppressed}
    with database.write() as session:
        events.record(
            session, at=now, actor=actor, action="imported readers", subject=newsletter, data=data
        )
    log.info("readers imported", newsletter=newsletter, **data)


# ---------------------------------------------------------------- the file


def read(data: bytes) -> Contents:
    """The readers in a file. Raises BadInput where no column of it holds addresses."""
    cells = _cells(_decoded(data))
    first = next(cells, None)
    if first is None:
        raise BadInput("the file", "is empty")
    columns = guess_columns(first[1])
    collected = _Collected()
    if not columns.is_header:
        collected.take(first, columns)
    for row in cells:
        collected.take(row, columns)
    return Contents(
        tuple(collected.rows), tuple(collected.errors), collected.doubles, tuple(collected.odd)
    )


@dataclass(slots=True)
class _Collected:
    rows: list[Row] = field(default_factory=list)
    errors: list[RowError] = field(default_factory=list)
    odd: list[RowError] = field(default_factory=list)
    doubles: int = 0
    seen: set[str] = field(default_factory=set)

    def take(self, numbered: tuple[int, list[str]], columns: Columns) -> None:
        line, cells = numbered
        text = columns.address(cells)
        zone, no_zone = columns.timezone(cells)
        try:
            row = _row(line, text, columns.name(cells), zone)
        except BadInput as error:
            self.errors.append(RowError(line, error.item, error.reason))
            return
        if row.address.key in self.seen:
            self.doubles += 1
            return
        self.seen.add(row.address.key)
        if refused := columns.refusal(cells):
            self.errors.append(RowError(line, row.address.address, refused))
            return
        self.rows.append(row)
        if no_zone:
            told = f"{no_zone[:60]!r} is no time zone such as Europe/London: taken without one"
            self.odd.append(RowError(line, row.address.address, told))


def _row(line: int, text: str, name: str, timezone: str) -> Row:
    if "<" in text:
        spoken, text = parseaddr(text)
        name = name or spoken
    return Row(line, addresses.parse(text), " ".join(name.split()), timezone)


def _decoded(data: bytes) -> str:
    """The text, by its byte order mark, as UTF-8, or as what old spreadsheets write."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", "replace")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace")


def _cells(text: str) -> Iterator[tuple[int, list[str]]]:
    """The rows that are not empty, each with the line where it begins."""
    head = text.lstrip().partition("\n")[0]
    delimiter = max(",;\t", key=head.count)
    reader = csv.reader(io.StringIO(text.replace("\0", ""), newline=None), delimiter=delimiter)
    begins = 1
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                yield begins, [cell.strip() for cell in cells]
            begins = reader.line_num + 1
    except csv.Error as error:
        raise BadInput(f"line {begins}", f"is no CSV: {error}") from None
