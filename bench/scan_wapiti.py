"""wapiti, led through a served house: it walks the pages once, and each of its modules is a process with a time of its own.

In one process a module that hangs takes the report of all the others with it. So each writes a report, and one that gave
none is named. How many requests each module has been through is read from wapiti's own session.
"""

from __future__ import annotations

import contextlib
import json
import re
import sqlite3
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bench import scan_tools
from bench.scan_tools import Finding
from bench.scanned import ENDS_IT, KEPT

#: What it looks for, quick things first; xss and sql come with what builds on them. Not `ssrf`, `xxe` and `log4shell`: they need
#: a server on the internet; tests/sources/test_ssrf.py is ours.
MODULES = (
    "csp", "http_headers", "cookieflags", "methods", "csrf", "redirect", "crlf", "ldap", "sql,timesql",
    "xss,permanentxss", "exec", "file",
)  # fmt: skip
#: What is found and is right as it is, with the reason; told, and not counted.
EXPLAINED = (
    (
        r"Cross Site Request Forgery: POST /(?!desk/(?!login))",
        "opened by the token in its address or by nobody's rights: no cookie counts there that another site could borrow",
    ),
    (
        r"Secure Flag cookie: ",
        "a house on http://127.0.0.1; by https each is __Host- and Secure (tests/web/test_login.py)",
    ),
    (
        r"(HTTP Strict Transport Security|Strict Transport Security)",
        "the proxy's affair, which has the certificate (docs/install.md)",
    ),
)
#: What could take the seat away that looks on; sqlmap, which has a new session for each request, goes there.
_OF_ONE = ("/desk/house/editors/",)
#: From what level on a finding counts: wapiti knows 0 (information) to 4 (critical).
MEDIUM = 2
#: Of a pass's time, for walking.
_WALK = 0.25
#: A process needs so long to start and to write its report, in seconds.
_BESIDE = 30.0


@dataclass
class Scanned:
    """What it says. pages: requests that it found. through: how many of them each module was led through. silent: modules
    without a report, each with its last words."""

    findings: list[Finding] = field(default_factory=list)
    pages: int = 0
    through: Counter[str] = field(default_factory=Counter)
    silent: dict[str, str] = field(default_factory=dict)


def scan(url: str, starts: list[str], cookie: str, *, seconds: float) -> Scanned:
    """All modules over what can be reached from these pages. seconds: about, in all; a module that ends sooner leaves its time to the others."""
    ends = time.monotonic() + seconds
    with tempfile.TemporaryDirectory() as place:
        words = _words(url, starts, cookie, Path(place))
        walk = ["-m", "", "--flush-session", "--max-scan-time", f"{seconds * _WALK:.0f}"]
        report, told = _report([*words, *walk], Path(place), seconds=seconds * _WALK + _BESIDE)
        if report is None:
            return Scanned(silent={"the walk": told})
        done = Scanned(pages=int(report["infos"]["crawled_pages_nbr"]))
        for number, module in enumerate(MODULES):
            left = max(3.0, (ends - time.monotonic()) / (len(MODULES) - number))
            _module(done, words, module, Path(place), seconds=left)
        done.through = _through(Path(place))
    return done


def _module(done: Scanned, words: list[str], module: str, place: Path, *, seconds: float) -> None:
    each = seconds / len(module.split(","))
    more = ["-m", module, "--skip-crawl", "--max-attack-time", f"{each:.1f}"]
    report, told = _report([*words, *more], place, seconds=seconds + _BESIDE)
    if report is None:
        done.silent[module] = told
        return
    known = set(done.findings)
    done.findings += [one for one in _findings(report) if one not in known]


def _words(url: str, starts: list[str], cookie: str, place: Path) -> list[str]:
    words = [*scan_tools.program("wapiti"), "-u", f"{url}/", "--scope", "domain"]
    words += [part for one in starts for part in ("-s", one)]
    words += [part for one in (*ENDS_IT, *_OF_ONE) for part in ("-x", f"{url}{one}*")]
    words += [part for one in KEPT for part in ("--skip", one)]
    words += ["-H", f"Origin: {url}", "-H", "Sec-Fetch-Site: same-origin"]
    words += ["-C", cookie] if cookie else []
    words += ["--max-parameters", "40", "--tasks", "4", "-t", "15", "--no-bugreport", "-v", "0"]
    return [*words, "--store-session", str(place), "--store-config", str(place), "-f", "json"]


def _report(
    words: list[str], place: Path, *, seconds: float
) -> tuple[Mapping[str, Any] | None, str]:
    """(its report, None where there is none; the end of what it printed)."""
    file = place / "report.json"
    file.unlink(missing_ok=True)
    told = scan_tools.run([*words, "-o", str(file)], seconds=seconds)
    with contextlib.suppress(FileNotFoundError, ValueError):
        return json.loads(file.read_text()), told[-300:]
    return None, told[-300:] or "its time was up"


def _through(place: Path) -> Counter[str]:
    """Requests by module that it was led through to the end."""
    found: Counter[str] = Counter()
    for file in place.glob("*.db"):
        with contextlib.closing(sqlite3.connect(file)) as session:
            asked = "SELECT module, count(DISTINCT path_id) FROM attack_logs GROUP BY module"
            found.update(dict(session.execute(asked).fetchall()))
    return found


def _findings(report: Mapping[str, Any]) -> Iterator[Finding]:
    kinds = {**report["vulnerabilities"], **report["anomalies"]}
    return (_finding(kind, one) for kind, all_of_it in kinds.items() for one in all_of_it)


def _finding(kind: str, one: Mapping[str, Any]) -> Finding:
    where = f"{one['method']} {one['path']} {one['parameter'] or ''}".strip()
    why = next((why for what, why in EXPLAINED if re.match(what, f"{kind}: {where}")), "")
    weighs = int(one["level"]) >= MEDIUM and not why
    return Finding(
        "wapiti", where, f"{kind}: {one['info']}{f' ({why})' if why else ''}", grave=weighs
    )
