"""Prism: a mock server made of a provider's own API description, which refuses what does not fit it.

It is a Node program (about 20 s to start, 170 MB): installed once beside the virtual environment,
started for a description when the first test asks for it. Where Node or the registry is missing, its
tests are left out and say so, and fail under CI; the descriptions lie beside a checkout or do not.
"""

from __future__ import annotations

import contextlib
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests import left_out, npm
from tests.ports import free_port

VERSION = "5.16.0"
#: Beside the checkout, and beside the checkout of a branch.
SPECS = [parent / "shared" / "specs" for parent in Path(__file__).resolve().parents[2].parents[:2]]
_START_S = 600.0


def description(name: str) -> Path:
    """A description by its file's name; the test is left out where it is absent."""
    for folder in SPECS:
        if (folder / name).is_file():
            return folder / name
    pytest.skip(f"needs the API description {name} in ../shared/specs")


def command() -> Path:
    """Prism, installed by the first who asks."""
    try:
        found = npm.modules("@stoplight/prism-cli", VERSION)
    except npm.CannotInstall as error:
        left_out.because(str(error))
    return found / ".bin" / "prism"


@contextlib.contextmanager
def serving(path: Path) -> Iterator[str]:
    """A mock of the description, at the address that is given."""
    port = free_port()
    words = [str(command()), "mock", "--errors", "-h", "127.0.0.1", "-p", str(port), str(path)]
    process = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _wait(process, port)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(240)


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
