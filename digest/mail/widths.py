"""Pictures no wider than their column: MJML says so, the engine (mrml 6.0.1) leaves them as they are.

How much room there is follows MJML's own components: the body's width less padding and borders of
wrapper, section, group and column, in whole pixels.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from digest.mail.tags import Piece, attributes, start

#: What MJML takes where a template says nothing (npm mjml 5).
_DEFAULTS: Mapping[str, Mapping[str, str]] = {
    "mj-body": {"width": "600px"},
    "mj-wrapper": {"padding": "20px 0"},
    "mj-section": {"padding": "20px 0"},
    "mj-hero": {"padding": "0px"},
    "mj-image": {"padding": "10px 25px"},
}
_BOXES = frozenset({*_DEFAULTS, "mj-group", "mj-column"})
_COLUMNS = frozenset({"mj-group", "mj-column"})
_SIDES = ("left", "right")
_NUMBER = re.compile(r"\s*(\d{1,6}(?:\.\d{1,6})?)(%?)", re.ASCII)
_BORDER = re.compile(r"(?:^| )(\d{1,6})", re.ASCII)


@dataclass(slots=True)
class _Box:
    """A box of the layout, as its tag stands. columns: how many share it."""

    name: str
    number: int
    written: str
    parent: _Box | None
    columns: int = 0


def fit(pieces: Sequence[Piece]) -> list[Piece]:
    """The same tags, with the width of every mj-image at most what its column has."""
    fitted = list(pieces)
    if any(piece[3] == "mj-image" for piece in pieces):
        sayings, pictures = _read(pieces)
        for box in pictures:
            fitted[box.number] = _fitted(pieces[box.number], box, sayings)
    return fitted


def _fitted(piece: Piece, box: _Box, sayings: _Sayings) -> Piece:
    before, _, _, _, written, empty = piece
    room = _room(box, sayings)
    asked = _NUMBER.match(sayings.of(box).get("width", ""))
    width = min(float(asked[1]), room) if asked else room
    kept = [f' {key}="{value}"' for key, value in attributes(written) or () if key != "width"]
    return start(before, box.name, f'{"".join(kept)} width="{max(int(width), 0)}px"', empty)


class _Sayings:
    """What the head says of all tags, of one tag, or of a class (its key is then `.name`)."""

    def __init__(self) -> None:
        self._told: dict[str, dict[str, str]] = {}

    def tell(self, name: str, written: str) -> None:
        given = _plain(written)
        key = f".{given.pop('name', '')}" if name == "mj-class" else name
        self._told.setdefault(key, {}).update(given)

    def of(self, box: _Box) -> Mapping[str, str]:
        """What holds for one box: MJML's own defaults, the head's words, its classes, its own words."""
        own = _plain(box.written)
        keys = ["mj-all", box.name, *(f".{one}" for one in own.get("mj-class", "").split())]
        layers = [_DEFAULTS.get(box.name, {}), *(self._told.get(key, {}) for key in keys), own]
        return {key: value for layer in layers for key, value in layer.items()}


def _read(pieces: Sequence[Piece]) -> tuple[_Sayings, list[_Box]]:
    """The head's sayings and the boxes of the pictures in the body."""
    sayings, pictures, around = _Sayings(), list[_Box](), list[_Box]()
    heading = False
    for number, (_, _, end, name, written, empty) in enumerate(pieces):
        if name == "mj-attributes":
            heading = not end
        elif heading and not end and name:
            sayings.tell(name, written)
        elif end and around and around[-1].name == name:
            around.pop()
        elif name and name in _BOXES and not end:
            box = _Box(name, number, written, around[-1] if around else None)
            if box.parent and name in _COLUMNS:
                box.parent.columns += 1
            if name == "mj-image":
                pictures.append(box)
            elif not empty:
                around.append(box)
    return sayings, pictures


def _plain(written: str) -> dict[str, str]:
    return {key: value for key, value in attributes(written) or () if value is not None}


def _room(box: _Box, sayings: _Sayings) -> float:
    """The pixels inside a box, less its padding and borders on both sides."""
    given = sayings.of(box)
    if box.parent is None:
        return _pixels(given.get("width", ""), 600)
    room = _room(box.parent, sayings)
    edges = sum(_padding(given, side) + _border(given, "border", side) for side in _SIDES)
    if box.name not in _COLUMNS:
        return int(room) - edges
    edges += sum(_border(given, "inner-border", side) for side in _SIDES)
    share = room / max(box.parent.columns, 1)
    return _pixels(given.get("width", ""), share, of=room) - edges


def _pixels(width: str, otherwise: float, of: float = 0.0) -> float:
    found = _NUMBER.match(width)
    if not found:
        return otherwise
    return of * float(found[1]) / 100 if found[2] else int(float(found[1]))


def _padding(given: Mapping[str, str], side: str) -> int:
    alone = _NUMBER.match(given.get(f"padding-{side}", ""))
    if alone:
        return int(float(alone[1]))
    four = given.get("padding", "").split() or ["0"]
    at = {1: 0, 2: 1, 3: 1}.get(len(four), 3 if side == "left" else 1)
    found = _NUMBER.match(four[at])
    return int(float(found[1])) if found else 0


def _border(given: Mapping[str, str], name: str, side: str) -> int:
    found = _BORDER.search(given.get(f"{name}-{side}") or given.get(name, ""))
    return int(found[1]) if found else 0
