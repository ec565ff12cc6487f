"""Scanners of others: each in a virtual environment of its own, run on what it is given, its answer read.

Nothing is asked of the internet while they run: rules and targets are of this machine.
"""

from __future__ import annotations

import fcntl
import json
import re
import subprocess
import sys
import tempfile
import venv
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

from bench.scanned import KEPT, Target

ROOT = Path(__file__).resolve().parents[1]
FOLDER = Path(sys.prefix) / "scanners"
#: Name → what is installed for it.
PACKAGES = {"semgrep": "semgrep==1.185.0", "wapiti": "wapiti3==3.2.3", "sqlmap": "sqlmap==1.10.10"}
RULES = ROOT / "bench" / "semgrep"
_FOUND = "identified the following injection point"
_CLEAN = "do not appear to be injectable"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that a scanner says. grave: of medium weight or more."""

    tool: str
    where: str
    what: str
    grave: bool = True


def program(name: str) -> list[str]:
    """The command of a tool, installed by the first who asks. By its own Python: a script knows only where it was installed."""
    folder = FOLDER / name
    FOLDER.mkdir(parents=True, exist_ok=True)
    with (FOLDER / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "bin" / name).exists():
            venv.create(folder, with_pip=True, clear=True)
            words = [str(folder / "bin" / "python"), "-m", "pip", "install", "-q", PACKAGES[name]]
            subprocess.run(words, check=True)  # noqa: S603
    return [str(folder / "bin" / "python"), str(folder / "bin" / name)]


def run(words: list[str], *, seconds: float, folder: Path = ROOT) -> str:
    """What a program prints; what it printed so far where its time is up."""
    try:
        done = subprocess.run(  # noqa: S603
            words, cwd=folder, capture_output=True, text=True, timeout=seconds, check=False
        )
    except subprocess.TimeoutExpired as cut:
        told = cut.stdout or b""
        return told.decode("utf-8", "replace") if isinstance(told, bytes) else told
    return done.stdout + done.stderr


def _json(told: str) -> Any:
    """The JSON object in what a program prints; before and after it stands what it warns of."""
    return json.JSONDecoder().raw_decode(told[told.index("{\n" if "{\n" in told else "{") :])[0]


# ------------------------------------------------ of the source


def bandit() -> list[Finding]:
    """What bandit finds of medium weight or more in the program."""
    told = run(
        [sys.executable, "-m", "bandit", "-q", "-ll", "-r", "digest", "-f", "json"], seconds=600
    )
    found = _json(told)["results"]
    return [
        Finding("bandit", f"{one['filename']}:{one['line_number']}", one["issue_text"])
        for one in found
    ]


def semgrep() -> list[Finding]:
    """What our own rules find in the program."""
    rules = str(RULES / "house.yml")
    told = run(
        [*program("semgrep"), "scan", "--config", rules, "--json", "-q", *_ALONE, "digest"],
        seconds=900,
    )
    found = _json(told)
    broken = [
        Finding("semgrep", str(one.get("path", "")), str(one["message"])) for one in found["errors"]
    ]
    return broken + [
        Finding(
            "semgrep", f"{one['path']}:{one['start']['line']}", one["check_id"].rpartition(".")[2]
        )
        for one in found["results"]
    ]


def rules_hold() -> list[Finding]:
    """Our rules on their own examples: each finds what it should and nothing else."""
    words = [*program("semgrep"), "scan", "--test", *_ALONE, "--config", ".", "."]
    told = run(words, seconds=600, folder=RULES)
    if re.search(r"\b([1-9]\d*)/\1: ✓ All tests passed", told):
        return []
    return [Finding("rules", "bench/semgrep", told[-600:])]


_ALONE = ("--metrics", "off", "--disable-version-check")


# ------------------------------------------------ of what is served


def sqlmap(one: Target, cookie: str, token: str, *, seconds: float) -> str:
    """What sqlmap says of one request whose every value is tried: `clean`, `found …` or why it cannot tell.

    By what it knows of SQLite, on which the houses stand: the statements are the same on PostgreSQL. A click's redirect
    leads out of this machine and is not followed.
    """
    with tempfile.TemporaryDirectory() as folder:
        request = Path(folder) / "request.txt"
        request.write_bytes(_request(one, cookie, token).encode())
        words = [*program("sqlmap"), "-r", str(request), "--batch", "--flush-session"]
        words += ["--disable-coloring", "--ignore-redirects", "--ignore-code", "*"]
        words += ["--level", "1", "--risk", "1", "--technique", "BEUT", "--time-sec", "3"]
        words += ["--dbms", "sqlite", "--timeout", "15", "--retries", "1"]
        words += ["--output-dir", folder, "--time-limit", str(int(seconds))]
        told = run(words, seconds=seconds + 20)
    if _FOUND in told:
        return "found " + " ".join(re.findall(r"^Parameter: .*|^ +Title: .*", told, re.MULTILINE))
    if _CLEAN in told:
        return "clean"
    reasons = re.findall(r"\[(?:CRITICAL|ERROR)\] (.*)", told)
    return reasons[-1][:120] if reasons else f"its time was up: {told[-120:].strip()}"


def _request(one: Target, cookie: str, token: str) -> str:
    """As sqlmap reads it: a star behind every value that it may change."""
    parts = urlsplit(one.url)
    path = _starred(one.route, parts.path)
    query = "&".join(f"{pair}*" for pair in parts.query.split("&") if pair)
    head = [f"{one.method} {path}{f'?{query}' if query else ''} HTTP/1.1", f"Host: {parts.netloc}"]
    head += [f"Origin: {parts.scheme}://{parts.netloc}", "Sec-Fetch-Site: same-origin"]
    head += [f"Cookie: {cookie}"] if cookie else []
    head += [f"Authorization: Bearer {token}"] if one.seat == "api" else []
    if one.method == "GET":
        return "\r\n".join((*head, "", ""))
    kind = "application/json" if one.body else "application/x-www-form-urlencoded"
    body = re.sub(r'("[^"]*": "[^"]*)"', r'\1*"', one.body) if one.body else _form(one)
    return "\r\n".join((*head, f"Content-Type: {kind}", "", body))


def _form(one: Target) -> str:
    return "&".join(
        f"{quote(key, safe='')}={quote(value.replace('*', ''), safe='')}{'' if key in KEPT else '*'}"
        for key, value in one.fields.items()
    )


def _starred(route: str, path: str) -> str:
    """The path with a star behind each part that the route leaves open."""
    open_ = re.compile(re.sub(r"\\{[^}]*\\}", "([^/]+)", re.escape(route)))
    found = open_.fullmatch(path)
    if found is None:
        return path
    ends = {found.end(number) for number in range(1, len(found.groups()) + 1)}
    return "".join(f"{sign}*" if at + 1 in ends else sign for at, sign in enumerate(path))
