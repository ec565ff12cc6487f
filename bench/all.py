"""All measurements that have figures for docs/benchmarks.md, and that page: `python bench/all.py --help`.

Each part is a command of this folder; it runs by itself, writes its figures as JSON, and those are put onto the page
with pictures. A part that cannot run here (an outside program is missing) is named there as left out. With
--figures FOLDER the JSON files are kept, and parts whose file is there already are not measured again.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from bench import page_of_figures  # noqa: E402


class Part(NamedTuple):
    """One command. `{json}` stands for its file of figures; quick, whole: what it is asked."""

    command: str
    quick: str
    whole: str


PARTS = {
    "delivery": Part(
        "bench/delivery.py --delay 0 20 --json {json}",
        "--readers 20000 --runs 2 --seconds 2 --only fast@* smtp-sink@0",
        "--readers 20000 --runs 3 --only fast@* smtp-sink@*",
    ),
    "building": Part("bench/compile.py --json {json}", "0.3", "2"),
    "signing": Part("bench/dkim.py --json {json}", "0.3", "2"),
    "providers": Part("bench/http_providers.py --json {json}", "2000", "20000"),
    "engine": Part("bench/engine.py speed {json}", "", ""),
    "pages": Part("bench/pages.py --json {json}", "--pages 240 --rounds 2", "--pages 900"),
    "judgement": Part(
        "-m bench.judgement.summaries --json {json}", "--made-up 60", "--made-up 300"
    ),
    "growth": Part(
        "bench/growth.py --json {json}",
        "--stories 10 50 200 500 --readers 1000 10000",
        "",
    ),
}
#: No part takes longer, in seconds.
_LIMIT_S = 3600.0


def main(words: Sequence[str]) -> int:
    asked = _asked(words)
    with tempfile.TemporaryDirectory(prefix="digest-bench-") as name:
        folder = asked.figures or Path(name)
        folder.mkdir(parents=True, exist_ok=True)
        found: dict[str, Any] = {}
        left_out: dict[str, str] = {}
        for part in asked.parts:
            file = folder / f"{part}.json"
            why = "" if file.exists() else _run(part, file, quick=asked.quick)
            if file.exists():
                found[part] = json.loads(file.read_text(encoding="utf-8"))
            else:
                left_out[part] = why
    if not found:
        print("nothing could be measured here", file=sys.stderr)
        return 1
    made = page_of_figures.page(found, left_out, quick=asked.quick)
    _write(made, asked.page)
    print(
        f"{asked.page}: {', '.join(found)}"
        + (f"; left out: {', '.join(left_out)}" if left_out else "")
    )
    return 0


def _asked(words: Sequence[str]) -> argparse.Namespace:
    lines = (__doc__ or "").split("\n\n")
    form = argparse.ArgumentParser(description="\n\n".join(lines[1:]))
    add = form.add_argument
    add("parts", nargs="*", metavar="PART", help=f"{' '.join(PARTS)} (all)")
    add("--quick", action="store_true", help="small sizes, some minutes")
    add(
        "--figures", type=Path, help="keep the figures in this folder, and use those that are there"
    )
    add("--page", type=Path, default=ROOT / "docs" / "benchmarks.md")
    asked = form.parse_args(words)
    asked.parts = asked.parts or list(PARTS)
    if strangers := set(asked.parts) - set(PARTS):
        form.error(f"there is no part {', '.join(sorted(strangers))}")
    return asked


def _run(part: str, file: Path, *, quick: bool) -> str:
    """Measure one part; what it said last where it left no figures."""
    one = PARTS[part]
    command = [word.replace("{json}", str(file)) for word in one.command.split()]
    command += (one.quick if quick else one.whole).split()
    print(f"{part}: python {' '.join(command)}", file=sys.stderr, flush=True)
    began = time.monotonic()
    try:
        done = subprocess.run(  # noqa: S603
            [sys.executable, *command],
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=_LIMIT_S,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return f"it took more than {_LIMIT_S / 60:.0f} minutes"
    print(f"  {time.monotonic() - began:.0f} s", file=sys.stderr, flush=True)
    said = (done.stderr.strip() or done.stdout.strip()).splitlines()
    return said[-1] if said else f"it ended with status {done.returncode}"


def _write(made: page_of_figures.Page, page: Path) -> None:
    """The page, and its pictures in the folder beside it."""
    pictures = page.parent / "pictures"
    pictures.mkdir(parents=True, exist_ok=True)
    page.write_text(made.text, encoding="utf-8")
    for name, svg in made.pictures.items():
        (pictures / name).write_text(svg, encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
