"""`digest docs` has every page and every file for a server, by the names that messages call them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from digest import places
from digest.cli import app
from digest.errors import NotFound

ROOT = Path(__file__).parents[2]
LED_TO = sorted(
    {
        page
        for path in (ROOT / "digest").rglob("*.py")
        for page in re.findall(r"\bdocs/[a-z]+\.md\b", path.read_text(encoding="utf-8"))
    }
)


def printed(*words: str) -> str:
    done = CliRunner().invoke(app, ["docs", *words])
    assert done.exit_code == 0, done.output
    return done.stdout


def test_every_page_and_file_is_listed_with_what_it_is() -> None:
    listed = {line.split()[0]: line for line in printed().splitlines()}
    for path in (ROOT / "docs").glob("*.md"):
        assert path.stem in listed
    for path in (ROOT / "ops").iterdir():
        assert f"ops/{path.name}" in listed
    assert "Installing it on a server" in listed["install"]
    assert "reference/metrics" in listed
    assert not [name for name in listed if name.startswith("examples")]


def test_the_secrets_of_a_checkout_are_no_pages(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "install.md").write_text("# Installing it\n", encoding="utf-8")
    (tmp_path / "ops" / "schedules").mkdir(parents=True)
    for name in ("secret_key", "postgres_password", "database_url", "digest.env", "compose.yaml"):
        (tmp_path / "ops" / name).write_text("# a secret\n", encoding="utf-8")
    monkeypatch.setattr(places, "folder", lambda name: tmp_path / name)
    assert [line.split()[0] for line in printed().splitlines()] == ["install", "ops/compose.yaml"]


def test_a_file_is_printed_as_it_stands_so_that_it_can_be_put_in_its_place() -> None:
    unit = (ROOT / "ops" / "digest.service").read_text(encoding="utf-8")
    assert printed("ops/digest.service") == unit


def test_messages_lead_to_pages() -> None:
    assert len(LED_TO) > 5
    for page in LED_TO:
        assert printed(page) == (ROOT / page).read_text(encoding="utf-8"), page


def test_a_name_that_is_none_is_answered_with_the_nearest() -> None:
    with pytest.raises(NotFound, match="install"):
        CliRunner().invoke(app, ["docs", "instal"], catch_exceptions=False)
