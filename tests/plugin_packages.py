"""Packages put where Python finds them, as an installer would: their modules, and the metadata that name their entry points."""

from __future__ import annotations

import shutil
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

EXAMPLES = Path(__file__).parents[1] / "docs" / "examples"


def installed(project: Path, target: Path) -> None:
    """A package by its own `pyproject.toml`, without building a wheel."""
    told = tomllib.loads((project / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    (package,) = (path.parent for path in project.glob("*/__init__.py"))
    shutil.copytree(package, target / package.name, ignore=shutil.ignore_patterns("__pycache__"))
    metadata(target, told["name"], told["version"], told["entry-points"])


def written(target: Path, name: str, room: str, *, code: str, **points: str) -> None:
    """A package of one module with this code. points: `name="attribute"`, in a room such as `sources`."""
    module = name.replace("-", "_")
    target.mkdir(parents=True, exist_ok=True)
    (target / f"{module}.py").write_text(code, encoding="utf-8")
    entries = {key.replace("_", "-"): f"{module}:{value}" for key, value in points.items()}
    metadata(target, name, "0.1", {f"sunday_catchup.{room}": entries})


def metadata(target: Path, name: str, version: str, entries: Mapping[str, Any]) -> None:
    """https://packaging.python.org/en/latest/specifications/recording-installed-packages/."""
    folder = target / f"{name.replace('-', '_')}-{version}.dist-info"
    folder.mkdir(parents=True)
    head = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
    (folder / "METADATA").write_text(head, encoding="utf-8")
    lines = [
        line
        for room, points in entries.items()
        for line in (f"[{room}]", *(f"{key} = {value}" for key, value in points.items()), "")
    ]
    (folder / "entry_points.txt").write_text("\n".join(lines), encoding="utf-8")
