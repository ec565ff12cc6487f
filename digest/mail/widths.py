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
_NUMBER = re.compile(r"\s*(\d{1,6}(?:\.\d*)?)(%?)", re.ASCII)
_BORDER = re.compile(r"(?:^| )(\d{1,6})", re.ASCII)


@dataclass(slots=True)
class _Box:
    """A box of the layout, by its tag. columns: how many share it."""

    piece: Piece
    parent: _Box | None
    columns: int = 0


def fit(pieces: Sequence[Piece]) -> list[Piece]:
    """The same tags, with the width of every mj-image at most what its column has."""
    if not any(piece.name == "mj-image" for piece in pieces):
        return list(pieces)
    sayings, pictures = _read(pieces)
    fitted = {box.piece.at: _fitted(box, sayings) for box in pictures}
    return [fitted.get(piece.at, piece) for piece in pieces]


def _fitted(box: _Box, sayings: _Sayings) -> Piece:
    room, written = _room(box, sayings), box.piece.written
    asked = _NUMBER.match(sayings.of(box.piece).get("width", ""))
    width = min(float(asked[1]), room) if asked else room
    kept = [f' {key}="{value}"' for key, value in attributes(written) or () if key != "width"]
    return start(box.piece, f'{"".join(kept)} width="{max(int(width), 0)}px"', box.piece.empty)


class _Sayings:
    """What the head says of all tags, of one tag, or of a class (its key is then `.name`)."""

    def __init__(self) -> None:
        self._told: dict[str, dict[str, str]] = {}

    def tell(self, name: str, written: str) -> None:
        given = _plain(written)
        key = f".{given.pop('name', '')}" if name == "mj-class" else name
        self._told.setdefault(key, {}).update(given)

    def of(self, piece: Piece) -> Mapping[str, str]:
        """What holds for one tag: MJML's own defaults, the head's words, its classes, its own words."""
        own = _plain(piece.written)
        keys = ["mj-all", piece.name, *(f".{one}" for one in own.get("mj-class", "").split())]
        layers = [_DEFAULTS.get(piece.name, {}), *(self._told.get(key, {}) for key in keys), own]
        return {key: value for layer in layers for key, value in layer.items()}


def _read(pieces: Sequence[Piece]) -> tuple[_Sayings, list[_Box]]:
    """The head's sayings and the boxes of the pictures in the body."""
    sayings, pictures, around = _Sayings(), list[_Box](), list[_Box]()
    heading = False
    for piece in pieces:
        name = piece.name
        if name == "mj-attributes":
            heading = not piece.end
        elif heading and not piece.end and name:
            sayings.tell(name, piece.written)
        elif piece.end and around and around[-1].piece.name == name:
            around.pop()
        elif name in _BOXES and not piece.end:
            box = _Box(piece, around[-1] if around else None)
            if box.parent and name in _COLUMNS:
                box.parent.columns += 1
            if name == "mj-image":
                pictures.append(box)
            elif not piece.empty:
                around.append(box)
    return sayings, pictures


def _plain(written: str) -> dict[str, str]:
    return {key: value for key, value in attributes(written) or () if value is not None}


def _room(box: _Box, sayings: _Sayings) -> float:
    """The pixels inside a box, less its padding and borders on both sides."""
    given = sayings.of(box.piece)
    if box.parent is None:
        return _pixels(given.get("width", ""), 600)
    room = _room(box.parent, sayings)
    edges = sum(_padding(given, side) + _border(given, "border", side) for side in _SIDES)
    if box.piece.name not in _COLUMNS:
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
