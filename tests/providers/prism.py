"""Prism: a mock server made of a provider's own API description, which refuses what does not fit it.

It is a Node program (about 20 s to start, 170 MB): installed once beside the virtual environment,
started for a description when the first test asks for it. Where Node or the registry is missing, its
tests are left out and say so, and fail under CI; the descriptions lie beside a checkout or do not.
"""

from __future__ import annotations

import contextlib
import fcntl
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests import left_out

VERSION = "5.16.0"
FOLDER = Path(sys.prefix) / "prism"
#: Beside the checkout, and beside the checkout of a branch.
SPECS = [parent / "shared" / "specs" for parent in Path(__file__).resolve().parents[2].parents[:2]]
_START_S = 180.0


def description(name: str) -> Path:
    """A description by its file's name; the test is left out where it is absent."""
    for folder in SPECS:
        if (folder / name).is_file():
            return folder / name
    pytest.skip(f"needs the API description {name} in ../shared/specs")


def command() -> Path:
    """Prism, installed by the first who asks."""
    if not shutil.which("node") or not shutil.which("npm"):
        left_out.because("Prism needs Node and npm")
    FOLDER.mkdir(parents=True, exist_ok=True)
    found = FOLDER / "node_modules" / ".bin" / "prism"
    with (FOLDER / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        stamp = FOLDER / f"installed-{VERSION}"
        if not stamp.exists():
            _install()
            stamp.touch()
    return found


def _install() -> None:
    options = ["--no-audit", "--no-fund", "--ignore-scripts", "--silent", "--prefix", str(FOLDER)]
    package = f"@stoplight/prism-cli@{VERSION}"
    done = subprocess.run(
        ["npm", "install", *options, package], capture_output=True, text=True, check=False
    )
    if done.returncode:
        left_out.because(f"Prism cannot be installed here: {done.stderr.strip()[:200]}")


@contextlib.contextmanager
def serving(path: Path) -> Iterator[str]:
    """A mock of the description, at the address that is given."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    words = [str(command()), "mock", "--errors", "-h", "127.0.0.1", "-p", str(port), str(path)]
    process = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _wait(process, port)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(30)


def _wait(process: subprocess.Popen[bytes], port: int) -> None:
    end = time.monotonic() + _START_S
    while time.monotonic() < end:
        with contextlib.suppress(httpx.TransportError):
            httpx.get(f"http://127.0.0.1:{port}/", trust_env=False, timeout=30)
            return
        if process.poll() is not None:
            break
        time.sleep(0.2)
    pytest.fail(f"Prism did not start (exit {process.poll()})")
