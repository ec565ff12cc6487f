"""Pages from bytes to stored articles, against trafilatura alone on the same pages in the same run.

    python bench/pages.py FOLDER [--pages 2000] [--rounds 3]

FOLDER holds saved pages (*.html or *.html.gz, at any depth); they are repeated until there are enough.
Ours: each page in the child processes, its article cleaned of what recurs and stored in SQLite, with
all processors. Theirs: `trafilatura.extract` as it comes, in this one process, nothing stored. Both are
told in pages a second by the clock; the ratio is ours to theirs. The rounds alternate, so that other
work on the machine meets both. Processor time a page is told as well, of this process and of its
children: it hardly depends on what else the machine does.
"""

from __future__ import annotations

import argparse
import datetime as dt
import gzip
import logging
import resource
import tempfile
import time
from collections.abc import Callable
from functools import partial
from itertools import cycle, islice
from pathlib import Path

import trafilatura

from bench import measure
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
    part = max(1, options.pages // options.rounds)
    whole = part * options.rounds
    ours, theirs, own, alone = 0.0, 0.0, 0.0, 0.0
    with tempfile.TemporaryDirectory() as place:
        for number in range(options.rounds):
            folder = Path(place) / str(number)
            _lay_out(options.folder, folder, part)
            wall, cpu = _measured(partial(_theirs, folder))
            theirs, alone = theirs + wall, alone + cpu
            database = Database(f"sqlite:///{place}/{number}.db")
            upgrade(database)
            wall, cpu = _measured(partial(_ours, folder, database))
            ours, own = ours + wall, own + cpu
            database.close()
    child.close()  # only of children that have ended one knows what they cost
    children = measure.cpu_s(resource.RUSAGE_CHILDREN)
    print(
        f"ours, {child.AT_ONCE} children: {whole / ours:.1f} pages/s from bytes to stored; {_ms(own, whole)} here"
    )
    print(f"and {_ms(children, whole)} in the children, their start included")
    print(f"trafilatura alone: {whole / theirs:.1f} pages/s; {_ms(alone, whole)}")
    print(f"ratio: {theirs / ours:.2f}")


def _measured(work: Callable[[], None]) -> tuple[float, float]:
    """Seconds by the clock and of this process's processor time."""
    before, started = measure.cpu_s(), time.perf_counter()
    work()
    return time.perf_counter() - started, measure.cpu_s() - before


def _ms(seconds: float, pages: int) -> str:
    return f"{1000 * seconds / pages:.1f} ms of processor time a page"


def _lay_out(source: Path, folder: Path, count: int) -> None:
    paths = sorted([*source.rglob("*.html"), *source.rglob("*.html.gz")])
    if not paths:
        raise SystemExit(f"{source}: no *.html or *.html.gz in it")
    folder.mkdir()
    for number, path in enumerate(islice(cycle(paths), count)):
        data = path.read_bytes()
        whole = gzip.decompress(data) if path.suffix == ".gz" else data
        (folder / f"{number:05}.html").write_bytes(whole)


def _theirs(folder: Path) -> None:
    for path in sorted(folder.iterdir()):
        trafilatura.extract(path.read_bytes())


def _ours(folder: Path, database: Database) -> None:
    source = PagesSource(key="pages", folder=folder, base_url="https://pages.example/")
    collected = source.poll(PollState(), NOW)
    stored = intake.store_all(database, collected.articles, now=NOW)
    left = len(collected.errors) + len(stored.errors)
    print(f"stored {stored.new}, known already {stored.unchanged + stored.revised}, left {left}")


if __name__ == "__main__":
    main()
