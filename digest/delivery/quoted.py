"""Quoted-printable (RFC 2045 §6.7) in pieces, so that a message is joined and never encoded again.

No line is longer than 76 columns and none begins with a full stop: what we write needs no
dot-stuffing and is right for DATA and for BDAT alike. Pieces between slots end in a soft line
break, so that a slot's value, encoded and folded by itself, always begins a line.
"""

from __future__ import annotations

import re

SOFT = b"=\r\n"
_LONGEST = 75  # and a "=" where the line goes on

#: What each byte becomes; printable ASCII but "=" stays, the space too unless it ends a line.
_CODES = tuple(
    bytes([code]) if 0x20 <= code <= 0x7E and code != 0x3D else b"=%02X" % code
    for code in range(256)
)
_PLAIN = re.compile(rb"[ -<>-~]*[!-<>-~]")  # needs no code anywhere


def encode(text: str) -> bytes:
    """A whole text, its line ends as CRLF."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return b"\r\n".join(_line(line.encode("utf-8")) for line in lines)


def before_slot(text: str) -> bytes:
    """A piece that a slot's value follows."""
    encoded = encode(text)
    return encoded if not encoded or encoded.endswith(b"\r\n") else encoded + SOFT


def _line(data: bytes) -> bytes:
    """One line, folded with soft breaks."""
    if _PLAIN.fullmatch(data):
        step = _LONGEST - 2  # room for a coded full stop
        return SOFT.join(_no_dot(data[at : at + step]) for at in range(0, len(data), step))
    lines: list[bytes] = []
    line: list[bytes] = []
    length = 0
    for place, byte in enumerate(data):
        code = _CODES[byte]
        if byte == 0x20 and place == len(data) - 1:
            code = b"=20"
        if length + len(code) > _LONGEST:
            lines.append(b"".join(line) + SOFT)
            line, length = [], 0
        if byte == 0x2E and not line:
            code = b"=2E"
        line.append(code)
        length += len(code)
    return b"".join((*lines, *line))


def _no_dot(line: bytes) -> bytes:
    return b"=2E" + line[1:] if line[:1] == b"." else line
