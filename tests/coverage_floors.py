"""After the tests: each file whose lines were not all run, with how many; then the floors. Exit 1 below them.

`digest/` has at least 90 %, each stage at least 95 %. What the tests left is read here, once, and by nobody before.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path

ALL, STAGE = 90.0, 95.0
STAGES = (
    "collect",
    "storylines",
    "summarise",
    "rank",
    "compose",
    "render",
    "approve",
    "preflight",
    "pipeline",
)


def main() -> int:
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "coverage.json"
        command = [sys.executable, "-m", "coverage", "json", "-q", "-o", str(report)]
        subprocess.run(command, check=True)
        found = json.loads(report.read_text())
    for name, data in found["files"].items():
        _tell(name, data["summary"])
    lines = {name: data["summary"]["percent_covered"] for name, data in found["files"].items()}
    below = []
    total = found["totals"]["percent_covered"]
    if total < ALL:
        below.append(f"digest/ has {total:.1f} %, less than {ALL} %")
    for stage in STAGES:
        below += _below(stage, lines)
    print(f"line coverage: {total:.1f} % of digest/", *below, sep="\n  ")
    return 1 if below else 0


def _tell(name: str, summary: dict[str, float]) -> None:
    missing, all_of_them = summary["missing_lines"], summary["num_statements"]
    if missing:
        print(f"{name:<56} {missing:4} of {all_of_them:4} lines not run")


def _below(stage: str, lines: dict[str, float]) -> list[str]:
    """What of a stage has too little: its file, or the files of its folder."""
    files = [
        name
        for name in lines
        if name == f"digest/{stage}.py" or name.startswith(f"digest/{stage}/")
    ]
    if not files:
        return [f"digest/{stage}.py is not there"]
    return [
        f"{name} has {lines[name]:.1f} %, less than {STAGE} %"
        for name in files
        if lines[name] < STAGE
    ]


if __name__ == "__main__":
    sys.exit(main())
