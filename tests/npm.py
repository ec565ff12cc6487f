"""Programs of npm that tests and measurements use: each installed once, beside the virtual environment.

Where Node or the registry is missing, what needs them is left out and says so, and fails under CI.
"""

from __future__ import annotations

import fcntl
import shutil
import subprocess
import sys
from pathlib import Path

FOLDER = Path(sys.prefix) / "npm"
_QUIET = ("--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error")
#: Where the registry cannot be reached that is known within a minute.
_PATIENCE = ("--fetch-retries=2", "--fetch-retry-maxtimeout=10000", "--fetch-timeout=30000")


class CannotInstall(Exception):
    """A package that cannot be had on this machine; the message says why."""


def modules(package: str, version: str) -> Path:
    """The `node_modules` that hold a package, installed by the first who asks. Raises CannotInstall."""
    if not shutil.which("node") or not shutil.which("npm"):
        raise CannotInstall(f"{package} needs Node and npm")
    folder = FOLDER / f"{package.replace('/', '+')}-{version}"
    folder.mkdir(parents=True, exist_ok=True)
    stamp = folder / "installed"
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not stamp.exists():
            _install(f"{package}@{version}", folder)
            stamp.touch()
    return folder / "node_modules"


def _install(package: str, folder: Path) -> None:
    words = ["npm", "install", *_QUIET, *_PATIENCE, "--prefix", str(folder), package]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    if done.returncode:
        raise CannotInstall(f"{package} cannot be installed here: {done.stderr.strip()[:200]}")
