"""Readers out: as CSV that no spreadsheet takes for formulas, or as JSON lines. Both can be imported again."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
from collections.abc import Iterable, Iterator

from digest.audience import cells
from digest.store.exporting import SubscriberLine

COLUMNS = (
    "email", "name", "status", "suppressed", "language", "timezone", "tags", "asked_at",
    "confirmed_at", "changed_at",
)  # fmt: skip


def csv_lines(readers: Iterable[SubscriberLine]) -> Iterator[str]:
    """The header and a line a reader, with line ends."""
    yield _line(COLUMNS)
    for one in readers:
        words = (one.address, one.name, one.status.value, one.suppressed)
        yield _line((*words, one.language, one.timezone, _tags(one.tags), *_times(one)))


def json_lines(readers: Iterable[SubscriberLine]) -> Iterator[str]:
    """An object a reader, with line ends; no more than CSV has, and nothing disarmed."""
    for one in readers:
        asked, confirmed, changed = _times(one)
        told = {
            "email": one.address,
            "name": one.name,
            "status": one.status.value,
            "suppressed": one.suppressed or None,
            "language": one.language,
            "timezone": one.timezone,
            "tags": list(one.tags),
            "asked_at": asked,
            "confirmed_at": confirmed or None,
            "changed_at": changed,
        }
        yield json.dumps(told, ensure_ascii=False) + "\n"


def _tags(tags: Iterable[str]) -> str:
    """Tags in one cell: each in quotes, separated by commas."""
    cell = io.StringIO()
    csv.writer(cell, quoting=csv.QUOTE_ALL, lineterminator="").writerow(list(tags))
    return cell.getvalue()


def _line(texts: Iterable[str]) -> str:
    line = io.StringIO()
    csv.writer(line).writerow([cells.safe(text) for text in texts])
    return line.getvalue()


def _times(one: SubscriberLine) -> tuple[str, str, str]:
    return _time(one.asked_at), _time(one.confirmed_at), _time(one.changed_at)


def _time(at: dt.datetime | None) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%SZ") if at else ""
