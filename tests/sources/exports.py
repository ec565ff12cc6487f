"""What tests of exports share: one child for all of them, and files written in a line."""

from __future__ import annotations

import atexit
import datetime as dt
from pathlib import Path

from digest import child
from digest.protocols import Collected, PollState
from digest.sources.exports import ExportSource

NOW = dt.datetime(2026, 11, 26, 12, tzinfo=dt.UTC)
WORKER = child.Worker()
atexit.register(WORKER.close)


def read(path: Path, *, base_url: str | None = None, kind: str | None = None) -> Collected:
    """What an export gives at `NOW`."""
    source = ExportSource(key="old", path=path, base_url=base_url, kind=kind, worker=WORKER)
    return source.poll(PollState(), NOW)


def written(folder: Path, **files: str) -> Path:
    """A folder with these files; `a__b_md` is the file `a/b.md`."""
    for name, text in files.items():
        stem, _, ending = name.replace("__", "/").rpartition("_")
        path = folder / f"{stem}.{ending}"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return folder
