"""How well a colour stands out from another: WCAG 2.2 (https://www.w3.org/TR/WCAG22/#contrast-minimum)."""

from __future__ import annotations

#: The least contrast of text to what is behind it.
ENOUGH = 4.5


def contrast(one: str, other: str) -> float:
    """The contrast ratio of two colours, each as #rrggbb: from 1 to 21."""
    low, high = sorted((_luminance(one), _luminance(other)))
    return (high + 0.05) / (low + 0.05)


def legible(colour: str, grounds: tuple[str, ...]) -> str | None:
    """The nearest colour that can be read on every ground: mixed with black or white in steps of 2 %.

    None where there is none, since the grounds lie too far apart.
    """
    for step in range(51):
        for towards in ("#000000", "#ffffff"):
            mixed = mix(colour, towards, step / 50)
            if all(contrast(mixed, ground) >= ENOUGH for ground in grounds):
                return mixed
    return None


def mix(colour: str, other: str, share: float) -> str:
    """`share` (0 to 1) of `other` in `colour`."""
    pairs = zip(parts(colour), parts(other), strict=True)
    return "#" + "".join(f"{round(a + (b - a) * share):02x}" for a, b in pairs)


def ink_on(ground: str) -> str:
    """White or nearly black, whichever is read better on this ground: one of them always is."""
    return max(("#ffffff", "#16130f"), key=lambda ink: contrast(ground, ink))


def parts(colour: str) -> tuple[int, int, int]:
    """Red, green and blue of #rrggbb, each from 0 to 255."""
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def _luminance(colour: str) -> float:
    shares = [part / 255 for part in parts(colour)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in shares)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
