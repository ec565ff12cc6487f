"""Colours that can be read, whatever accent a newsletter has."""

from __future__ import annotations

from dataclasses import dataclass

from digest.contrast import DARK_SHEET, LIGHT_SHEET, parts
from digest.contrast import contrast as contrast

#: The least contrast of text to what is behind it.
ENOUGH = 4.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Palette:
    """The colours of one scheme, light or dark, as #rrggbb."""

    paper: str
    sheet: str
    ink: str
    muted: str
    rule: str
    accent: str


def light(accent: str) -> Palette:
    """Black on white, with the newsletter's accent, darkened as far as it must be to be read."""
    return Palette(
        paper="#f4f1ea",
        sheet=LIGHT_SHEET,
        ink="#1d1b18",
        muted="#625d55",
        rule="#dcd7cd",
        accent=legible(accent, (LIGHT_SHEET, "#f4f1ea"), towards="#000000"),
    )


def dark(accent: str) -> Palette:
    """Light on black, with the newsletter's accent, lightened as far as it must be to be read."""
    return Palette(
        paper="#121110",
        sheet=DARK_SHEET,
        ink="#efebe3",
        muted="#b3ac9f",
        rule="#3d3933",
        accent=legible(accent, ("#121110", DARK_SHEET), towards="#ffffff"),
    )


def legible(colour: str, grounds: tuple[str, ...], *, towards: str) -> str:
    """The colour, mixed with `towards` in steps of 5 % until it can be read on every ground."""
    for step in range(21):
        mixed = mix(colour, towards, step / 20)
        if all(contrast(mixed, ground) >= ENOUGH for ground in grounds):
            return mixed
    return towards


def mix(colour: str, other: str, share: float) -> str:
    """`share` (0 to 1) of `other` in `colour`."""
    pairs = zip(parts(colour), parts(other), strict=True)
    return "#" + "".join(f"{round(a + (b - a) * share):02x}" for a, b in pairs)
