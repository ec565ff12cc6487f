"""Pages from bytes to stored articles, against trafilatura alone on the same pages in the same run.

    python bench/pages.py FOLDER [--pages 2000] [--rounds 3]

FOLDER holds saved pages (*.html or *.html.gz, at any depth); they are repeated until there are enough.
Ours: each page in the child processes, its article cleaned of what recurs and stored in SQLite, with
all processors. Theirs: `trafilatura.extract` as it comes, in this one process, nothing stored. Both are
told in pages a second by the clock; the ratio is ours to theirs. The rounds alternate, so that other
work on the machine meets both.
"""

from __future__ import annotations

import argparse
import datetime as dt
import gzip
import logging
import tempfile
import time
from itertools import cycle, islice
from pathlib import Path

import trafilatura

from digest import child, intake
from digest.protocols import PollState
from digest.sources.pages import PagesSource
from digest.store.engine import Database
from digest.store.migrate import upgrade

NOW = dt.datetime(2026, 11, 24, tzinfo=dt.UTC)


def main() -> None:
    """Write the pages into a folder, take turns, tell the ratio."""
    given = argparse.ArgumentParser(description=__doc__)
    given.add_argument("folder", type=Path)
    given.add_argument("--pages", type=int, default=2000)
    given.add_argument("--rounds", type=int, default=3)
    options = given.parse_args()
    logging.getLogger("trafilatura").setLevel(logging.CRITICAL)
    with tempfile.TemporaryDirectory() as place:
        part = max(1, options.pages // options.rounds)
        ours, theirs = 0.0, 0.0
        for number in range(options.rounds):
            folder = Path(place) / str(number)
            _lay_out(options.folder, folder, part)
            theirs += _theirs(folder)
            ours += _ours(folder, Path(place) / f"{number}.db")
    whole = part * options.rounds
    print(f"ours: {whole / ours:.1f} pages/s from bytes to stored, {child.AT_ONCE} children")
    print(f"trafilatura alone: {whole / theirs:.1f} pages/s")
    print(f"ratio: {theirs / ours:.2f}")


def _lay_out(source: Path, folder: Path, count: int) -> None:
    paths = sorted([*source.rglob("*.html"), *source.rglob("*.html.gz")])
    if not paths:
        raise SystemExit(f"{source}: no *.html or *.html.gz in it")
    folder.mkdir()
    for number, path in enumerate(islice(cycle(paths), count)):
        data = path.read_bytes()
        whole = gzip.decompress(data) if path.suffix == ".gz" else data
        (folder / f"{number:05}.html").write_bytes(whole)


def _theirs(folder: Path) -> float:
    started = time.perf_counter()
    for path in sorted(folder.iterdir()):
        trafilatura.extract(path.read_bytes())
    return time.perf_counter() - started


def _ours(folder: Path, database_file: Path) -> float:
    database = Database(f"sqlite:///{database_file}")
    upgrade(database)
    started = time.perf_counter()
    source = PagesSource(key="pages", folder=folder, base_url="https://pages.example/")
    collected = source.poll(PollState(), NOW)
    stored = intake.store_all(database, collected.articles, now=NOW)
    spent = time.perf_counter() - started
    left = len(collected.errors) + len(stored.errors)
    print(f"stored {stored.new}, known already {stored.unchanged + stored.revised}, left {left}")
    database.close()
    return spent


if __name__ == "__main__":
    main()
