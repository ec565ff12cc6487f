"""Where the files lie that are no code."""

from __future__ import annotations

from pathlib import Path

import pytest

from digest import places
from digest.errors import NotFound


def test_a_checkout_uses_its_own_templates() -> None:
    root = Path(__file__).parents[1]
    assert places.folder("templates") == root / "templates"
    assert (places.folder("schedules") / "sunday.toml").is_file()


def test_an_installed_package_uses_what_is_inside_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / "site-packages" / "digest"
    (package / "assets" / "templates").mkdir(parents=True)
    monkeypatch.setattr(places, "_PACKAGE", package)
    assert places.folder("templates") == package / "assets" / "templates"


def test_a_missing_folder_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(places, "_PACKAGE", tmp_path / "digest")
    with pytest.raises(NotFound, match="templates"):
        places.folder("templates")
