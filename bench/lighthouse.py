"""Lighthouse over every page of readers and of the desk.

    python bench/lighthouse.py [--only WORDS ...] [--desktop]

Each page of tests/web/every_page.py that its address alone shows is opened by the system's Chromium, the desk's with the
cookie of a seat, as a telephone (Lighthouse's own default: a slow processor and network, simulated) or as a desktop.
Prints three scores a page and what cost points. The bars: accessibility 100, best practices 100, performance 95.
Exit 1 where one is missed. On a busy machine performance says nothing: read it on a quiet one.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from digest import logs  # noqa: E402
from digest.bootstrap import House  # noqa: E402
from tests import browser, npm  # noqa: E402
from tests.web import every_page  # noqa: E402
from tests.web.every_page import Look  # noqa: E402

#: The newest that Node 20 runs.
VERSION = "12.8.2"
BARS = {"accessibility": 100, "best-practices": 100, "performance": 95}


def main() -> int:
    options = _options()
    logs.set_up("CRITICAL")
    modules, missed = npm.modules("lighthouse", VERSION), 0
    print(f"{'page':34} {'a11y':>5} {'best':>5} {'perf':>5}")
    with (
        _chromium() as port,
        every_page.scenes(lambda look: look.measured and _is_asked(look, options.only)) as scenes,
    ):
        for house, looks in scenes:
            for some in _by_seat(looks):
                pages = [_page(look, house, desktop=options.desktop) for look in some]
                for told in _measured(modules, port, pages):
                    missed += _tell(told)
    print("all bars reached" if not missed else f"{missed} pages below a bar")
    return 1 if missed else 0


def _by_seat(looks: Iterable[Look]) -> Iterator[list[Look]]:
    """What a stranger sees first: setting up is over once somebody has a seat."""
    found = list(looks)
    for has_seat in (False, True):
        if some := [look for look in found if bool(look.seat) is has_seat]:
            yield some


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--only", nargs="+", default=[""], help="pages with one of these in their name"
    )
    parser.add_argument("--desktop", action="store_true", help="as a desktop, not as a telephone")
    return parser.parse_args()


def _is_asked(look: Look, only: list[str]) -> bool:
    return any(words in look.name for words in only)


@contextmanager
def _chromium() -> Iterator[int]:
    """The port of a Chromium that can be driven."""
    with tempfile.TemporaryDirectory() as profile:
        words = [browser.program(), *browser.ARGS, "--headless=new", f"--user-data-dir={profile}"]
        words += ["--remote-debugging-port=0", "about:blank"]
        with subprocess.Popen(words, stderr=subprocess.PIPE, text=True) as running:  # noqa: S603
            assert running.stderr is not None
            line = next(one for one in running.stderr if "DevTools listening" in one)
            try:
                yield int(line.rpartition(":")[2].partition("/")[0])
            finally:
                running.terminate()


def _page(look: Look, house: House, *, desktop: bool) -> dict[str, Any]:
    seat = every_page.cookie(house, look.seat) if look.seat else None
    cookie = f"{seat['name']}={seat['value']}" if seat else ""
    url = every_page.address(look, house)
    return {"name": look.name, "url": url, "cookie": cookie, "desktop": desktop}


def _measured(modules: Path, port: int, pages: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    words = ["node", str(Path(__file__).with_suffix(".mjs")), str(modules)]
    given = json.dumps({"port": port, "pages": pages})
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen(words, text=True, **pipes) as running:  # noqa: S603
        assert running.stdin is not None
        assert running.stdout is not None
        running.stdin.write(given)
        running.stdin.close()
        yield from (json.loads(line) for line in running.stdout)
    if running.returncode:
        raise SystemExit(f"Lighthouse failed: exit {running.returncode}")


def _tell(told: dict[str, Any]) -> bool:
    """Print a page's scores and what cost points; True where a bar is missed."""
    scores = told["scores"]
    print(f"{told['name']:34} " + " ".join(f"{scores[kind]:5}" for kind in BARS), flush=True)
    missed = [kind for kind, bar in BARS.items() if scores[kind] < bar]
    if told["runtime"]:
        print(f"    could not be measured: {told['runtime']}")
    elif missed:
        print(*(f"    {one}" for one in told["failed"]), sep="\n")
    return bool(missed)


if __name__ == "__main__":
    sys.exit(main())
