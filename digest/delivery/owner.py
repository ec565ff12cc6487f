"""Who sends: a name of this data folder, kept in it. Only its owner sees the maps of a chunk in flight."""

from __future__ import annotations

import os
import secrets
from pathlib import Path


def owner_of(flight: Path) -> str:
    """The name, made once. Two processes on one folder have the same one; locks keep them apart."""
    flight.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = flight / "owner"
    made = path.with_name(f"owner.{os.getpid()}.{secrets.token_hex(4)}")
    if not path.exists():
        made.write_text(secrets.token_hex(8), encoding="ascii")
        try:
            os.link(made, path)
        except FileExistsError:
            pass
        made.unlink()
    return path.read_text(encoding="ascii")
