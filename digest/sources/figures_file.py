"""A table of what readers did, as any statistics program can save it: CSV with a line a page.

The page is named by its `url`, or by the `id` that its source knows it by. `taken_at` says when the figures were
read. Every other column that is named for a signal is one; columns with readers' addresses are never read.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from digest.errors import BadInput
from digest.model import Engagement, Unit
from digest.sources import dates, decoding, html_text

MOST_BYTES = 50_000_000
_COUNTS = ("views", "comments", "likes", "dislikes", "shares", "reactions")
_COUNT = re.compile(r"(?:reaction:[a-z_]{1,30}|stars:[1-5])")
#: What other programs call these columns.
_ALSO = {
    "link": "url",
    "page": "url",
    "address": "url",
    "source_id": "id",
    "post_id": "id",
    "pageviews": "views",
    "page_views": "views",
    "visits": "views",
    "comment_count": "comments",
    "date": "taken_at",
    "votes": "ratings",
    "average": "rating",
}
_NUMBER = re.compile(r"\d{1,11}(?:\.\d{1,6})?")


@dataclass(frozen=True, slots=True)
class FigureRow:
    """The figures of one page: where they stand in the file, and whose they are."""

    line: int
    url: str | None
    source_id: str | None
    figures: tuple[Engagement, ...]


def read(data: bytes, *, item: str) -> tuple[list[FigureRow], list[BadInput]]:
    """The rows, and those that cannot be used, each with its line. Raises BadInput for no such table."""
    if len(data) > MOST_BYTES:
        raise BadInput(item, f"larger than {MOST_BYTES / 1e6:g} MB")
    text = decoding.decode(data).lstrip("\ufeff")
    table = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text))
    names = [_name(one) for one in next(table, [])]
    if not {"url", "id"} & set(names):
        raise BadInput(item, "its first line names no column `url` or `id`")
    if not any(_is_signal(name) for name in names):
        raise BadInput(item, f"no column of figures; known are {', '.join(_COUNTS)}, rating")
    rows: list[FigureRow] = []
    errors: list[BadInput] = []
    for cells in table:
        if not any(cell.strip() for cell in cells):
            continue
        try:
            rows.append(_row(dict(zip(names, cells, strict=False)), table.line_num))
        except ValueError as error:
            errors.append(BadInput(f"{item}, line {table.line_num}", str(error)))
    return rows, errors


def _row(given: Mapping[str, str], line: int) -> FigureRow:
    """Raises ValueError with the reason."""
    url = html_text.web_address(given.get("url"))
    source_id = html_text.one_line(given.get("id") or "") or None
    if url is None and source_id is None:
        raise ValueError("names no page: its url is no web address, and it has no id")
    said = (given.get("taken_at") or "").strip()
    taken_at = dates.moment(said)
    if said and taken_at is None:
        raise ValueError(f"taken_at {said!r} is no date such as 2026-11-24T10:00:00Z")
    figures = tuple(_figures(given, taken_at))
    if not figures:
        raise ValueError("has no figure")
    return FigureRow(line, url, source_id, figures)


def _figures(given: Mapping[str, str], taken_at: dt.datetime | None) -> Iterator[Engagement]:
    for name, cell in given.items():
        value = _value(name, cell) if _is_signal(name) else None
        if value is None:
            continue
        if name != "rating":
            yield Engagement(name, value, Unit.COUNT, taken_at=taken_at)
            continue
        if not 1 <= value <= 5:
            raise ValueError(f"rating {cell.strip()!r} is none from 1 to 5")
        votes = _value("ratings", given.get("ratings") or "")
        yield Engagement(name, value, Unit.AVERAGE, int(votes) if votes else None, taken_at)


def _value(name: str, cell: str) -> float | None:
    """A cell's number; an empty one says nothing."""
    bare = re.sub(r"(?<=\d)[,\u00a0 '](?=\d{3}\b)", "", cell.strip())
    if not bare:
        return None
    if bare.endswith("%"):
        raise ValueError(f"{name} {cell.strip()!r}: a percentage without its readers says nothing")
    if not _NUMBER.fullmatch(bare):
        raise ValueError(f"{name} {cell.strip()!r} is no number")
    return float(bare)


def _is_signal(name: str) -> bool:
    return name in _COUNTS or name == "rating" or bool(_COUNT.fullmatch(name))


def _name(cell: str) -> str:
    bare = re.sub(r"[\s-]+", "_", cell.strip().casefold())
    return _ALSO.get(bare, bare)


def _delimiter(text: str) -> str:
    first = text.partition("\n")[0]
    return max(",;\t", key=first.count)
