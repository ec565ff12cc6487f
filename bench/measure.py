"""Children that send, what they cost, and the middle of several runs."""

from __future__ import annotations

import argparse
import contextlib
import datetime as dt
import json
import math
import os
import platform
import resource
import select
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Any

import psutil

from digest import __version__

ROOT = Path(__file__).resolve().parents[1]

#: How long a child may take to get ready, in seconds.
READY_S = 120.0


class Failed(Exception):
    """A child that ended badly or took too long; the message has its last words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One run of one sender.

    seconds: its send phase alone. wall_s: from its start to its end, the start of an interpreter
    included. cpu_s: user and system time of the send phase. peak_mb: the most memory it held.
    """

    messages: int
    seconds: float
    wall_s: float
    cpu_s: float
    peak_mb: float
    server_cpu_s: float = 0.0

    @property
    def rate(self) -> float:
        return self.messages / self.seconds

    @property
    def cpu_per_1000(self) -> float:
        return 1000 * self.cpu_s / self.messages

    def told(self) -> dict[str, float]:
        return {**asdict(self), "rate": self.rate, "cpu_per_1000": self.cpu_per_1000}


def middle(values: Iterable[float]) -> tuple[float, float, float]:
    """Median, least and most."""
    found = sorted(values)
    return statistics.median(found), found[0], found[-1]


def shown(values: Iterable[float], form: str = ",.0f") -> str:
    """`median (least-most)`."""
    median, least, most = middle(values)
    return f"{median:{form}} ({least:{form}}-{most:{form}})"


def slope(points: Iterable[tuple[float, float]]) -> float:
    """The power of a size with which a cost grows: the line fitted through logs of (size, cost). 1 is linear."""
    logs = [(math.log(size), math.log(max(cost, 1e-9))) for size, cost in points]
    return statistics.linear_regression(*zip(*logs, strict=True)).slope


# ---------------------------------------------------------------- what is kept of it


def asked(about: str | None, name: str, usual: float) -> argparse.Namespace:
    """The words of a command that takes one number, and a file for its figures."""
    form = argparse.ArgumentParser(description=about)
    form.add_argument(name, nargs="?", type=type(usual), default=usual)
    form.add_argument("--json", type=Path, help="write all figures to this file")
    return form.parse_args()


def keep(path: Path | None, **figures: Any) -> None:
    """Write a command's figures to a file, with the machine that they are of; no path, no file."""
    if path is not None:
        told = {"machine": machine(), **figures}
        path.write_text(json.dumps(told, indent=1, default=str), encoding="utf-8")


def machine() -> dict[str, object]:
    """Where and when: what figures need beside them."""
    return {
        "processor": _processor(),
        "cores": os.cpu_count(),
        "load": round(os.getloadavg()[0], 1),
        "Python": platform.python_version(),
        "kernel": platform.release(),
        "version": __version__,
        "commit": _commit(),
        "at": dt.datetime.now(dt.UTC).isoformat(timespec="minutes"),
    }


def _processor() -> str:
    with contextlib.suppress(OSError):
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.machine()


def _commit() -> str:
    """The checkout's commit, with a plus where files were changed since; empty outside of one."""
    git = shutil.which("git")
    if git is None:
        return ""
    words = [[git, "rev-parse", "--short", "HEAD"], [git, "status", "--porcelain", "-uno"]]
    done = [
        subprocess.run(one, cwd=ROOT, capture_output=True, text=True, check=False)  # noqa: S603
        for one in words
    ]
    return done[0].stdout.strip() + ("+" if done[1].stdout.strip() else "")


# ---------------------------------------------------------------- inside a child


def cpu_s(who: int = resource.RUSAGE_SELF) -> float:
    """Processor seconds of this process so far, user and system, all threads; or of its ended children."""
    used = resource.getrusage(who)
    return used.ru_utime + used.ru_stime


