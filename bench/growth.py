"""What growing costs: `python bench/growth.py --help`.

`stories`: weeks of 10 to 2,000 stories from their sources' answers to the stored draft, each with as large weeks before
it and in a process of its own: seconds, processor seconds and memory of each stage, what its child takes included.
`readers`: sends to 1,000 readers and more into a provider that accepts at once (`bench/ledger.py`), and files of as
many readers taken over (`bench/imports.py`). What matters is the slope: the power of the size with which a cost grows, a line fitted
through the logs of both; 1 is linear. It is told of all sizes and of the larger half, where no start-up hides it.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench import measure

#: What is promised of the largest week, and of the slope of each whole.
BAR_S, BAR_MB, BAR_SLOPE = 20.0, 500.0, 1.1
#: What is judged by its slope; and from how many seconds on a steep part of it is named.
WHOLE = ("all of it", "by the clock", "most memory, MB")
_WORTH_S = 1.0

Told = dict[str, Any]


def main(words: Sequence[str]) -> int:
    asked = _asked(words)
    told: Told = {"asked": {"weeks": asked.weeks, "quick": asked.quick}}
    met = True
    if "stories" in asked.parts:
        told["stories"] = [_week(size, asked.weeks) for size in asked.stories]
        told["slopes"] = _print_weeks(told["stories"])
        met = _is_met(told["stories"][-1], told["slopes"])
    if "readers" in asked.parts:
        told["readers"] = _sends(asked.readers)
        told["imports"] = [_import(size) for size in asked.readers]
        told["readers' slopes"] = _print_readers(told["readers"], told["imports"])
        met = met and all(one["upper"] <= BAR_SLOPE for one in told["readers' slopes"].values())
    measure.keep(asked.json, **told)
    print(f"bar: {'met' if met else 'missed'}")
    return 0 if met or asked.quick else 1


def _asked(words: Sequence[str]) -> argparse.Namespace:
    lines = (__doc__ or "").split("\n\n")
    form = argparse.ArgumentParser(description="\n\n".join(lines[1:]))
    add = form.add_argument
    add("parts", nargs="*", metavar="PART", help="stories readers (both)")
    add("--stories", type=int, nargs="+", default=[10, 50, 200, 500, 1000, 2000])
    add("--weeks", type=int, default=8, help="as large weeks before it (8)")
    add("--readers", type=int, nargs="+", default=[1_000, 10_000, 100_000])
    add("--whole", action="store_true", help="1,000,000 readers as well")
    add("--json", type=Path, help="write all figures to this file")
    add("--quick", action="store_true", help="small sizes: shows that it works, measures little")
    asked = form.parse_args(words)
    asked.parts = asked.parts or ["stories", "readers"]
    if strangers := set(asked.parts) - {"stories", "readers"}:
        form.error(f"there is no part {', '.join(sorted(strangers))}")
    if asked.quick:
        asked.stories, asked.readers, asked.weeks = [10, 40], [200, 1_000], 2
    if asked.whole:
        asked.readers.append(1_000_000)
    return asked


# ---------------------------------------------------------------- stories


def _week(stories: int, weeks: int) -> Told:
    """One week in a process of its own."""
    _say(f"a week of {stories:,} stories")
    command = measure.python("growing_week", stories=stories, weeks=weeks)
    told: Told = json.loads(_run(command))
    stages = told["stages"].values()
    told["seconds"] = sum(one["seconds"] for one in stages)
    told["cpu_s"] = sum(one["cpu_s"] for one in stages)
    told["peak_mb"] = max(one["peak_mb"] for one in stages) + told["children_mb"]
    return told


def _print_weeks(weeks: Sequence[Told]) -> Told:
    """The table, and the slope of each of its lines."""
    sizes = [week["stories"] for week in weeks]
    print("\nprocessor seconds" + "".join(f"{size:>9,}" for size in sizes) + "   slope  upper half")
    slopes = {}
    for stage in weeks[0]["stages"]:
        cost = [week["stages"][stage]["cpu_s"] for week in weeks]
        slopes[stage] = _line(stage, sizes, cost) | {"most": cost[-1]}
    for name, key, form in (
        ("all of it", "cpu_s", ".2f"),
        ("by the clock", "seconds", ".2f"),
        ("most memory, MB", "peak_mb", ".0f"),
    ):
        cost = [week[key] for week in weeks]
        slopes[name] = _line(name, sizes, cost, form=form) | {"most": cost[-1]}
    return slopes


def _is_met(last: Told, slopes: Told) -> bool:
    """Of the whole week; a stage that grows faster is named."""
    for name, one in slopes.items():
        if one["upper"] > BAR_SLOPE and one["most"] >= _WORTH_S:
            print(f"steeper than {BAR_SLOPE}: {name}, {one['upper']:.2f} in the larger half")
    fits = last["seconds"] <= BAR_S and last["peak_mb"] <= BAR_MB
    return fits and all(slopes[name]["upper"] <= BAR_SLOPE for name in WHOLE)


# ---------------------------------------------------------------- readers


def _sends(sizes: Sequence[int]) -> list[Told]:
    """Freezing and sending on SQLite."""
    _say("sends to " + ", ".join(f"{size:,}" for size in sizes) + " readers")
    words = ["--databases", "sqlite", "--runs", "1", "--readers", *map(str, sizes)]
    found = []
    for one in _json_of("ledger.py", *words)["audiences"]:
        send, freeze = one["ledger"][0], one["freeze"][0]
        about = {"readers": one["readers"], "freeze_s": freeze["seconds"]}
        sent = {"send_s": send["seconds"], "cpu_s": send["cpu_s"], "peak_mb": send["peak_mb"]}
        found.append(about | sent | {"grown_mb": one["grown_mb"][0]})
    return found


def _import(rows: int) -> Told:
    _say(f"a file of {rows:,} readers")
    told: Told = _json_of("imports.py", str(rows))["run"]
    return told | {"readers": rows}


def _print_readers(sends: Sequence[Told], imports: Sequence[Told]) -> Told:
    sizes = [one["readers"] for one in sends]
    print(
        "\nreaders          " + "".join(f"{size:>11,}" for size in sizes) + "   slope  upper half"
    )
    lines: tuple[tuple[str, Sequence[Told], Callable[[Told], float], str], ...] = (
        ("freezing, s", sends, lambda one: one["freeze_s"], ".2f"),
        ("sending, s", sends, lambda one: one["send_s"], ".2f"),
        ("sending, CPU s", sends, lambda one: one["cpu_s"], ".2f"),
        ("sending, MB", sends, lambda one: one["peak_mb"], ".0f"),
        ("database, MB", sends, lambda one: one["grown_mb"], ".2f"),
        ("import, CPU s", imports, lambda one: one["processor"], ".2f"),
        ("import, MB", imports, lambda one: one["megabytes"], ".0f"),
    )
    return {
        name: _line(name, sizes, list(map(value, rows)), form=form, width=11)
        for name, rows, value, form in lines
    }


# ---------------------------------------------------------------- both


def _line(
    name: str, sizes: Sequence[int], cost: Sequence[float], *, form: str = ".2f", width: int = 9
) -> Told:
    points = list(zip(sizes, cost, strict=True))
    whole, upper = measure.slope(points), measure.slope(points[-max(2, len(points) // 2) :])
    cells = "".join(f"{one:>{width}{form}}" for one in cost)
    print(f"{name:<17}{cells}{whole:>8.2f}{upper:>12.2f}", flush=True)
    return {"slope": whole, "upper": upper}


def _json_of(script: str, *words: str) -> Told:
    """What a command of this folder writes of its figures; it may miss a bar of its own."""
    with tempfile.TemporaryDirectory(prefix="digest-bench-") as folder:
        path = Path(folder) / "figures.json"
        command = [sys.executable, f"bench/{script}", *words, "--json", str(path)]
        _run(command, ends=(0, 1))
        found: Told = json.loads(path.read_text(encoding="utf-8"))
        return found


def _run(command: Sequence[str], *, ends: Sequence[int] = (0,)) -> str:
    done = subprocess.run(  # noqa: S603
        command, cwd=measure.ROOT, capture_output=True, text=True, check=False
    )
    if done.returncode not in ends:
        raise SystemExit(f"{' '.join(command)}: {done.stderr[-2000:]}")
    return done.stdout


def _say(words: str) -> None:
    print(words, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
