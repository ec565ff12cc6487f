"""The rows of an import that were not taken, or not wholly, as a file of lines for whoever has to mend them."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path

from digest.audience import cells
from digest.audience.layouts import RowError

HEADER = ("file", "line", "address", "reason")


@contextmanager
def written(path: Path) -> Iterator[Callable[[RowError], None]]:
    """Tell it of each row; the file is made with the first one, as CSV that no spreadsheet runs."""
    stream = None

    def tell(error: RowError) -> None:
        nonlocal stream
        if stream is None:
            stream = path.open("w", encoding="utf-8", newline="")
            csv.writer(stream).writerow(HEADER)
        row = (error.file, str(error.line), error.text, error.reason)
        csv.writer(stream).writerow([cells.safe(cell) for cell in row])

    try:
        yield tell
    finally:
        if stream is not None:
            stream.close()


def first(path: Path, most: int) -> list[dict[str, str]]:
    """The first rows of such a file, by HEADER's names; none where there is no file."""
    if not path.is_file():
        return []
    with path.open(encoding="utf-8", newline="") as stream:
        rows = list(islice(csv.DictReader(stream), most))
    return [{name: cells.plain(cell) for name, cell in row.items()} for row in rows]
