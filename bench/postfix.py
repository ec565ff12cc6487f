"""Postfix's own measuring tools, smtp-source and smtp-sink: from this machine, or unpacked into the cache.

Where they are not installed, the package is downloaded (`apt-get download`) and unpacked (`dpkg -x`):
nothing is installed, no daemon is started. The manual pages: https://www.postfix.org/smtp-sink.1.html
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from bench import build

#: Where Debian puts them, which is not on everybody's PATH.
_ADMIN = "/usr/sbin:/usr/local/sbin:/opt/homebrew/sbin"


class NoPostfix(Exception):
    """The tools cannot be had here; the message says why."""


@dataclass(frozen=True, slots=True)
class Postfix:
    """The two programs, and the environment that they run in."""

    sink: Path
    source: Path
    environment: Mapping[str, str] = field(default_factory=dict)

    def sink_command(self, port: int) -> list[str]:
        """A sink on 127.0.0.1; it takes no port 0, and as root it wants a user to become."""
        user = ["-u", "nobody"] if os.geteuid() == 0 else []
        return [str(self.sink), *user, f"127.0.0.1:{port}", "1024"]

    def source_command(self, port: int, *, connections: int, messages: int, size: int) -> list[str]:
        """smtp-source with -d: connections stay open, as ours do. size: bytes of a body."""
        counts = ["-s", str(connections), "-m", str(messages), "-l", str(size)]
        people = ["-f", "bounce@gazette.example", "-t", "reader@example.net"]
        return [str(self.source), "-d", *counts, *people, f"inet:127.0.0.1:{port}"]


def find() -> Postfix:
    """The tools of this machine, else those of the package. Raises NoPostfix."""
    path = f"{os.environ.get('PATH', '')}:{_ADMIN}"
    sink, source = shutil.which("smtp-sink", path=path), shutil.which("smtp-source", path=path)
    if sink and source:
        return _checked(Postfix(Path(sink), Path(source)))
    root = build.cache() / "postfix"
    if not (root / "usr/sbin/smtp-sink").exists():
        _unpack(root)
    environment = {"LD_LIBRARY_PATH": str(root / "usr/lib/postfix")}
    return _checked(
        Postfix(root / "usr/sbin/smtp-sink", root / "usr/sbin/smtp-source", environment)
    )


def _unpack(root: Path) -> None:
    """Into a folder of its own, which gets its name when it is whole."""
    for tool in ("apt-get", "dpkg"):
        if not shutil.which(tool):
            raise NoPostfix(f"smtp-sink is not installed, and without {tool} it cannot be unpacked")
    fresh = root.with_name(f"postfix-{os.getpid()}")
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir()
    try:
        _run(["apt-get", "download", "postfix"], folder=fresh)
        for package in sorted(fresh.glob("postfix_*.deb")):
            _run(["dpkg", "-x", package.name, "."], folder=fresh)
            package.unlink()
        shutil.rmtree(root, ignore_errors=True)
        fresh.rename(root)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)


def _run(command: list[str], *, folder: Path) -> None:
    try:
        done = subprocess.run(  # noqa: S603
            command, cwd=folder, capture_output=True, text=True, timeout=120, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise NoPostfix(f"{' '.join(command)}: no answer in two minutes") from error
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
        raise NoPostfix(f"{' '.join(command)}: {last}")


def _checked(found: Postfix) -> Postfix:
    """The tools, if they start: a library that the package only depends on may be missing."""
    try:
        done = subprocess.run(  # noqa: S603
            [str(found.source), "-h"],
            env=os.environ | found.environment,
            capture_output=True,
            text=True,
            timeout=20,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise NoPostfix(f"smtp-source does not start: {error}") from error
    if missing := re.findall(r"(\S+): cannot open shared object file", done.stderr):
        raise NoPostfix(f"smtp-source needs {missing[0].rstrip(':')}, which is not on this machine")
    return found
