"""An operator's own templates: a folder whose files stand over ours by name, filled in a process apart.

What they are filled with and turned into happens in `digest.apart`, in a child that is killed when it
takes too long or too much memory.
"""

from __future__ import annotations

import json
import pickle
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from digest import child
from digest.errors import BadInput, RenderError

#: What one template may take: seconds, and bytes of address space.
SECONDS, MEMORY = 10.0, 400_000_000

#: The endings of templates, and the most bytes that all of them may have.
ENDINGS = (".mjml", ".txt")
LARGEST = 2_000_000

_CHILD = child.Worker(seconds=SECONDS, memory=MEMORY)


def read(folder: Path | None) -> Mapping[str, str] | None:
    """The templates of a folder by name, as `digest/body.mjml`; None without a folder. Raises RenderError."""
    if folder is None:
        return None
    if not folder.is_dir():
        raise RenderError(str(folder), "the folder of [render] templates is not there")
    paths = [path for path in sorted(folder.rglob("*")) if path.suffix in ENDINGS]
    if sum(path.stat().st_size for path in paths) > LARGEST:
        raise RenderError(str(folder), f"its templates have more than {LARGEST:,} bytes")
    return {path.relative_to(folder).as_posix(): _text(path, folder) for path in paths}


def _text(path: Path, folder: Path) -> str:
    name = path.relative_to(folder).as_posix()
    if not path.resolve().is_relative_to(folder.resolve()):
        raise RenderError(name, "leads out of its folder")
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise RenderError(name, "is no text in UTF-8") from error
    except OSError as error:
        raise RenderError(name, f"cannot be read: {error.strerror}") from error


def fill(template: str, context: Mapping[str, Any], own: Mapping[str, str]) -> str:
    """A template filled apart; one of MJML comes back as HTML. Raises RenderError with name and line."""
    job = pickle.dumps((template, {**context, "own": None}, dict(own)))
    try:
        answer = json.loads(_CHILD.read("digest.apart:answer", job, {}, item=template))
    except BadInput as error:
        reason = error.reason
        if "time and memory" in reason:
            reason = f"takes more than {SECONDS:g} seconds or {MEMORY // 1_000_000} MB"
        raise RenderError(template, reason) from error
    if "fault" in answer:
        raise RenderError(**answer["fault"])
    return str(answer["text"])
