"""The table `[compose]` of a schedule: how the week is laid out."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from digest.strict_table import StrictTable
from digest.values import Subject


class ComposeTable(StrictTable):
    """How the week is laid out."""

    minimum_stories: int = Field(3, ge=1, le=100)
    thin_week: Literal["skip", "short"] = "skip"
    stories: int = Field(12, ge=1, le=60)
    per_section: int = Field(4, ge=1, le=20)
    per_author: int = Field(4, ge=1, le=20)
    section_order: tuple[str, ...] = ()
    agenda: bool = True
    subject: Subject = Field("{lead}", max_length=200)
