"""The documentation as a site: it builds, every link leads somewhere, nothing comes from third parties."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site, built of a copy."""
    place = tmp_path_factory.mktemp("docs")
    shutil.copytree(ROOT / "docs", place / "docs")
    shutil.copy(ROOT / "mkdocs.yml", place)
    command = [sys.executable, "-m", "zensical", "build", "--strict"]
    done = subprocess.run(command, cwd=place, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr
    return place / "docs-site"


def _named(entry: object) -> list[str]:
    """The pages of a part of the navigation."""
    if isinstance(entry, str):
        return [entry]
    parts = entry.values() if isinstance(entry, dict) else entry
    assert not isinstance(parts, (str, bytes))
    return [name for part in parts for name in _named(part)]  # type: ignore[attr-defined]


def test_every_page_stands_in_the_navigation_once() -> None:
    named = _named(yaml.safe_load((ROOT / "mkdocs.yml").read_text())["nav"])
    written = [path.relative_to(ROOT / "docs").as_posix() for path in (ROOT / "docs").rglob("*.md")]
    assert sorted(named) == sorted(written)


def test_the_site_builds_and_every_page_is_there(site: Path) -> None:
    for page in (ROOT / "docs").rglob("*.md"):
        made = site / page.relative_to(ROOT / "docs").with_suffix(".html")
        assert made.read_text().count("<h1") == 1, page.name


def test_every_picture_of_a_page_is_there(site: Path) -> None:
    for page in site.rglob("*.html"):
        shown = re.findall(r'<img\b[^>]*?src="([^"#?]+)"', page.read_text())
        lost = [one for one in shown if ":" not in one and not (page.parent / one).is_file()]
        assert not lost, page.name


def test_a_page_loads_nothing_from_anybody_else(site: Path) -> None:
    loads = re.compile(r'<(?:script|img|iframe|link)\b[^>]*?(?:src|href)="((?:https?:)?//[^"]+)"')
    for page in site.rglob("*.html"):
        others = [url for url in loads.findall(page.read_text()) if "schema" not in url]
        assert not others, page.name
    for sheet in site.rglob("*.css"):
        assert not re.search(r"url\([\"']?https?:|@import", sheet.read_text()), sheet.name
