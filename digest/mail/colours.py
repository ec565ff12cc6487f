"""Colours that can be read: contrast by WCAG 2.2 (https://www.w3.org/TR/WCAG22/#contrast-minimum)."""

from __future__ import annotations

from dataclasses import dataclass

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
        sheet="#ffffff",
        ink="#1d1b18",
        muted="#625d55",
        rule="#dcd7cd",
        accent=legible(accent, ("#ffffff", "#f4f1ea"), towards="#000000"),
    )


def dark(accent: str) -> Palette:
    """Light on black, with the newsletter's accent, lightened as far as it must be to be read."""
    return Palette(
        paper="#121110",
        sheet="#1c1a18",
        ink="#efebe3",
        muted="#b3ac9f",
        rule="#3d3933",
        accent=legible(accent, ("#121110", "#1c1a18"), towards="#ffffff"),
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
    pairs = zip(_parts(colour), _parts(other), strict=True)
    return "#" + "".join(f"{round(a + (b - a) * share):02x}" for a, b in pairs)


def contrast(one: str, other: str) -> float:
    """The contrast ratio of two colours, from 1 to 21."""
    low, high = sorted((_luminance(one), _luminance(other)))
    return (high + 0.05) / (low + 0.05)


def _luminance(colour: str) -> float:
    shares = [part / 255 for part in _parts(colour)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in shares)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _parts(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)
