"""Writing learned weights into a schedule's file: only the lines of `[rank]`, comments and all else as they stand."""

from __future__ import annotations

import re
from collections.abc import Mapping

_TABLE = re.compile(r"\s*\[\s*rank\s*\]\s*(#.*)?$")
_ANY_TABLE = re.compile(r"\s*\[")


def with_weights(text: str, weights: Mapping[str, float]) -> str:
    """The TOML text with these keys of `[rank]` set; a table is added at the end where there is none."""
    lines = text.splitlines()
    start = next((n for n, line in enumerate(lines) if _TABLE.match(line)), None)
    if start is None:
        lines += ["", "[rank]"]
        start = len(lines) - 1
    end = next((n for n in range(start + 1, len(lines)) if _ANY_TABLE.match(lines[n])), len(lines))
    for name, weight in weights.items():
        end = _set(lines, (start + 1, end), name, f"{weight:g}")
    return "\n".join(lines) + "\n"


def _set(lines: list[str], span: tuple[int, int], name: str, value: str) -> int:
    """Set one key between two lines; returns where the table ends now."""
    start, end = span
    pattern = re.compile(rf"(\s*{re.escape(name)}\s*=\s*)([^#\s]+)(\s*(?:#.*)?)$")
    for number in range(start, end):
        found = pattern.match(lines[number])
        if found:
            lines[number] = f"{found[1]}{value}{found[3]}"
            return end
    lines.insert(start, f"{name} = {value}")
    return end + 1
