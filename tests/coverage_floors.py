"""After the tests: line coverage of `digest/` at least 90 %, of each stage at least 95 %. Exit 1 if not."""

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
    lines = {name: data["summary"]["percent_covered"] for name, data in found["files"].items()}
    below = []
    total = found["totals"]["percent_covered"]
    if total < ALL:
        below.append(f"digest/ has {total:.1f} %, less than {ALL} %")
    for stage in STAGES:
        below += _below(stage, lines)
    print(f"line coverage: {total:.1f} % of digest/", *below, sep="\n  ")
    return 1 if below else 0


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
