"""Programs from npm that some tests use: pinned, installed once beside the virtual environment."""

from __future__ import annotations

import fcntl
import hashlib
import shutil
import subprocess
import sys
from pathlib import Path


def folder(name: str, *packages: str) -> Path:
    """The `node_modules` that holds these `package@version`; filled by the first who asks.

    Raises RuntimeError, saying why not, where Node, npm or the registry is missing.
    """
    if not shutil.which("node") or not shutil.which("npm"):
        raise RuntimeError(f"{name} needs Node and npm")
    place = Path(sys.prefix) / name
    place.mkdir(parents=True, exist_ok=True)
    mark = hashlib.sha256(" ".join(packages).encode()).hexdigest()[:12]
    with (place / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        stamp = place / f"installed-{mark}"
        if not stamp.exists():
            _install(name, place, packages)
            stamp.touch()
    return place / "node_modules"


def _install(name: str, place: Path, packages: tuple[str, ...]) -> None:
    options = ["--no-audit", "--no-fund", "--ignore-scripts", "--silent", "--prefix", str(place)]
    done = subprocess.run(
        ["npm", "install", *options, *packages], capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise RuntimeError(f"{name} cannot be installed here: {done.stderr.strip()[:200]}")
