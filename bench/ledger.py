"""What keeping account of every reader costs: `python bench/ledger.py --help`.

For each database and audience: freezing it, then a send into a provider that accepts at once, with
the ledger and without, in turns; what the database grows by, and the memory that the sender held.
Without a wire in between, nothing hides what the ledger costs: its messages a second are a ceiling,
and its processor time a message is the figure to keep. On PostgreSQL the server's own time is not
in it; SQLite's is.
"""

from __future__ import annotations

import argparse
import contextlib
import signal
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench import houses, measure
from bench.houses import Place, Templates
from bench.measure import Failed, Run
from bench.postgres import started
from digest import logs


@dataclass(slots=True)
class Figures:
    """All runs with one audience on one database. grown: MB a send, freezing included."""

    database: str
    readers: int
    freeze: list[Run] = field(default_factory=list)
    ledger: list[Run] = field(default_factory=list)
    plain: list[Run] = field(default_factory=list)
    grown_mb: list[float] = field(default_factory=list)

    @property
    def cost_us(self) -> list[float]:
        """Processor time of the ledger a message, in microseconds, turn by turn."""
        pairs = zip(self.ledger, self.plain, strict=True)
        return [1000 * (kept.cpu_per_1000 - plain.cpu_per_1000) for kept, plain in pairs]

    @property
    def slower(self) -> list[float]:
        """Wall time with the ledger over that without, turn by turn."""
        pairs = zip(self.ledger, self.plain, strict=True)
        return [plain.rate / kept.rate for kept, plain in pairs]

    def told(self) -> dict[str, object]:
        runs = {
            name: [run.told() for run in getattr(self, name)]
            for name in ("freeze", "ledger", "plain")
        }
        about = {"database": self.database, "readers": self.readers}
        return {**about, **runs, "grown_mb": self.grown_mb, "cost_us": self.cost_us}


def main(words: Sequence[str]) -> int:
    asked = _asked(words)
    logs.set_up("WARNING")
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(143))
    found: list[Figures] = []
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="digest-bench-")))
        for name in asked.databases:
            server = None
            if name == "postgresql":
                server = asked.database or stack.enter_context(started())
            templates = Templates(folder, asked.size, server=server, frozen=False)
            stack.callback(templates.remove)
            for readers in asked.readers:
                try:
                    found.append(_measured(templates, readers, asked))
                except Failed as error:
                    print(f"{name}, {readers:,} readers: {error}", file=sys.stderr)
                    return 1
                _print(found[-1])
    measure.keep(asked.json, audiences=[one.told() for one in found])
    return 0


def _asked(words: Sequence[str]) -> argparse.Namespace:
    lines = (__doc__ or "").split("\n\n")
    form = argparse.ArgumentParser(description="\n\n".join(lines[1:]))
    add = form.add_argument
    add("--readers", type=int, nargs="*", default=[10_000, 1_000_000], help="audiences")
    add("--runs", type=int, default=3, help="turns with each audience (3)")
    add("--connections", type=int, default=10, help="channels of the provider (10)")
    add("--size", type=int, default=60_000, help="bytes of a message, about (60000)")
    add(
        "--databases", nargs="*", choices=("sqlite", "postgresql"), default=["sqlite", "postgresql"]
    )
    add("--database", help="a PostgreSQL on which databases may be made; else one is started")
    add("--limit", type=float, default=1800.0, help="no run may take longer, seconds (1800)")
    add("--json", type=Path, help="write all figures to this file")
    add("--quick", action="store_true", help="tiny numbers: shows that it works, measures nothing")
    asked = form.parse_args(words)
    if asked.quick:
        asked.readers, asked.runs = [40], 1
    return asked


def _measured(templates: Templates, readers: int, asked: argparse.Namespace) -> Figures:
    """All turns with one audience. Raises Failed."""
    figures = Figures(templates.kind, readers)
    templates.template(readers)
    for turn in range(asked.runs):
        about = f"{templates.kind}, {readers:,} readers: turn {turn + 1} of {asked.runs}"
        print(about, file=sys.stderr, flush=True)
        with templates.copy(readers) as place:
            before = houses.megabytes(place)
            figures.plain.append(_child("plain", place, readers, asked))
            figures.freeze.append(_child("freeze", place, readers, asked))
            figures.ledger.append(_child("ledger", place, readers, asked))
            if (states := houses.standing(place)) != {"accepted": readers}:
                raise Failed(f"the ledger says {states}")
            figures.grown_mb.append(houses.megabytes(place) - before)
    return figures


def _child(what: str, place: Place, readers: int, asked: argparse.Namespace) -> Run:
    job = {"what": what, "url": place.url, "folder": str(place.folder), "readers": readers}
    command = measure.python("ledger_child", connections=asked.connections, **job)
    run = measure.together([command], limit_s=asked.limit)
    if run.messages != readers:
        raise Failed(f"{what}: {run.messages} of {readers} readers")
    return run


def _print(figures: Figures) -> None:
    """The figures of one audience, and what the bars speak of."""
    million = 1e6 / figures.readers
    print(
        f"\n{figures.database}, {figures.readers:,} readers; median (least-most) of {len(figures.plain)}"
    )
    lines = (
        ("freezing the audience, seconds", (run.seconds for run in figures.freeze), ".2f"),
        ("messages/s with the ledger", (run.rate for run in figures.ledger), ",.0f"),
        ("messages/s without", (run.rate for run in figures.plain), ",.0f"),
        ("wall time, with / without", figures.slower, ".2f"),
        ("CPU s/1000 with", (run.cpu_per_1000 for run in figures.ledger), ".4f"),
        ("CPU s/1000 without", (run.cpu_per_1000 for run in figures.plain), ".4f"),
        ("the ledger, CPU microseconds a message", figures.cost_us, ".1f"),
        ("database growth, MB", figures.grown_mb, ".1f"),
        ("database growth, MB per million", (one * million for one in figures.grown_mb), ".1f"),
        ("most memory while freezing, MB", (run.peak_mb for run in figures.freeze), ".0f"),
        ("most memory while sending, MB", (run.peak_mb for run in figures.ledger), ".0f"),
    )
    for name, values, form in lines:
        print(f"  {name:<42} {measure.shown(values, form)}")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
