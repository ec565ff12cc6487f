"""The table `[render]` of a schedule: how the mail looks."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import Field

from digest import looks
from digest.strict_table import StrictTable
from digest.values import Colour, SecureAddress


class RenderTable(StrictTable):
    """How it looks. Colours as #rrggbb, each in light and in dark; what is left out is the theme's own."""

    theme: Literal["broadsheet", "plain", "magazine"] = "broadsheet"
    accent: Colour | None = None
    accent_dark: Colour | None = None
    ink: Colour | None = None
    ink_dark: Colour | None = None
    muted: Colour | None = None
    muted_dark: Colour | None = None
    rule: Colour | None = None
    rule_dark: Colour | None = None
    sheet: Colour | None = None
    sheet_dark: Colour | None = None
    paper: Colour | None = None
    paper_dark: Colour | None = None
    text_size: int | None = Field(None, ge=15, le=20)
    type_scale: float | None = Field(None, ge=1.1, le=1.35)
    logo_url: SecureAddress | None = None
    logo_width: int = Field(160, ge=24, le=500)
    templates: Path | None = None

    @property
    def look(self) -> looks.Look:
        """The theme with these colours and sizes."""
        return looks.look(self.theme, self.colours, size=self.text_size, scale=self.type_scale)

    @property
    def colours(self) -> dict[str, str]:
        """The colours that were chosen."""
        found = {key: getattr(self, key) for key in looks.KEYS}
        return {key: colour for key, colour in found.items() if colour is not None}
