"""The house itself: the arrows, the sizes, the doors to the outside."""

from __future__ import annotations

import ast
import functools
import re
import subprocess
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
#: Nothing of the program runs here.
pytestmark = pytest.mark.no_cover
MODULES = sorted((ROOT / "digest").rglob("*.py"))
#: By their paths from here. One test looks at all of them: a test for each takes longer than the looking.
SOURCES = {str(path.relative_to(ROOT)): path.read_text(encoding="utf-8") for path in MODULES}

#: The only rooms that may open a socket to the outside.
DOORS = ("digest/sources/fetch.py", "digest/providers/", "digest/summarisers/chat_api.py")

#: Packages that speak to the outside, and the calls of asyncio and socket that do.
WAYS_OUT = (
    "aiohttp.",
    "aiosmtplib.",
    "dns.",
    "http.client.",
    "httpcore.",
    "httpx.",
    "imaplib.",
    "requests.",
    "smtplib.",
    "socket.",
    "urllib.request.",
    "urllib3.",
)
CONNECTING = {"open_connection", "create_connection"}

#: What another package loads for us; pyproject.toml says which.
NEVER_IMPORTED = {"python-multipart", "lxml-html-clean", "sniffio", "tzdata"}


def test_every_arrow_points_downwards() -> None:
    command = [sys.executable, "-c", "from importlinter.cli import lint_imports_command as c; c()"]
    done = subprocess.run(
        [*command, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_module_is_one_idea_of_at_most_400_lines() -> None:
    assert {name: n for name, text in SOURCES.items() if (n := len(text.splitlines())) > 400} == {}


def test_a_function_has_at_most_60_lines() -> None:
    long = [
        f"{name}: {function.name}"
        for name, text in SOURCES.items()
        for function in ast.walk(_tree(text))
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef)
        and (function.end_lineno or 0) - function.lineno >= 60
    ]
    assert not long


def test_only_the_doors_speak_to_the_outside() -> None:
    inside = {name: text for name, text in SOURCES.items() if not name.startswith(DOORS)}
    assert {name: ways for name, text in inside.items() if (ways := _opened(text))} == {}


@pytest.mark.parametrize(
    "source",
    [
        "import httpx",
        "import os, socket",
        "from http import client",
        "from urllib.request import urlopen",
        "def call():\n    import requests.sessions",
        "import urllib3",
        "async def call():\n    await asyncio.open_connection('a.example', 25)",
        "from asyncio import open_connection",
        "loop.create_connection(Talk, 'a.example', 25)",
    ],
)
def test_a_way_out_is_seen_however_it_is_written(source: str) -> None:
    assert _opened(source)


def test_no_way_out_is_seen_where_there_is_none() -> None:
    assert not _opened("from starlette.requests import Request\nfrom http import HTTPStatus")


def _opened(source: str) -> list[str]:
    """What of a source opens a socket to the outside, or could."""
    called = [node.attr for node in ast.walk(_tree(source)) if isinstance(node, ast.Attribute)]
    imported = [name for name in _imports(source) if f"{name}.".startswith(WAYS_OUT)]
    return imported + [name for name in (*called, *_last_names(source)) if name in CONNECTING]


@functools.cache
def _tree(source: str) -> ast.Module:
    return ast.parse(source)


def _last_names(source: str) -> list[str]:
    return [name.rpartition(".")[2] for name in _imports(source)]


def test_every_module_says_what_it_is() -> None:
    assert [name for name, text in SOURCES.items() if not ast.get_docstring(_tree(text))] == []


def test_no_file_has_a_name_that_says_nothing() -> None:
    empty_words = {"utils", "helpers", "common", "core", "manager", "services", "misc"}
    assert not [m for m in MODULES if m.stem in empty_words]


def test_every_dependency_is_imported_or_said_to_be_loaded_by_another() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"]
    wanted = [*project["dependencies"], *extras["speed"], *extras["queue"]]
    declared = {_plain(re.split(r"[\[<>=;]", line)[0]) for line in wanted}
    owners = packages_distributions()
    imported = {
        _plain(name)
        for module in MODULES
        for package in _packages(module)
        for name in owners.get(package, [])
    }
    assert declared - imported == NEVER_IMPORTED


def _plain(name: str) -> str:
    """A distribution's name as PEP 503 compares it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def _packages(module: Path) -> set[str]:
    """The top packages that a module imports, at its top or inside."""
    return {name.partition(".")[0] for name in _imports(module.read_text(encoding="utf-8"))}


def _imports(source: str) -> list[str]:
    """Every name that a source imports, in full: `http.client` also for `from http import client`."""
    found: list[str] = []
    for node in ast.walk(_tree(source)):
        if isinstance(node, ast.Import):
            found += [alias.name for alias in node.names]
        if isinstance(node, ast.ImportFrom) and not node.level:
            found += [f"{node.module}.{alias.name}" for alias in node.names]
    return found


def test_pinned_versions_name_no_registry() -> None:
    text = (ROOT / "constraints.txt").read_text()
    assert "mjml==" not in re.sub(r"mjml-python==", "", text), "mjml and mjml-python share a name"
    assert not re.search(r"https?:|file:|--index", text)
