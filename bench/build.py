"""The small C programs of the measurements, compiled when they are needed and kept in a cache folder."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
FLAGS = ("-O2", "-Wall", "-Wextra")


class CannotBuild(Exception):
    """A program that cannot be had on this machine; the message says why and what would help."""


def program(name: str) -> Path:
    """The executable of `bench/NAME.c`, compiled anew only when the source has changed.

    Raises CannotBuild.
    """
    source = HERE / f"{name}.c"
    compiler = _compiler()
    mark = hashlib.sha256(source.read_bytes() + " ".join((compiler, *FLAGS)).encode()).hexdigest()
    found = cache() / mark[:16] / name
    if not found.exists():
        found.parent.mkdir(parents=True, exist_ok=True)
        _compile(compiler, source, found)
    return found


def _compiler() -> str:
    if sys.platform != "linux":
        raise CannotBuild("the sink and the proxy use epoll, which only Linux has")
    for name in (os.environ.get("CC", ""), "cc", "gcc", "clang"):
        if name and (found := shutil.which(name)):
            return found
    raise CannotBuild(
        "there is no C compiler: install one (Debian: apt install gcc) or name it in CC"
    )


def _compile(compiler: str, source: Path, target: Path) -> None:
    """Into a file of its own first, so that nobody ever runs half a program."""
    handle, name = tempfile.mkstemp(dir=target.parent)
    os.close(handle)
    done = subprocess.run(  # noqa: S603
        [compiler, *FLAGS, "-o", name, str(source)], capture_output=True, text=True, check=False
    )
    if done.returncode:
        Path(name).unlink(missing_ok=True)
        raise CannotBuild(f"{source.name} does not compile here:\n{done.stderr.strip()}")
    Path(name).replace(target)


def cache() -> Path:
    """Where compiled and downloaded programs are kept: XDG_CACHE_HOME, else ~/.cache."""
    home = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    folder = home / "sunday-catchup-bench"
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        folder = Path(tempfile.gettempdir()) / f"sunday-catchup-bench-{os.getuid()}"
        folder.mkdir(mode=0o700, exist_ok=True)
    return folder
