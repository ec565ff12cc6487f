"""A budget as the text that the database keeps, and back."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

from digest.delivery.budget import Budget, Rate, Window


def to_text(budget: Budget) -> str:
    """JSON; of each slice the time since the one before it, since those numbers are short."""
    told: dict[str, Any] = {"at": budget.at}
    if budget.windows:
        told["windows"] = {str(span): _window(one) for span, one in budget.windows.items()}
    if budget.rate != Rate():
        told["rate"] = asdict(budget.rate)
    if budget.first:
        told["first"] = budget.first
    return json.dumps(told, separators=(",", ":"))


def from_text(text: str) -> Budget:
    """A budget from `to_text`; a new one from an empty text."""
    if not text:
        return Budget()
    told = json.loads(text)
    return Budget(
        at=told["at"],
        windows={int(span): _read(one) for span, one in told.get("windows", {}).items()},
        rate=Rate(**told.get("rate", {})),
        first=told.get("first", {}),
    )


def _window(window: Window) -> list[int]:
    told, before = [window.paid], 0
    for at, count in window.slices:
        told += (at - before, count)
        before = at
    return told


def _read(told: list[int]) -> Window:
    paid, *rest = told
    slices, at = [], 0
    for since, count in zip(rest[::2], rest[1::2], strict=True):
        at += since
        slices.append((at, count))
    return Window(tuple(slices), paid)
