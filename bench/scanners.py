"""Scanners of others over the program and over every page and form of a served house, with values that work.

    python bench/scanners.py [--only semgrep bandit wapiti sqlmap] [--scenes saturday sent "lived in"] [--minutes N]

semgrep (our own rules, proven on their own examples) and bandit read the source. wapiti and sqlmap ask a house on 127.0.0.1
that has a newsletter, readers, issues and a past, as a stranger, as an admin who is logged in, and with the API's token; before
that each must find the holes of a site that has some. Prints what was looked at and found. Exit 1 at a finding of medium
weight or more, or where a scanner was blind. The first run installs them; --minutes bounds wapiti and sqlmap, each.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench import scan_tools, scan_wapiti, scanned, trapped
from bench.scan_tools import Finding
from bench.scanned import Target
from digest import logs
from digest.bootstrap import House
from tests.web import every_page
from tests.web.test_roles import TABLE

TOOLS = ("semgrep", "bandit", "wapiti", "sqlmap")
SCENES = ("saturday", "sent", "lived in")
#: The longest that sqlmap may stay at one request, in seconds.
LONGEST_S = 240.0


@dataclass
class Row:
    """What a tool did. looked: at how much. blind: why its silence says nothing."""

    tool: str
    looked: str = ""
    findings: list[Finding] = field(default_factory=list)
    blind: str = ""
    seconds: float = 0.0

    @property
    def grave(self) -> list[Finding]:
        return [one for one in self.findings if one.grave]


def main() -> int:
    asked = _asked()
    logs.set_up("CRITICAL")
    rows = [row for name, tool in _SOURCE.items() if name in asked.only for row in tool()]
    if {"wapiti", "sqlmap"} & set(asked.only):
        rows += _served(asked.only, asked.scenes, asked.minutes * 60)
    return _tell(rows)


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--only", nargs="+", choices=TOOLS, default=TOOLS)
    parser.add_argument("--scenes", nargs="+", choices=SCENES, default=SCENES)
    parser.add_argument(
        "--minutes", type=float, default=30.0, help="for wapiti and for sqlmap, each"
    )
    return parser.parse_args()


# ------------------------------------------------ the source


def _timed(row: Row, look: Callable[[], list[Finding]]) -> Row:
    began = time.monotonic()
    row.findings = look()
    row.seconds = time.monotonic() - began
    return row


def _semgrep() -> Iterator[Row]:
    yield _timed(Row("semgrep, its examples", "bench/semgrep"), scan_tools.rules_hold)
    yield _timed(Row("semgrep, our rules", "digest/"), scan_tools.semgrep)


def _bandit() -> Iterator[Row]:
    yield _timed(Row("bandit -ll", "digest/"), scan_tools.bandit)


_SOURCE: dict[str, Callable[[], Iterator[Row]]] = {"semgrep": _semgrep, "bandit": _bandit}


# ------------------------------------------------ what is served


def _served(only: list[str], chosen: list[str], seconds: float) -> list[Row]:
    wapiti, sqlmap = Row("wapiti"), Row("sqlmap")
    with trapped.running() as url:
        if "wapiti" in only:
            wapiti.blind = _wapiti_sees(url)
        if "sqlmap" in only:
            sqlmap.blind = _sqlmap_sees(url)
    seen: set[tuple[str, ...]] = set()
    reached: set[str] = set()
    done: Counter[str] = Counter()
    with every_page.scenes(lambda look: look.scene in chosen) as scenes:
        for number, (house, looks) in enumerate(scenes):
            found = [one for one in scanned.targets(house, looks) if one.shape not in seen]
            seen |= {one.shape for one in found}
            reached |= {f"{one.method} {one.route}" for one in found}
            print(f"{house.public_url}: {len(found)} requests with values", flush=True)
            if "sqlmap" in only:
                _by_sqlmap(sqlmap, house, found, done, seconds=seconds - sqlmap.seconds)
            if "wapiti" in only:
                left = (seconds - wapiti.seconds) / (len(chosen) - number)
                _by_wapiti(wapiti, house, looks, seconds=left / 2)
    sqlmap.looked = ", ".join(f"{number} {what}" for what, number in done.items())
    if open_ := done["not judged"] + done["not reached in time"]:
        sqlmap.blind = sqlmap.blind or f"{open_} requests stay open; give it more --minutes"
    with_values = {one for one in TABLE if "{" in one or one.startswith("POST ")}
    print("routes with values that nothing led to:", *sorted(with_values - reached), sep="\n    ")
    return [row for row in (wapiti, sqlmap) if row.tool in only]


def _wapiti_sees(url: str) -> str:
    done = scan_wapiti.scan(url, [], "", seconds=400)
    kinds = " ".join(one.what for one in done.findings if one.grave)
    if "SQL" in kinds and "XSS" in kinds:
        return ""
    return f"it saw none of the planted holes: {kinds[:200]} {done.silent or ''}"


def _sqlmap_sees(url: str) -> str:
    told = scan_tools.sqlmap(Target("GET", f"{url}/search?q=quay", "/search"), "", "", seconds=60)
    return "" if told.startswith("found") else f"it did not see the planted hole: {told}"


def _by_wapiti(row: Row, house: House, looks: list[every_page.Look], *, seconds: float) -> None:
    """As a stranger, and as an admin; whose session must be there in the end."""
    began = time.monotonic()
    for seat in ("", "admin"):
        with scanned.client(house, seat) as asking:
            cookie = "; ".join(f"{key}={value}" for key, value in asking.cookies.items())
            starts = [
                every_page.address(one, house) for one in looks if bool(one.seat) == bool(seat)
            ]
            done = scan_wapiti.scan(house.public_url, starts, cookie, seconds=seconds)
            who = f"{house.public_url}, {seat or 'a stranger'}"
            through = ", ".join(f"{name} {count}" for name, count in sorted(done.through.items()))
            print(f"    wapiti at {who}: {done.pages} requests; through: {through}", flush=True)
            for module, told in done.silent.items():
                print(f"    wapiti at {who}: no report of {module}: {told}", flush=True)
                row.blind = row.blind or f"no report of {module}"
            row.looked = f"{row.looked} {done.pages}".strip()
            row.findings += done.findings
            if seat and asking.get(f"{house.public_url}/desk").status_code != 200:
                row.blind = row.blind or "its session was ended on the way"
    row.seconds += time.monotonic() - began


def _by_sqlmap(
    row: Row, house: House, found: list[Target], done: Counter[str], *, seconds: float
) -> None:
    """One request after another, each by a session of its own; the time that is left is shared."""
    began = time.monotonic()
    for number, one in enumerate(sorted(found, key=_harm)):
        done["requests"] += 1
        print(f"    {number + 1} of {len(found)}", end="\r", file=sys.stderr, flush=True)
        left = seconds - (time.monotonic() - began)
        if left <= 0:
            done["not reached in time"] += len(found) - number
            break
        here, cookie = scanned.fresh(house, one)
        secret = scanned.token(house) if one.seat == "api" else ""
        done["answered"] += scanned.answers(here, cookie, secret) < 400
        told = scan_tools.sqlmap(here, cookie, secret, seconds=min(LONGEST_S, left))
        done[
            "clean" if told == "clean" else "found" if told.startswith("found") else "not judged"
        ] += 1
        if told != "clean":
            print(f"    {one.method} {one.route}: {told}", flush=True)
        if told.startswith("found"):
            row.findings.append(Finding("sqlmap", f"{one.method} {one.route}", told))
    row.seconds += time.monotonic() - began


def _harm(one: Target) -> tuple[bool, bool]:
    """Looks come first, and last what takes things away."""
    ends = one.method == "DELETE" or one.route.endswith(("/erase", "/remove", "/skip"))
    return one.method != "GET", ends


# ------------------------------------------------ what is told


def _tell(rows: list[Row]) -> int:
    for finding in {one for row in rows for one in row.findings}:
        print(
            f"{'MEDIUM OR MORE' if finding.grave else 'low'}  {finding.tool}: {finding.where}: {finding.what}"
        )
    print(f"{'tool':24} {'medium or more':>14} {'low':>5} {'seconds':>8}  looked at")
    for row in rows:
        low = len(row.findings) - len(row.grave)
        blind = f"; BLIND: {row.blind}" if row.blind else ""
        print(f"{row.tool:24} {len(row.grave):14} {low:5} {row.seconds:8.0f}  {row.looked}{blind}")
    return 1 if any(row.grave or row.blind for row in rows) else 0


if __name__ == "__main__":
    sys.exit(main())
