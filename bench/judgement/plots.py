"""Bars as SVG: a name, a figure, and what else is to be said of it."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from pathlib import Path


def bars(title: str, figures: Mapping[str, tuple[float, str]], path: Path) -> None:
    """Best first, ours in colour. figures: name → (figure, words behind it)."""
    best = max((figure for figure, _ in figures.values()), default=1.0)
    rows = [f'<text x="10" y="24" font-weight="bold">{escape(title)}</text>']
    for place, (name, (figure, said)) in enumerate(
        sorted(figures.items(), key=lambda one: -one[1][0])
    ):
        y, width = 30 * place + 42, 330 * max(figure, 0.0) / best
        fill = "#1f5f8b" if name.startswith("ours") else "#9aa5ae"
        rows.append(
            f'<text x="210" y="{y + 15}" text-anchor="end">{escape(name)}</text>'
            f'<rect x="220" y="{y}" width="{width:.0f}" height="20" fill="{fill}"/>'
            f'<text x="{228 + width:.0f}" y="{y + 15}">{escape(said)}</text>'
        )
    height = 30 * len(figures) + 56
    path.write_text(
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 760 {height}" font-family="sans-serif"'
        f' font-size="13"><rect width="760" height="{height}" fill="#fff"/>{"".join(rows)}</svg>\n',
        encoding="utf-8",
    )
