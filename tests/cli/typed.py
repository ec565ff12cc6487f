"""A command as it is typed, in a process of its own that is forked: what it says, and how it ends."""

from __future__ import annotations

import datetime as dt
import os
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from tests import forks
from tests.houses import MONDAY

PATIENCE_S = 240


class Done(NamedTuple):
    """What a command said, and its exit status."""

    returncode: int
    stdout: bytes
    stderr: bytes


def typed(
    folder: Path,
    *words: str,
    given: bytes = b"",
    environ: Mapping[str, str] | None = None,
    moment: dt.datetime = MONDAY,
) -> Done:
    """`digest WORDS` in this folder. given: its input; moment: where its clock begins."""
    with tempfile.TemporaryDirectory() as place:
        files = [Path(place) / name for name in ("given", "said", "wrong")]
        for path, content in zip(files, (given, b"", b""), strict=True):
            path.write_bytes(content)
        heard, said, wrong = files
        process = forks.start(
            *(forks.digest, moment.isoformat(), str(time.time()), *words),
            said=said,
            wrong=wrong,
            given=heard,
            folder=folder,
            environ=dict(os.environ) if environ is None else environ,
        )
        return Done(process.wait(PATIENCE_S), said.read_bytes(), wrong.read_bytes())
