"""How fast readers come in: `python bench/imports.py [ROWS] [--postgres] [--kill] [--send]`.

Writes a file in Mailchimp's layout and takes it over in a process of its own. Prints seconds of the clock and
of the processor, the memory, and how long a transaction held the database. --kill: the process is killed by its
number three times on the way and the same command goes on. --send: beside it another process writes every
50 ms, as a send does, and tells how long it waited at the most.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import os
import resource
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from bench import measure  # noqa: E402
from digest.audience import imports  # noqa: E402
from digest.delivery import collector  # noqa: E402
from digest.model import SubscriptionStatus  # noqa: E402
from digest.store import heartbeats, import_log, subscribers  # noqa: E402
from digest.store.engine import Database  # noqa: E402

KEY = b"k" * 32
HEADER = (
    "Email Address,First Name,Last Name,MEMBER_RATING,OPTIN_TIME,OPTIN_IP,CONFIRM_TIME,CONFIRM_IP,"
    "TIMEZONE,LAST_CHANGED,LEID,EUID,NOTES,TAGS"
)
#: What is promised of a million rows on SQLite: seconds, megabytes, and seconds that one transaction holds it.
BAR_S, BAR_MB, BAR_HOLD_S = 60, 200, 1.0


def write_file(path: Path, rows: int) -> None:
    """A file as Mailchimp writes it, of `rows` readers of 500 domains."""
    with path.open("w", encoding="utf-8", newline="") as stream:
        stream.write(HEADER + "\r\n")
        for n in range(rows):
            at = f"2023-04-{n % 28 + 1:02} {n % 24:02}:{n % 60:02}:00"
            ip, zone = f"198.51.{n % 200}.{n % 250}", "Europe/Berlin" if n % 3 else ""
            stream.write(
                f"reader{n}.{n % 97}@mail{n % 500}.example,Réader,No {n},2,{at},{ip},{at},{ip},"
                f'{zone},{at},{n},{n:x},,"""Editors"""\r\n'
            )


def child(url: str, file: str) -> None:
    """Take the file over in this process and tell how it went, as JSON."""
    database = Database(url)
    holds = [0.0]
    _watch(database, holds)
    plan = imports.Plan("sunday", Path(file), wording="moved from the old system")
    began = time.perf_counter()
    with _peak() as peak, collector.seldom():
        report = imports.take_over(database, plan, key=KEY, clock=lambda: dt.datetime.now(dt.UTC))
    kinds = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    used = [resource.getrusage(kind) for kind in kinds]
    told = {
        "seconds": time.perf_counter() - began,
        "processor": sum(one.ru_utime + one.ru_stime for one in used),
        "megabytes": peak[0] / 1024,
        "longest": max(holds),
        "outcomes": {str(one): number for one, number in report.outcomes.items()},
    }
    print(json.dumps(told), flush=True)


def _watch(database: Database, holds: list[float]) -> None:
    """Note how long each writing transaction holds the database."""
    real = database.write

    @contextmanager
    def write(**how: bool) -> Iterator[object]:
        with real(**how) as session:
            began = time.perf_counter()
            yield session
            holds.append(time.perf_counter() - began)

    database.write = write  # type: ignore[assignment,method-assign]


@contextmanager
def _peak() -> Iterator[list[int]]:
    """The most KiB that this process and the one which reads for it held together, looked at every 0.1 s."""
    peak, done = [0], threading.Event()

    def look() -> None:
        while not done.wait(0.1):
            peak[0] = max(peak[0], sum(_resident(pid) for pid in ("self", *_children())))

    looking = threading.Thread(target=look)
    looking.start()
    try:
        yield peak
    finally:
        done.set()
        looking.join()


def _children() -> list[str]:
    return Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()


def _resident(pid: str) -> int:
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in status.splitlines() if "VmRSS" in line), 0)


def beside(url: str) -> None:
    """Write every 50 ms until told to stop; print the waits in milliseconds: median, 99 of 100, longest."""
    database, waits = Database(url), []
    stop = Path(os.environ["STOP"])
    while not stop.exists():
        began = time.perf_counter()
        with database.write() as session:
            heartbeats.beat(session, "bench", now=dt.datetime.now(dt.UTC))
        waits.append(1000 * (time.perf_counter() - began))
        time.sleep(0.05)
    waits.sort()
    print(*(f"{waits[int(len(waits) * part)]:.0f}" for part in (0.5, 0.99)), f"{waits[-1]:.0f}")


def run(url: str, file: Path, *, kills: int) -> dict[str, object]:
    """Take the file over; killed `kills` times on the way."""
    for number in range(kills):
        broken = _start("child", url, str(file))
        _wait_for_rows(url, 1 + number)
        os.kill(broken.pid, signal.SIGKILL)
        broken.wait()
        with Database(url).read() as session:
            (found,) = import_log.newest(session)
        print(f"  killed: {found.rows:,} rows were in, state {found.state}")
    done = _start("child", url, str(file))
    out, _ = done.communicate()
    return dict(json.loads(out.strip().splitlines()[-1]))


def _wait_for_rows(url: str, parts: int) -> None:
    """Until a tenth more of the rows is in than the kill before found."""
    database, wanted = Database(url), parts * 5_000
    while True:
        with database.read() as session:
            if any(one.rows >= wanted for one in import_log.newest(session)):
                return
        time.sleep(0.05)


def _start(*words: str, **environ: str) -> subprocess.Popen[str]:
    command = [sys.executable, __file__, "--part", *words]
    return subprocess.Popen(  # noqa: S603
        command, stdout=subprocess.PIPE, text=True, env={**os.environ, **environ}
    )


def whole(url: str, folder: Path, asked: argparse.Namespace) -> bool:
    """One whole import; True where it kept the bars."""
    from digest.store import migrate  # the process that imports needs none of it

    migrate.upgrade(Database(url))
    file, stop = folder / "subscribed.csv", folder / "stop"
    write_file(file, asked.rows)
    writer = _start("beside", url, STOP=str(stop)) if asked.send else None
    told = run(url, file, kills=3 if asked.kill else 0)
    stop.touch()
    print(
        f"{asked.rows:,} rows: {told['seconds']:.1f} s, processor {told['processor']:.1f} s, "
        f"{told['megabytes']:.0f} MB, longest transaction {told['longest']:.2f} s"
    )
    print(f"  {told['outcomes']}")
    if writer:
        waits, _ = writer.communicate()
        print(f"  a writer beside it waited, in ms (median, p99, longest): {waits.strip()}")
    with Database(url).read() as session:
        there = subscribers.counts(session, "sunday")[SubscriptionStatus.CONFIRMED]
    print(f"  {there:,} readers are confirmed")
    measure.keep(asked.json, rows=asked.rows, run=told)
    fits = told["seconds"] <= BAR_S * asked.rows / 1e6 and told["megabytes"] <= BAR_MB  # type: ignore[operator]
    return there == asked.rows and fits and told["longest"] <= BAR_HOLD_S  # type: ignore[operator,return-value]


def main() -> int:
    if sys.argv[1:2] == ["--part"]:
        {"child": child, "beside": beside}[sys.argv[2]](*sys.argv[3:])
        return 0
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("rows", nargs="?", type=int, default=1_000_000)
    parser.add_argument("--postgres", action="store_true")
    parser.add_argument("--kill", action="store_true")
    parser.add_argument("--send", action="store_true")
    parser.add_argument("--json", type=Path, help="write the figures to this file")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="digest-imports-") as name:
        folder = Path(name)
        if not asked.postgres:
            return 0 if whole(f"sqlite:///{folder}/digest.db", folder, asked) else 1
        from bench import postgres

        with postgres.started() as url:
            return 0 if whole(url, folder, asked) else 1


if __name__ == "__main__":
    raise SystemExit(main())
