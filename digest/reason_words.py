"""How the parts of a score are written: figures, numbers of things, spans of time."""

from __future__ import annotations


def times(doublings: float) -> str:
    """`1.8 times`, `0.4 times`, `about`."""
    return "about" if abs(doublings) < 0.1 else f"{2**doublings:.2g} times"


def points(points: float) -> float:
    """To four places, and never minus nought."""
    return round(points, 4) + 0.0


def number(count: float, noun: str) -> str:
    whole = round(count)
    return f"{whole:,} {noun}" if whole == 1 else f"{whole:,} {noun}s"


def span(hours: float) -> str:
    """`5 hours`, `3 days`."""
    return number(hours, "hour") if hours < 36 else number(hours / 24, "day")
