"""Pages from bytes to stored articles, against trafilatura alone on the same pages in the same run.

    python bench/pages.py [FOLDER] [--pages 2000] [--rounds 3] [--json FILE]

FOLDER holds saved pages (*.html or *.html.gz, at any depth); they are repeated until there are enough. Without one,
pages are made up: an article of some 300 words among the links of a site.
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
import html
import logging
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from itertools import cycle, islice
from pathlib import Path

import trafilatura

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench import made_up, measure
from digest import child, intake
from digest.protocols import PollState
from digest.sources.pages import PagesSource
from digest.store.engine import Database
from digest.store.migrate import upgrade

NOW = dt.datetime(2026, 11, 24, tzinfo=dt.UTC)


def main() -> None:
    """Write the pages into a folder, take turns, tell the ratio."""
    given = argparse.ArgumentParser(description=__doc__)
    given.add_argument("folder", type=Path, nargs="?")
    given.add_argument("--pages", type=int, default=2000)
    given.add_argument("--rounds", type=int, default=3)
    given.add_argument("--json", type=Path, help="write the figures to this file")
    options = given.parse_args()
    logging.getLogger("trafilatura").setLevel(logging.CRITICAL)
    part = max(1, options.pages // options.rounds)
    whole = part * options.rounds
    ours, theirs, own, alone = 0.0, 0.0, 0.0, 0.0
    with tempfile.TemporaryDirectory() as place:
        for number in range(options.rounds):
            folder = Path(place) / str(number)
            if options.folder:
                _lay_out(options.folder, folder, part)
            else:
                _make_up(folder, part, seed=number)
            wall, cpu = _measured(partial(_theirs, folder))
            theirs, alone = theirs + wall, alone + cpu
            database = Database(f"sqlite:///{place}/{number}.db")
            upgrade(database)
            wall, cpu = _measured(partial(_ours, folder, database))
            ours, own = ours + wall, own + cpu
            database.close()
    child.close()  # only of children that have ended one knows what they cost
    children = measure.cpu_s(resource.RUSAGE_CHILDREN)
    rates = {"ours": whole / ours, "trafilatura": whole / theirs}
    measure.keep(options.json, pages=whole, made_up=options.folder is None, per_second=rates)
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


def _make_up(folder: Path, count: int, *, seed: int) -> None:
    folder.mkdir()
    links = "".join(f'<li><a href="/section-{n}">Section {n}</a></li>' for n in range(40))
    for number, made in enumerate(made_up.Site(seed).week(count, NOW - dt.timedelta(days=7))):
        one = made.article
        told = "".join(f"<p>{html.escape(part)}</p>" for part in one.text.split("\n\n"))
        (folder / f"{number:05}.html").write_text(
            f'<!doctype html><html lang="en"><head><title>{one.title} | The Gazette</title>'
            f'<meta property="og:title" content="{one.title}">'
            f'<meta property="article:published_time" content="{made.at.isoformat()}"></head>'
            f"<body><header><nav><ul>{links}</ul></nav></header><main><article><h1>{one.title}</h1>"
            f'<p class="byline">By {one.authors[0]}</p>{told}</article></main>'
            f"<aside><h2>More stories</h2><ul>{links}</ul></aside><footer>{links}</footer></body></html>",
            encoding="utf-8",
        )


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
