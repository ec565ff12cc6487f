"""npm's mjml as a peer: what it makes of a source, how long it takes, what its validator says."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from types import TracebackType
from typing import Any

from tests import npm

VERSION = "5.4.1"
_PROGRAM = Path(__file__).with_name("npm_mjml.cjs")


class NpmMjml:
    """One Node process that answers requests; raises npm.CannotInstall where it cannot be had."""

    def __init__(self) -> None:
        modules = npm.modules("mjml", VERSION)
        self._process = subprocess.Popen(  # noqa: S603
            ["node", str(_PROGRAM)],  # noqa: S607
            env={**os.environ, "NODE_PATH": str(modules)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def __enter__(self) -> NpmMjml:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait(30)
        self._process.stdout.close()

    def html(self, source: str) -> tuple[str, float]:
        """The page, and the call's milliseconds of processor time."""
        answer = self._ask({"source": source})
        return answer["html"], answer["ms"]

    def faults(self, source: str) -> list[dict[str, Any]]:
        """What its validator finds: `line`, `tag`, `message` of each."""
        return list(self._ask({"source": source})["faults"])

    def table(self) -> dict[str, Any]:
        """Its own parts: `table` (attributes by tag), `dependencies` (children by tag), `colours`."""
        return self._ask({"table": True})

    def _ask(self, request: dict[str, Any]) -> dict[str, Any]:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(request) + "\n")
        self._process.stdin.flush()
        answer: dict[str, Any] = json.loads(self._process.stdout.readline())
        if "error" in answer:
            raise ValueError(answer["error"])
        return answer
