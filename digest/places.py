"""Where the files lie that are no code: templates, the schedule to begin with, the documentation."""

from __future__ import annotations

from pathlib import Path

from digest.errors import NotFound

_PACKAGE = Path(__file__).resolve().parent


def settings_example() -> Path:
    """`.env.example`, the checkout's own or inside the installed package."""
    if _in_checkout():
        return _PACKAGE.parent / ".env.example"
    return _PACKAGE / "assets" / "settings.env"


def folder(name: str) -> Path:
    """The folder `templates`, `schedules`, `docs` or `ops`: the checkout's own, or inside the installed package.

    Raises NotFound where neither is there: the installation is broken.
    """
    place = (_PACKAGE.parent if _in_checkout() else _PACKAGE / "assets") / name
    if not place.is_dir():
        raise NotFound(f"the folder {place} is missing; install sunday-catchup again")
    return place


def _in_checkout() -> bool:
    return (_PACKAGE.parent / "pyproject.toml").is_file()
