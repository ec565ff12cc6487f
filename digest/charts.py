"""Charts as SVG, made on the server: no script, no font, no style inside, so that a strict policy shows them.

Colours are classes of the page's style sheet, so light and dark follow it. Each chart names itself (title, desc)
and stands beside a table with the same numbers. Texts in it are numbers and short labels, from left to right.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape

#: The drawing's size in units of its own; a page scales it. Room for the numbers at the left and the labels below.
WIDTH, HEIGHT = 360, 170
_LEFT, _TOP, _BOTTOM = 34, 10, 24
#: So wide is the label of a column, in units, and one of two letters; where they would meet, only some are written.
_LABEL, _SHORT_LABEL = 26, 17


@dataclass(frozen=True, slots=True)
class Column:
    """One column. value: its height; beside: of a paler one on top of it; mark: a stroke at what is usual."""

    label: str
    value: float
    beside: float = 0
    mark: float | None = None


def columns(name: str, about: str, of: Sequence[Column], *, key: str) -> str:
    """Columns over one line. key: a word of its own on the page, for what names the chart."""
    most = max((max(one.value + one.beside, one.mark or 0) for one in of), default=0)
    scale = _Scale(0, most)
    drawn: list[str] = [*_grid(scale)]
    for one, (left, width) in zip(of, _slots(len(of)), strict=True):
        drawn.append(_bar("bar", left, width, scale.y(one.value), scale.y(0)))
        if one.beside:
            top = scale.y(one.value + one.beside)
            drawn.append(_bar("beside", left, width, top, scale.y(one.value)))
        if one.mark is not None:
            drawn.append(_stroke("usual", left - 2, width + 4, scale.y(one.mark)))
    drawn += _labels([one.label for one in of], HEIGHT - 8)
    return framed(name, about, drawn, key)


def growth(name: str, about: str, of: Sequence[tuple[str, int, int]], *, key: str) -> str:
    """Columns above and below a line: (label, joined, left); a dot at what both come to."""
    scale = _Scale(
        -max((left for _, _, left in of), default=0), max((up for _, up, _ in of), default=0)
    )
    drawn: list[str] = [*_grid(scale)]
    for (_, joined, gone), (left, width) in zip(of, _slots(len(of)), strict=True):
        drawn.append(_bar("bar", left, width, scale.y(joined), scale.y(0)))
        drawn.append(_bar("gone", left, width, scale.y(0), scale.y(-gone)))
        middle = left + width / 2
        drawn.append(
            f'<circle class="net" cx="{tenth(middle)}" cy="{tenth(scale.y(joined - gone))}" r="2.2"/>'
        )
    drawn += _labels([label for label, _, _ in of], HEIGHT - 8)
    return framed(name, about, drawn, key)


class _Scale:
    """Heights for values from `low` (at most 0) to `high`, in steps that read well."""

    def __init__(self, low: float, high: float) -> None:
        self.step = _step(max(high - low, 1) / 3)
        self.low = math.floor(low / self.step) * self.step
        self.high = max(math.ceil(high / self.step), 1) * self.step

    def y(self, value: float) -> float:
        room = HEIGHT - _TOP - _BOTTOM
        return _TOP + room * (self.high - value) / (self.high - self.low)

    @property
    def ticks(self) -> list[int]:
        count = round((self.high - self.low) / self.step)
        return [round(self.low + n * self.step) for n in range(count + 1)]


def _step(least: float) -> int:
    """1, 2 or 5 with noughts, not below `least`."""
    power = int(10 ** math.floor(math.log10(max(least, 1))))
    return next(n * power for n in (1, 2, 5, 10) if n * power >= least)


def _grid(scale: _Scale) -> Iterator[str]:
    for tick in scale.ticks:
        y = scale.y(tick)
        yield f'<path class="{"ground" if tick == 0 else "grid"}" d="M{_LEFT} {tenth(y)}H{WIDTH}"/>'
        yield f'<text x="{_LEFT - 5}" y="{tenth(y + 3.5)}" text-anchor="end">{short(abs(tick))}</text>'


def _slots(count: int) -> list[tuple[float, float]]:
    """Left edge and width of each column."""
    whole = (WIDTH - _LEFT) / max(count, 1)
    width = min(whole * 0.7, 26.0)
    return [(_LEFT + whole * (n + 0.5) - width / 2, width) for n in range(count)]


def _labels(labels: Sequence[str], y: float) -> Iterator[str]:
    every = math.ceil(_LABEL * max(len(labels), 1) / (WIDTH - _LEFT))
    if all(len(label) <= 2 for label in labels):
        every = math.ceil(_SHORT_LABEL * max(len(labels), 1) / (WIDTH - _LEFT))
    elif labels and len(max(labels, key=len)) > 5:
        every *= 2
    for n, (label, (left, width)) in enumerate(zip(labels, _slots(len(labels)), strict=True)):
        if (len(labels) - 1 - n) % every == 0:
            middle = left + width / 2
            fits = middle + 4 * len(label) <= WIDTH
            x, anchor = (middle, "middle") if fits else (WIDTH, "end")  # whatever the font's width
            yield f'<text x="{tenth(x)}" y="{tenth(y)}" text-anchor="{anchor}">{escape(label)}</text>'


def _bar(kind: str, left: float, width: float, top: float, bottom: float) -> str:
    height = max(bottom - top, 0)
    return f'<rect class="{kind}" x="{tenth(left)}" y="{tenth(top)}" width="{tenth(width)}" height="{tenth(height)}"/>'


def _stroke(kind: str, left: float, width: float, y: float) -> str:
    return f'<path class="{kind}" d="M{tenth(left)} {tenth(y)}h{tenth(width)}"/>'


def framed(
    name: str,
    about: str,
    drawn: Sequence[str],
    key: str,
    *,
    size: tuple[float, float] = (WIDTH, HEIGHT),
) -> str:
    """A drawing of `size` that names itself."""
    return (
        f'<svg class="chart" role="img" direction="ltr" viewBox="0 0 {tenth(size[0])} {tenth(size[1])}"'
        f' aria-labelledby="{key}-name {key}-about"><title id="{key}-name">{escape(name)}</title>'
        f'<desc id="{key}-about">{escape(about)}</desc>{"".join(drawn)}</svg>'
    )


def short(number: int) -> str:
    """`950`, `1.2k`, `3M`."""
    for size, letter in ((1_000_000, "M"), (1_000, "k")):
        if number >= size:
            return f"{number / size:.3g}{letter}"
    return str(number)


def tenth(value: float) -> str:
    """A number in the drawing, to a tenth."""
    return f"{value:.1f}".removesuffix(".0")
