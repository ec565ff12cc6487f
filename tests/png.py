"""Just enough of PNG (RFC 2083) to look at a picture's pixels: 8 bits a channel, not interlaced."""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Picture:
    """Its size in pixels, and its rows: three or four bytes a pixel."""

    width: int
    height: int
    channels: int
    rows: list[bytes]

    def colour(self, x: int, y: int) -> str:
        """One pixel as #rrggbb; negative places count from the end, as in Python."""
        at = (x % self.width) * self.channels
        return "#" + self.rows[y][at : at + 3].hex()


def read(data: bytes, *, most: int | None = None) -> Picture:
    """A picture, or the first `most` of its rows."""
    width, height, depth, kind, _, _, interlaced = struct.unpack(">IIBBBBB", data[16:29])
    assert (depth, interlaced) == (8, 0)
    channels = {2: 3, 6: 4}[kind]
    raw = zlib.decompress(b"".join(_pixels(data)))
    rows: list[bytes] = []
    above, step = bytes(width * channels), width * channels + 1
    for at in range(0, len(raw), step)[:most]:
        above = _row(raw[at], raw[at + 1 : at + step], above, channels)
        rows.append(above)
    return Picture(width, height, channels, rows)


def _pixels(data: bytes) -> list[bytes]:
    found: list[bytes] = []
    at = 8
    while at < len(data):
        size, name = struct.unpack(">I4s", data[at : at + 8])
        if name == b"IDAT":
            found.append(data[at + 8 : at + 8 + size])
        at += size + 12
    return found


def _row(kind: int, line: bytes, above: bytes, channels: int) -> bytes:
    """One row with its filter undone (§6)."""
    if kind == 0 or (kind == 2 and not any(line)):
        return line if kind == 0 else above
    row = bytearray(line)
    for at in range(len(row)):
        left = row[at - channels] if at >= channels else 0
        corner = above[at - channels] if at >= channels else 0
        guess = (0, left, above[at], (left + above[at]) // 2, _paeth(left, above[at], corner))
        row[at] = (row[at] + guess[kind]) % 256
    return bytes(row)


def _paeth(left: int, above: int, corner: int) -> int:
    near = left + above - corner
    return min((left, above, corner), key=lambda one: abs(near - one))
