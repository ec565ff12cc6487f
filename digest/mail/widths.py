"""Pictures no wider than their column: MJML says so, the engine (mrml 6.0.1) leaves them as they are.

How much room there is follows MJML's own components: the body's width less padding and borders of
wrapper, section, group and column, in whole pixels.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from digest.mail.tags import Piece, attributes

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
_NUMBER = re.compile(r"\s*(\d+(?:\.\d+)?)(%?)")
_BORDER = re.compile(r"(?:^| )(\d+)")


@dataclass(slots=True)
class _Box:
    """A box of the layout. room: pixels inside it. columns: how many share it."""

    name: str
    number: int
    given: Mapping[str, str]
    parent: _Box | None
    columns: int = 0
    room: float = field(default=0.0)


def fit(pieces: Sequence[Piece]) -> list[Piece]:
    """The same tags, with the width of every mj-image at most what its column has."""
    fitted = list(pieces)
    if not any(piece[3] == "mj-image" for piece in pieces):
        return fitted
    for box in _boxes(pieces):
        box.room = _room(box)
        if box.name == "mj-image":
            fitted[box.number] = _fitted(pieces[box.number], box)
    return fitted


def _fitted(piece: Piece, box: _Box) -> Piece:
    before, comment, end, name, written, empty = piece
    asked = _NUMBER.match(box.given.get("width", ""))
    width = min(float(asked[1]), box.room) if asked else box.room
    kept = [f' {key}="{value}"' for key, value in attributes(written) or () if key != "width"]
    return before, comment, end, name, f'{"".join(kept)} width="{max(int(width), 0)}px"', empty


def _boxes(pieces: Sequence[Piece]) -> list[_Box]:
    """The boxes of the body in order, with what holds for each one: classes, defaults, its own."""
    found: list[_Box] = []
    told: dict[str, dict[str, str]] = {}
    around: list[_Box] = []
    heading = False
    for number, (_, _, end, name, written, empty) in enumerate(pieces):
        if name == "mj-attributes":
            heading = not end
        elif heading and not end:
            _tell(told, name, written)
        elif end and around and around[-1].name == name:
            around.pop()
        elif name in _BOXES and not end:
            box = _Box(name, number, _given(told, name, written), around[-1] if around else None)
            if box.parent and name in _COLUMNS:
                box.parent.columns += 1
            found.append(box)
            if not empty:
                around.append(box)
    return found


def _tell(told: dict[str, dict[str, str]], name: str, written: str) -> None:
    """What the head says of all tags, of one tag, or of a class (its key is then `.name`)."""
    given = _plain(written)
    key = f".{given.pop('name', '')}" if name == "mj-class" else name
    told.setdefault(key, {}).update(given)


def _given(told: Mapping[str, Mapping[str, str]], name: str, written: str) -> dict[str, str]:
    own = _plain(written)
    layers = [_DEFAULTS.get(name, {}), told.get("mj-all", {}), told.get(name, {})]
    layers += [told.get(f".{one}", {}) for one in own.get("mj-class", "").split()]
    return {key: value for layer in (*layers, own) for key, value in layer.items()}


def _plain(written: str) -> dict[str, str]:
    return {key: value for key, value in attributes(written) or () if value is not None}


def _room(box: _Box) -> float:
    """The pixels inside a box, less its padding and borders on both sides."""
    if box.parent is None:
        return _pixels(box.given.get("width", "600px"), 600)
    edges = sum(_padding(box, side) + _border(box, "border", side) for side in ("left", "right"))
    if box.name not in _COLUMNS:
        return int(box.parent.room) - edges
    edges += sum(_border(box, "inner-border", side) for side in ("left", "right"))
    share = box.parent.room / max(box.parent.columns, 1)
    return _pixels(box.given.get("width", ""), share, of=box.parent.room) - edges


def _pixels(width: str, otherwise: float, of: float = 0.0) -> float:
    found = _NUMBER.match(width)
    if not found:
        return otherwise
    return of * float(found[1]) / 100 if found[2] else int(float(found[1]))


def _padding(box: _Box, side: str) -> int:
    alone = _NUMBER.match(box.given.get(f"padding-{side}", ""))
    if alone:
        return int(float(alone[1]))
    four = box.given.get("padding", "").split() or ["0"]
    at = {1: 0, 2: 1, 3: 1}.get(len(four), 3 if side == "left" else 1)
    found = _NUMBER.match(four[at])
    return int(float(found[1])) if found else 0


def _border(box: _Box, name: str, side: str) -> int:
    found = _BORDER.search(box.given.get(f"{name}-{side}") or box.given.get(name, ""))
    return int(found[1]) if found else 0
