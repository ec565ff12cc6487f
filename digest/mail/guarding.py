"""Tags written so that the engine (mrml 6.0.1) makes of them what they say, or refused with a reason.

The engine writes every attribute with Rust's debug form, so a line break, a quotation mark, a
backslash and many characters outside ASCII come out as `\\n` or `\\u{…}`; it wants XML where people
write HTML; and very deep nesting ends the process. The guard may go when mrml escapes attributes as
HTML does.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Sequence

from digest.mail.tags import VOID, Piece, Wrong, attributes

#: The engine's stack ends near 9,000 levels, in a small thread far earlier; our own mails use fewer than 20.
DEEPEST = 50

#: Elements whose text the engine also writes into an attribute (the page's `aria-label`).
_NAMING = "mj-title"

#: Tags that must say what a picture shows, or that it shows nothing.
_PICTURES = frozenset({"img", "mj-image"})

#: Attributes that are as they should be.
_FINE = re.compile(r"(?: [^\s=/>\"'<]++=\"[ !#-;=?-\[\]-~]*+\")*+ *")

_FOLDED = re.compile(r"[ \t\r\n\f\v]*[\t\r\n\f\v][ \t\r\n\f\v]*")
_ODD = re.compile(r"[\"\\<>]|[^\x20-\x7e]")


def guard(pieces: Sequence[Piece]) -> list[Piece]:
    """The same tags, each written as the engine needs it.

    Raises Wrong where tags do not close each other, nest too deep or cannot be read: the engine would
    name no line, or end the process.
    """
    safe: list[Piece] = []
    still_open: list[tuple[str, int]] = []
    for number, piece in enumerate(pieces):
        before, comment, end, name, written, empty = piece
        if "<" in before:
            raise Wrong(number, "a < that begins no tag; write &lt;")
        if end:
            _close(name, still_open, number)
            piece = (value(before), *piece[1:]) if name == _NAMING else piece
        elif not comment:
            if written or name in _PICTURES:
                written = _attributes(name, written, number)
            empty = empty or (" /" if name in VOID else "")
            piece = (before, None, "", name, written, empty)
            if not empty:
                still_open.append((name, number))
                if len(still_open) > DEEPEST:
                    raise Wrong(number, f"more than {DEEPEST} tags deep")
        safe.append(piece)
    if still_open:
        raise Wrong(still_open[-1][1], f"<{still_open[-1][0]}> is never closed")
    return safe


def _close(name: str, still_open: list[tuple[str, int]], number: int) -> None:
    """The innermost tag is closed; Wrong where that is another one."""
    opened, at = still_open.pop() if still_open else ("", 0)
    if opened == name:
        return
    if any(name == one for one, _ in still_open):
        raise Wrong(at, f"<{opened}> is not closed before </{name}>")
    raise Wrong(number, f"</{name}> closes no tag that is open")


def _attributes(name: str, written: str, number: int) -> str:
    safe = _safe(name in _PICTURES, written)
    if safe is None:
        raise Wrong(number, f"<{name}>: its attributes cannot be read: {written.strip()[:60]}")
    return safe


@functools.lru_cache(maxsize=4096)
def _safe(picture: bool, written: str) -> str | None:
    """Attributes in double quotes, the first of two with one name, entities for what is not plain."""
    if not picture and _FINE.fullmatch(written):
        names = written.rstrip().split('"')[:-1:2]
        if len(names) == len({*names}):
            return written
    found = attributes(written)
    if found is None:
        return None
    named: dict[str, str] = {}
    for name, given in found:
        named.setdefault(name, value(given or ""))
    if picture:
        named.setdefault("alt", "")
    return "".join(f' {name}="{given}"' for name, given in named.items())


def value(text: str) -> str:
    """What may stand in double quotes: one line of ASCII, the rest as character references."""
    return _ODD.sub(_reference, _FOLDED.sub(" ", text))


def _reference(match: re.Match[str]) -> str:
    code = ord(match[0])
    return "" if code < 0x20 or code == 0x7F else f"&#{code};"
