"""Lives through the demo's week in forks of itself, killed twice at every boundary; prints what is left.

    python crashes.py FOLDER READERS        one JSON line a boundary, then one of the whole

A process of its own, so that the imports are paid once and no thread of the tests is forked.
"""

from __future__ import annotations

import importlib
import json
import os
import signal
import sys
from collections.abc import Iterator, Mapping
from email import message_from_bytes
from pathlib import Path

from digest import child, logs
from digest.demo import run as demo
from digest.store.engine import Database
from tests import compiled

Boundary = tuple[str, bool]

#: Their end is in the database: a run that goes on does not pass it a second time.
ONCE = frozenset({("draft", True), ("approve", True), ("freeze", True), ("deliver", True), ("finish", True)})  # fmt: skip


class Here:
    """Reads pages in the process itself, each once: else each fork has a child of its own, which imports all anew."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, bytes, str], bytes] = {}

    def read(self, reader: str, data: bytes, options: Mapping[str, object], *, item: str) -> bytes:
        asked = reader, data, json.dumps(options, sort_keys=True)
        if asked not in self._known:
            module, _, name = reader.partition(":")
            function = getattr(importlib.import_module(module), name)
            self._known[asked] = bytes(function(data, **options))
        return self._known[asked]


def boundaries(folder: Path, readers: int) -> list[Boundary]:
    """Every (stage, its end?) that one run passes, in order, each once."""
    passed: list[Boundary] = []

    def watch(stage: str, done: int, total: int) -> None:
        for end in (False, True):
            at_it = done >= total if end else done == 0
            if at_it and (stage, end) not in passed:
                passed.append((stage, end))

    demo.run(folder, readers=readers, progress=watch)
    return passed


def killed_at(folder: Path, readers: int, boundary: Boundary) -> bool:
    """One run that dies by SIGKILL at its first pass of the boundary; False if it never got there."""

    def die(stage: str, done: int, total: int) -> None:
        if stage == boundary[0] and (done >= total if boundary[1] else done == 0):
            os.kill(os.getpid(), signal.SIGKILL)

    child = os.fork()
    if child == 0:
        demo.run(folder, readers=readers, progress=die)
        os._exit(0)
    _, status = os.waitpid(child, 0)
    return os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL


def outcome(folder: Path) -> dict[str, object]:
    """What the database and the outbox hold after the last run."""
    database = Database(f"sqlite:///{folder / 'data' / 'digest.db'}")
    with database.read() as session:
        ask = session.connection().exec_driver_sql
        found = {
            "issues": ask(
                "select count(*) from issue where period = ?", (str(demo.WEEK),)
            ).scalar(),
            "editions": ask("select count(*) from edition").scalar(),
            "checksum": ask("select checksum from edition").scalar(),
            "status": ask("select status from issue where period = ?", (str(demo.WEEK),)).scalar(),
            "states": dict(ask("select state, count(*) from delivery group by state").all()),
        }
    database.close()
    return {**found, **_outbox(folder)}


def _outbox(folder: Path) -> dict[str, int]:
    mails = list((folder / "data" / "outbox").rglob("*.eml"))
    to = [message_from_bytes(mail.read_bytes())["To"] for mail in mails]
    return {"mails": len(mails), "readers": len(set(to))}


def _lines(root: Path, readers: int) -> Iterator[dict[str, object]]:
    """One house, killed at its first boundary, where it can be once more there, at the next one, and so on to its end."""
    folder = root / "killed"
    for boundary in boundaries(root / "whole", readers):
        times = 1 if boundary in ONCE else 2
        killed = [killed_at(folder, readers, boundary) for _ in range(times)]
        yield {"stage": boundary[0], "end": boundary[1], "killed": killed}
    demo.run(folder, readers=readers)
    for name in ("killed", "whole"):
        yield {"stage": name, **outcome(root / name)}


if __name__ == "__main__":
    logs.set_up("ERROR")
    child._SHARED = Here()  # type: ignore[assignment]
    with compiled.once():
        for line in _lines(Path(sys.argv[1]), int(sys.argv[2])):
            print(json.dumps(line), flush=True)
