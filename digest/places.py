"""Where the files lie that are no code: templates and the schedule to begin with."""

from __future__ import annotations

from pathlib import Path

from digest.errors import NotFound

_PACKAGE = Path(__file__).resolve().parent
_IN_CHECKOUT = (_PACKAGE.parent / "pyproject.toml").is_file()


def settings_example() -> Path:
    """`.env.example`, the checkout's own or inside the installed package."""
    if _IN_CHECKOUT:
        return _PACKAGE.parent / ".env.example"
    return _PACKAGE / "assets" / "settings.env"


def folder(name: str) -> Path:
    """The folder `templates` or `schedules`: the checkout's own, or inside the installed package.

    Raises NotFound where neither is there: the installation is broken.
    """
    place = (_PACKAGE.parent if _IN_CHECKOUT else _PACKAGE / "assets") / name
    if not place.is_dir():
        raise NotFound(f"the folder {place} is missing; install sunday-catchup again")
    return place
