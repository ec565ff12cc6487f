"""The child's side of an operator's own templates: one template filled in the sandbox, and compiled.

Behind the sandbox stands a second fence: from the first template on this process opens files of the
program and of Python for reading, and nothing else; no socket, no program.
"""

from __future__ import annotations

import functools
import json
import os
import pickle
import sys
import zoneinfo
from pathlib import Path
from typing import Any

from digest import places, render
from digest.errors import RenderError

#: Audited events (PEP 578) of which none is needed to fill a template.
_FORBIDDEN = (
    "socket.",
    "subprocess.",
    "ctypes.",
    "os.exec",
    "os.fork",
    "os.kill",
    "os.link",
    "os.mkdir",
    "os.posix_spawn",
    "os.remove",
    "os.rename",
    "os.rmdir",
    "os.symlink",
    "os.system",
)


def answer(job: bytes) -> bytes:
    """JSON of `text`, or of a `fault` with what a RenderError needs."""
    template, context, own = pickle.loads(job)  # nosec B301  # noqa: S301  our own parent's, by a pipe
    _fence()
    try:
        return json.dumps({"text": render.fill_here(template, context, own)}).encode()
    except RenderError as error:
        fault = {"template": error.template, "reason": error.reason}
        return json.dumps({"fault": {**fault, "line": error.line, "item": error.item}}).encode()


@functools.cache
def _fence() -> None:
    """Put up the fence, once; nothing takes an audit hook away again."""
    roots = [sys.prefix, sys.base_prefix, *zoneinfo.TZPATH]
    roots += [path for path in sys.path if path.endswith(("site-packages", "dist-packages"))]
    roots += [str(Path(__file__).parent), str(places.folder("templates"))]
    fenced = tuple(os.path.realpath(root) + os.sep for root in roots)

    def hook(event: str, details: tuple[Any, ...]) -> None:
        if event == "open":
            _look_at(details, fenced)
        elif event.startswith(_FORBIDDEN):
            raise PermissionError(f"{event} has no place in a template")

    sys.addaudithook(hook)


def _look_at(details: tuple[Any, ...], fenced: tuple[str, ...]) -> None:
    """Raises PermissionError where a file is not ours to read."""
    path, mode, flags = details
    writes = set(mode or "") & set("wax+") or flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT)
    if not isinstance(path, str) or writes or not os.path.realpath(path).startswith(fenced):
        raise PermissionError("templates open no files")