def peak_mb(process: int | str = "self") -> float:
    """The most memory that a process has held, in MB (10^6); 0 for one that has ended.

    VmHWM, since what getrusage tells of a child begins with the memory of whoever started it.
    """
    with contextlib.suppress(OSError):
        for line in Path(f"/proc/{process}/status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024 / 1e6
    if process != "self":
        return 0.0
    used = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return used / 1e6 if sys.platform == "darwin" else used * 1024 / 1e6


def share_mb(process: int) -> float:
    """What a process holds now, in MB: what it shares with others counts in parts (PSS, Linux); 0 for one that has ended."""
    with contextlib.suppress(OSError):
        for line in Path(f"/proc/{process}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) * 1024 / 1e6
    return 0.0


def forget_peak() -> None:
    """Let this process's peak begin anew from what it holds now, where the kernel can (Linux)."""
    with contextlib.suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5")


class Children(threading.Thread):
    """Looks ten times a second at how much memory each child of this process has held at most."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self._over = threading.Event()
        self._most: dict[int, float] = {}

    def run(self) -> None:
        looks = 0
        while not self._over.wait(0.1):
            if (
                looks % 10 == 0
            ):  # who they are is asked more rarely: it takes a look at every process
                self._most |= {one.pid: 0.0 for one in psutil.Process().children()} | self._most
            for one, most in self._most.items():
                self._most[one] = max(most, share_mb(one))
            looks += 1

    def end(self) -> float:
        """In MB, of all together, as if all had lived at the same time."""
        self._over.set()
        self.join()
        return sum(self._most.values())


@contextmanager
def phase(messages: int) -> Iterator[dict[str, float]]:
    """The send phase of a child: waits for the word to begin, and tells its cost at the end.

    The block may change `messages` in what it is given.
    """
    print("ready", flush=True)
    if sys.stdin.readline().strip() != "go":
        sys.exit(3)
    told: dict[str, float] = {"messages": messages, "began": time.monotonic()}
    before = cpu_s()
    yield told
    told |= {"ended": time.monotonic(), "cpu_s": cpu_s() - before, "peak_mb": peak_mb()}
    print(json.dumps(told), flush=True)


# ---------------------------------------------------------------- around children


def python(module: str, **job: Any) -> list[str]:
    """The command of a child of ours: a module of this folder, and its job as JSON."""
    return [sys.executable, "-m", f"bench.{module}", json.dumps(job)]


def together(commands: Sequence[Sequence[str]], *, limit_s: float) -> Run:
    """Run children of ours at the same time, as one sender. Raises Failed; none is left behind."""
    began = time.monotonic()
    with contextlib.ExitStack() as stack:
        children = [stack.enter_context(_child(command)) for command in commands]
        for child in children:
            _read(child, READY_S, "ready")
        for child in children:
            assert child.stdin is not None
            child.stdin.write(b"go\n")
            child.stdin.flush()
        until = time.monotonic() + limit_s
        told = [json.loads(_read(child, until - time.monotonic(), "{")) for child in children]
    return Run(
        messages=sum(int(one["messages"]) for one in told),
        seconds=max(one["ended"] for one in told) - min(one["began"] for one in told),
        wall_s=time.monotonic() - began,
        cpu_s=sum(one["cpu_s"] for one in told),
        peak_mb=max(one["peak_mb"] for one in told),
    )


def foreign(
    command: Sequence[str], environment: Mapping[str, str], messages: int, *, limit_s: float
) -> Run:
    """Run a program that knows nothing of us; all of it is its send phase. Raises Failed."""
    began, peak = time.monotonic(), 0.0
    with _child(command, environment) as child:
        ready = os.pidfd_open(child.pid)
        try:
            while not select.select([ready], [], [], 0.05)[0]:
                peak = max(peak, peak_mb(child.pid))
                if time.monotonic() - began > limit_s:
                    raise Failed(f"{command[0]} took more than {limit_s:.0f} s")
        finally:
            os.close(ready)
        _, status, used = os.wait4(child.pid, 0)
        wall_s = time.monotonic() - began
        child.returncode = os.waitstatus_to_exitcode(status)
        if child.returncode:
            raise Failed(_last_words(child, _errors(child)))
    cpu = used.ru_utime + used.ru_stime
    return Run(messages=messages, seconds=wall_s, wall_s=wall_s, cpu_s=cpu, peak_mb=peak)


class _Child(subprocess.Popen[bytes]):
    """A child with its standard error in a file, so that it never waits for us to read it."""

    errors: IO[bytes]


@contextmanager
def _child(
    command: Sequence[str], environment: Mapping[str, str] | None = None
) -> Iterator[_Child]:
    with tempfile.TemporaryFile() as errors:
        child = _Child(
            list(command),
            cwd=ROOT,
            env={**os.environ, **(environment or {})},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
        )
        child.errors = errors
        try:
            yield child
            child.wait(READY_S)
        finally:
            if child.returncode is None:
                child.kill()
                child.wait()
            for pipe in (child.stdin, child.stdout):
                if pipe is not None:
                    with contextlib.suppress(BrokenPipeError):
                        pipe.close()


def _read(child: _Child, patience_s: float, start: str) -> str:
    """The child's next line. Raises Failed where it is late or another."""
    assert child.stdout is not None
    ready, _, _ = select.select([child.stdout], [], [], max(patience_s, 0.0))
    line = child.stdout.readline().decode() if ready else ""
    if not line.startswith(start):
        why = "ended" if ready else f"said nothing for {patience_s:.0f} s"
        raise Failed(f"a child {why}: {_last_words(child, _errors(child))}")
    return line


def _errors(child: _Child) -> str:
    child.errors.seek(0)
    return child.errors.read().decode("utf-8", "replace")


def _last_words(child: _Child, errors: str) -> str:
    return f"{child.args!r}: " + "\n".join(errors.strip().splitlines()[-12:])
