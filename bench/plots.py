"""Pictures of figures for docs/benchmarks.md: SVG that stands alone, in both schemes, drawn as the desk's charts are.

Axes are logarithmic: twice as good and half as good are as far from 1, and what grows linearly is a line of slope 1.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple
from xml.sax.saxutils import escape

from digest.charts import framed, short, tenth

WIDTH = 720
_STYLE = """<style>
svg{--ink:#1d2733;--muted:#5a6672;--rule:#dde3e8;--edge:#8b98a5;--accent:#1f5f8b;--sheet:#fff;background:var(--sheet)}
@media (prefers-color-scheme:dark){svg{--ink:#e8edf1;--muted:#a9b4be;--rule:#2f3a44;--edge:#7d8a96;--accent:#7cc0ee;--sheet:#161c22}}
text{font:12px system-ui,-apple-system,"Segoe UI",Roboto,sans-serif;fill:var(--muted)}
.said{fill:var(--ink)}.strong{fill:var(--ink);font-weight:600}.sheet{fill:var(--sheet)}
.grid{stroke:var(--rule);fill:none}.one{stroke:var(--edge);fill:none;stroke-dasharray:3 3}
.span{stroke:var(--accent);fill:none;stroke-width:2;opacity:.55}.dot{fill:var(--accent)}
.line{stroke:var(--accent);fill:none;stroke-width:1.8}.pale{stroke:var(--edge);fill:none;stroke-width:1.4}.pale-dot{fill:var(--edge)}
</style>"""


class Ratio(NamedTuple):
    """How many times better we are than another in one thing: the median, the least and the most."""

    name: str
    median: float
    least: float
    most: float


class _Axis:
    """A logarithmic axis from `first` to `last` in the drawing's units."""

    def __init__(self, values: Sequence[float], first: float, last: float) -> None:
        self.low = math.floor(math.log10(min(values)))
        self.high = max(math.ceil(math.log10(max(values))), self.low + 1)
        self.first, self.last = first, last

    def at(self, value: float) -> float:
        share = (math.log10(value) - self.low) / (self.high - self.low)
        return self.first + (self.last - self.first) * share

    @property
    def ticks(self) -> list[float]:
        return [10.0**power for power in range(self.low, self.high + 1)]


def ratios(name: str, about: str, rows: Sequence[Ratio]) -> str:
    """A line a comparison: a dot at its median, a stroke over what was seen, the number at its end."""
    left, height = 300.0, 28 * len(rows) + 44
    axis = _Axis([0.9, *(value for row in rows for value in row[1:])], left, WIDTH - 64.0)
    drawn = [*_ticks(axis, height)]
    drawn.append(f'<path class="one" d="M{tenth(axis.at(1))} 8V{tenth(height - 30)}"/>')
    for place, row in enumerate(rows):
        y = 24 + 28 * place
        middle = axis.at(row.median)
        drawn += [
            f'<text class="said" x="{tenth(left - 14)}" y="{y + 4}" text-anchor="end">{escape(row.name)}</text>',
            f'<path class="span" d="M{tenth(axis.at(row.least))} {y}H{tenth(axis.at(row.most))}"/>',
            f'<circle class="dot" cx="{tenth(middle)}" cy="{y}" r="4.5"/>',
            f'<text class="strong" x="{tenth(axis.at(row.most) + 10)}" y="{y + 4}">{times(row.median)}</text>',
        ]
    return _alone(name, about, drawn, height)


def times(value: float) -> str:
    """`0.87 ×`, `4.1 ×`, `930 ×`."""
    return f"{value:.3g} ×" if value < 1000 else f"{value:,.0f} ×"


def _ticks(axis: _Axis, height: float) -> Iterator[str]:
    for tick in axis.ticks:
        x = tenth(axis.at(tick))
        yield f'<path class="grid" d="M{x} 8V{tenth(height - 30)}"/>'
        yield f'<text x="{x}" y="{tenth(height - 12)}" text-anchor="middle">{_tick(tick)} ×</text>'


def _tick(value: float) -> str:
    return short(round(value)) if value >= 1 else f"{value:g}"


Points = Sequence[tuple[float, float]]


def growth(name: str, about: str, of: Mapping[str, Points], *, unit: str) -> str:
    """A line a cost, over sizes; the first one strong, a dashed line where linear growth would lead it."""
    height, left, right = 380.0, 64.0, WIDTH - 170.0
    across = _Axis([x for points in of.values() for x, _ in points], left, right)
    up = _Axis([max(y, 1e-3) for points in of.values() for _, y in points], height - 48, 16)
    drawn = [*_sheet(across, up, (left, right, height), unit)]
    ends: list[float] = []
    for place, (label, points) in enumerate(of.items()):
        line, dot = ("line", "dot") if place == 0 else ("pale", "pale-dot")
        spots = [(across.at(x), up.at(max(y, 1e-3))) for x, y in points]
        drawn.append(
            f'<path class="{line}" d="M{"L".join(f"{tenth(x)} {tenth(y)}" for x, y in spots)}"/>'
        )
        drawn += [
            f'<circle class="{dot}" cx="{tenth(x)}" cy="{tenth(y)}" r="3"/>' for x, y in spots
        ]
        ends.append(_free(spots[-1][1], ends))
        kind = "strong" if place == 0 else "said"
        drawn.append(
            f'<text class="{kind}" x="{tenth(right + 10)}" y="{tenth(ends[-1] + 4)}">{escape(label)}</text>'
        )
    drawn.append(_linear(next(iter(of.values())), across, up))
    return _alone(name, about, drawn, height)


def _sheet(across: _Axis, up: _Axis, frame: tuple[float, float, float], unit: str) -> Iterator[str]:
    left, right, height = frame
    for tick in across.ticks:
        x = tenth(across.at(tick))
        yield f'<path class="grid" d="M{x} 16V{tenth(height - 48)}"/>'
        yield f'<text x="{x}" y="{tenth(height - 30)}" text-anchor="middle">{_tick(tick)}</text>'
    for tick in up.ticks:
        y = up.at(tick)
        yield f'<path class="grid" d="M{tenth(left)} {tenth(y)}H{tenth(right)}"/>'
        yield f'<text x="{tenth(left - 8)}" y="{tenth(y + 4)}" text-anchor="end">{_tick(tick)}</text>'
    yield f'<text x="{tenth((left + right) / 2)}" y="{tenth(height - 10)}" text-anchor="middle">{escape(unit)}</text>'


def _free(wanted: float, taken: Sequence[float]) -> float:
    """The nearest height whose label meets none of the others."""
    for step in range(60):
        for height in (wanted - 3 * step, wanted + 3 * step):
            if all(abs(height - other) >= 14 for other in taken):
                return height
    return wanted


def _linear(points: Points, across: _Axis, up: _Axis) -> str:
    """From the last point back: where it would have come from, had it grown with the size."""
    (first, _), (last, most) = points[0], points[-1]
    begun = max(most * first / last, 10.0**up.low)
    start = last * begun / most
    return (
        f'<path class="one" d="M{tenth(across.at(start))} {tenth(up.at(begun))}'
        f'L{tenth(across.at(last))} {tenth(up.at(most))}"/>'
    )


def _alone(name: str, about: str, drawn: Sequence[str], height: float) -> str:
    sheet = f'<rect class="sheet" width="{WIDTH}" height="{tenth(height)}"/>'
    svg = framed(name, about, [_STYLE, sheet, *drawn], "plot", size=(WIDTH, height))
    return svg.replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ', 1) + "\n"
