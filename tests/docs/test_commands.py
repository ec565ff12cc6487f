"""What the documentation tells people to type can be typed, and the tutorial's way leads to a preview."""

from __future__ import annotations

import datetime as dt
import re
import shlex
import shutil
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import typer.main
from typer.testing import CliRunner

from digest import bootstrap, cli
from digest.demo import run as demo
from tests.houses import SetClock

ROOT = Path(__file__).parents[2]
SATURDAY = dt.datetime(2026, 11, 28, 19, tzinfo=dt.UTC)
PAGES = sorted([ROOT / "README.md", *(ROOT / "docs").glob("*.md")])
#: A line of a block, or words between backticks, that begins with our command.
TYPED = re.compile(r"^(?:    |.*?`)(?:\S*/)?digest ([a-z][^`\n]*?)(?:`|$)", re.MULTILINE)


def commands_of(page: Path) -> list[str]:
    """What stands there to type: without comments, redirections and the names of placeholders' choices."""
    found = [
        re.split(r"\s+#|\s[>|]\s", line)[0].strip() for line in TYPED.findall(page.read_text())
    ]
    return sorted({line for line in found if "…" not in line and "|" not in line})


CASES = [(page.name, line) for page in PAGES for line in commands_of(page)]


def test_the_pages_tell_of_many_commands() -> None:
    assert len(CASES) > 60


@pytest.mark.parametrize(("page", "line"), CASES)
def test_a_command_of_the_documentation_is_there_with_its_options(page: str, line: str) -> None:
    words = shlex.split(line)
    command: Any = typer.main.get_command(cli.app)
    while hasattr(command, "commands") and words:
        name = words.pop(0)
        assert name in command.commands, f"{page}: digest {line}"
        command = command.commands[name]
    known = {name for part in command.params for name in (*part.opts, *part.secondary_opts)}
    given = {word.split("=")[0] for word in words if word.startswith("--")}
    assert given <= known, f"{page}: digest {line}"


def test_the_tutorials_commands_lead_to_a_preview(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As written there, in their order, with a folder of stories as the site."""
    text = (ROOT / "docs" / "tutorial.md").read_text()
    lines = [line for line in text.splitlines() if line.startswith("    digest ")]
    typed = [shlex.split(line)[1:] for line in lines if not re.search("find|init", line)]
    assert [words[0] for words in typed] == ["check", "migrate", "collect", "build", "preview"]
    week = demo.site.materialise(tmp_path / "site", week=demo.WEEK).schedules
    shutil.copytree(week, tmp_path / "schedules")
    shutil.copy(ROOT / ".env.example", tmp_path / ".env")
    monkeypatch.chdir(tmp_path)
    clock = SetClock(SATURDAY)
    monkeypatch.setattr(bootstrap, "open_house", partial(bootstrap.open_house, clock=clock))
    for words in typed:
        done = CliRunner().invoke(cli.app, words)
        assert done.exit_code == 0, (words, done.output)
    assert list(tmp_path.glob("preview/*.html"))
    assert list(tmp_path.glob("preview/*.txt"))
