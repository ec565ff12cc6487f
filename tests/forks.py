"""Programs of the tests in processes of their own, forked off one that has imported them: to start one takes no seconds.

Each has a number of its own, is stopped and killed by real signals, and shares nothing with the tests. What starts as
an operator starts it, by `python -m digest`, is tried in tests/cli, tests/test_worker.py and tests/test_identity.py.
"""

from __future__ import annotations

import datetime as dt
import functools
import multiprocessing
import os
import signal
import subprocess
import sys
import weakref
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.context import ForkServerProcess
from pathlib import Path

#: What the process that is forked imports once: what is run in the forks, and what of it is imported late.
_READY = [
    "tests.forks",
    "tests.delivery.pace_process",
    "tests.delivery.sending_process",
    "tests.delivery.web_process",
    "digest.__main__",
    "digest.cli",
    "digest.web.app",
    "digest.store.postgres",
    "procrastinate",
]
_HERE = multiprocessing.get_context("forkserver")
_HERE.set_forkserver_preload(_READY)


@dataclass(frozen=True)
class Forked:
    """A process that runs, and the file of what it says. As far as it goes it is used as `Popen` is.

    line: leads to this process and to no other that may have its number later: pidfd_open(2). None where
    there is no such thing; then its number is used for as long as it has not ended.
    """

    process: ForkServerProcess
    said: Path
    line: int | None

    @property
    def pid(self) -> int:
        assert self.process.pid is not None
        return self.process.pid

    @property
    def returncode(self) -> int | None:
        return self.process.exitcode

    def poll(self) -> int | None:
        return self.process.exitcode

    def send_signal(self, number: int) -> None:
        """From any thread; nothing happens where it has ended."""
        with suppress(ProcessLookupError):
            if self.line is not None:
                signal.pidfd_send_signal(self.line, number)
            elif self.process.exitcode is None:
                os.kill(self.pid, number)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)

    def wait(self, timeout: float | None = None) -> int:
        """Its exit code, or the signal that ended it, negative. Raises TimeoutExpired."""
        self.process.join(timeout)
        if self.process.exitcode is None:
            raise subprocess.TimeoutExpired(self.process.name, timeout or 0.0)
        return self.process.exitcode

    def last_words(self, timeout: float | None = None) -> str:
        """All that it said, as soon as it has ended. Raises TimeoutExpired."""
        self.wait(timeout)
        return self.said.read_text(encoding="utf-8", errors="replace")


@dataclass(frozen=True)
class _Told:
    """The files of what a process says and hears."""

    said: Path
    wrong: Path
    given: Path | None


def start(
    run: Callable[..., object],
    *arguments: str,
    said: Path,
    wrong: Path | None = None,
    given: Path | None = None,
    folder: Path | None = None,
    environ: Mapping[str, str] | None = None,
) -> Forked:
    """Run a function of a module of `_READY`. folder, environ: where, and all that it finds there.

    said: the file of its standard output; wrong: of its standard error, where that is another; given: of its input.
    """
    said.touch()
    told = _Told(said, wrong or said, given)
    process = _HERE.Process(
        target=_run, args=(run, arguments, told, folder, environ), name=run.__module__, daemon=True
    )
    process.start()
    line = _line_to(process)
    found = Forked(process, said, line)
    if line is not None:
        weakref.finalize(found, os.close, line)
    return found


def _line_to(process: ForkServerProcess) -> int | None:
    """None also where it has ended already."""
    assert process.pid is not None
    with suppress(AttributeError, OSError):
        return os.pidfd_open(process.pid)
    return None


def _run(
    run: Callable[..., object],
    arguments: tuple[str, ...],
    told: _Told,
    folder: Path | None,
    environ: Mapping[str, str] | None,
) -> None:
    with told.said.open("wb") as said, told.wrong.open("ab") as wrong:
        os.dup2(said.fileno(), 1)
        os.dup2((said if told.said == told.wrong else wrong).fileno(), 2)
    if told.given is not None:
        sys.stdin = told.given.open(encoding="utf-8")
    # A shell's background job, as the tests may be, is deaf to Ctrl-C, and so would its children be.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    if environ is not None:
        os.environ.clear()
        os.environ.update(environ)
    if folder is not None:
        os.chdir(folder)
    sys.exit(run(*arguments))  # type: ignore[arg-type]


def digest(moment: str, since: str, *words: str) -> None:
    """The command, as it is typed. moment, since: of its clock, see `sundays.going_on`."""
    from digest import bootstrap
    from digest.__main__ import main
    from tests.delivery.sundays import going_on

    clock = going_on(dt.datetime.fromisoformat(moment), float(since))
    bootstrap.open_house = functools.partial(bootstrap.open_house, clock=clock)
    sys.argv = ["digest", *words]
    main()
