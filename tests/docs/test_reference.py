"""The reference pages say what the code says."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

DOCS = Path(__file__).parents[2] / "docs"


@pytest.fixture(scope="module")
def reference() -> ModuleType:
    spec = importlib.util.spec_from_file_location("reference", DOCS / "reference.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_each_page_of_the_reference_is_as_the_code_makes_it(reference: ModuleType) -> None:
    made = reference.pages()
    written = {path.name: path.read_text() for path in (DOCS / "reference").glob("*.md")}
    stale = [name for name in {**made, **written} if made.get(name) != written.get(name)]
    assert not stale, "run: python docs/reference.py"


def test_a_key_of_a_schedule_is_told_in_the_words_of_who_writes_it(reference: ModuleType) -> None:
    page = reference.pages()["schedule-file.md"]
    assert "| `every` | span of time, as `30m`, `6h` or `2d` | `1h` |" in page
    assert "| `timezone` | time zone, as `Europe/Berlin` | needed |" in page


def test_no_secret_has_a_default_that_could_be_seen(reference: ModuleType) -> None:
    lines = reference.pages()["settings.md"].splitlines()
    secrets = [line for line in lines if "_TOKEN`" in line or "_SECRET" in line]
    assert secrets
    assert all("| empty |" in line for line in secrets)
