"""docs/faults.md names a test for every fault, and every test it names is there."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

TESTS = Path(__file__).parent
PAGE = (TESTS.parent / "docs" / "faults.md").read_text(encoding="utf-8")
ROWS = dict(re.findall(r"^\| F(\d+) (\|.*\|)$", PAGE, re.M))


@cache
def names_in(path: Path) -> frozenset[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return frozenset(one.name for one in ast.walk(tree) if isinstance(one, ast.FunctionDef))


def test_every_fault_has_a_row_and_every_row_a_test() -> None:
    assert [int(one) for one in ROWS] == list(range(1, 39))
    assert [number for number, row in ROWS.items() if "::test_" not in row] == []


def test_every_test_that_is_named_is_there() -> None:
    named = re.findall(r"`([\w/]+\.py)::(test_\w+)`", PAGE)
    assert len(named) == PAGE.count("::test_")
    missing = [f"{file}::{name}" for file, name in named if name not in names_in(TESTS / file)]
    assert missing == []
