"""docs/extending.md shows the examples as they are, and what it tells people to write is taken."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from digest import contracts
from digest.plugin_entries import Room
from tests.plugin_packages import EXAMPLES

TEXT = (Path(__file__).parents[2] / "docs" / "extending.md").read_text(encoding="utf-8")
SHOWN = re.findall(r"^```\w+\n(.*?)^```", TEXT, re.MULTILINE | re.DOTALL)
FILES = {
    path: path.read_text(encoding="utf-8")
    for path in sorted(EXAMPLES.rglob("*"))
    if path.suffix in (".py", ".toml")
}


@pytest.mark.parametrize("shown", SHOWN, ids=range(len(SHOWN)))
def test_what_is_shown_stands_in_an_example(shown: str) -> None:
    assert any(shown in text for text in FILES.values())


def test_the_page_names_each_room_and_each_contract() -> None:
    assert not [room for room in Room if f"`{room}`" not in TEXT]
    classes = [name for name in contracts.__all__ if name.endswith("Contract")]
    assert not [name for name in classes if f"| `{name}` |" not in TEXT]


def test_each_room_has_its_example() -> None:
    told = [tomllib.loads(text) for path, text in FILES.items() if path.name == "pyproject.toml"]
    rooms = [room for one in told for room in one["project"]["entry-points"]]
    assert sorted(rooms) == sorted(Room)
    assert all(one["project"]["name"].startswith("sunday-catchup-") for one in told)
