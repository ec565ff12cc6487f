"""The house itself: the arrows, the sizes, the doors to the outside."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
MODULES = sorted((ROOT / "digest").rglob("*.py"))

#: The only rooms that may open a socket to the outside.
DOORS = ("digest/sources/fetch.py", "digest/providers/")


def test_every_arrow_points_downwards() -> None:
    command = [sys.executable, "-c", "from importlinter.cli import lint_imports_command as c; c()"]
    done = subprocess.run(
        [*command, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("module", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_module_is_one_idea_of_at_most_400_lines(module: Path) -> None:
    assert len(module.read_text(encoding="utf-8").splitlines()) <= 400


@pytest.mark.parametrize("module", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_function_has_at_most_60_lines(module: Path) -> None:
    tree = ast.parse(module.read_text(encoding="utf-8"))
    functions = [n for n in ast.walk(tree) if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef)]
    long = [f.name for f in functions if (f.end_lineno or 0) - f.lineno >= 60]
    assert not long


@pytest.mark.parametrize("module", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_only_the_doors_speak_to_the_outside(module: Path) -> None:
    name = str(module.relative_to(ROOT))
    if name.startswith(DOORS):
        return
    opened = re.findall(
        r"^\s*(?:import|from) (?:httpx|socket|smtplib|urllib\.request|http\.client|aiosmtplib)\b",
        module.read_text(encoding="utf-8"),
        re.MULTILINE,
    )
    assert not opened


@pytest.mark.parametrize("module", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_module_says_what_it_is(module: Path) -> None:
    assert ast.get_docstring(ast.parse(module.read_text(encoding="utf-8")))


def test_no_file_has_a_name_that_says_nothing() -> None:
    empty_words = {"utils", "helpers", "common", "core", "manager", "services", "misc"}
    assert not [m for m in MODULES if m.stem in empty_words]


def test_pinned_versions_name_no_registry() -> None:
    text = (ROOT / "constraints.txt").read_text()
    assert "mjml==" not in re.sub(r"mjml-python==", "", text), "mjml and mjml-python share a name"
    assert not re.search(r"https?:|file:|--index", text)
