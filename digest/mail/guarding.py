"""A document taken apart so that the engine (mrml 6.0.1) gets its MJML alone, written as it needs it.

The engine writes every attribute with Rust's debug form, so a line break, a quotation mark, a
backslash and many characters outside ASCII come out as `\\n` or `\\u{…}`; it wants XML where people
write HTML; and very deep nesting ends the process. So HTML never meets it: what stands in mj-text and
its like is held back, and put into the page that the engine makes. The attributes of MJML may go as they
are when mrml escapes them as HTML does.
"""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass, field

from digest.mail.tags import VOID, Piece, Wrong, attributes, is_comment, joined, start

#: The engine's stack ends near 9,000 levels, in a small thread far earlier; our own mails use fewer than 20.
DEEPEST = 50

#: Elements whose text the engine also writes into an attribute (the page's `aria-label`).
_NAMING = "mj-title"

#: Must say what it shows, or that it shows nothing.
_PICTURE = "mj-image"

#: Elements that hold HTML; the engine prints it as it finds it.
_HOLDERS = frozenset(
    {
        "mj-accordion-text",
        "mj-accordion-title",
        "mj-button",
        "mj-navbar-link",
        "mj-preview",
        "mj-raw",
        "mj-social-element",
        "mj-table",
        "mj-text",
    }
)

#: Around a number, in place of what is held back. No attribute can hold them: there they are spelled out.
_OPEN, _SHUT = "\ue000", "\ue001"
_HELD = re.compile(rf"{_OPEN}(\d+){_SHUT}")

_LONE = "a < that begins no tag; write &lt;"
_DEEP = f"more than {DEEPEST} tags deep"

#: Attributes that are as they should be.
_FINE = re.compile(r"(?: [^\s=/>\"'<]++=\"[ !#-;=?-\[\]-~]*+\")*+ *")
_SPACES = re.compile(r"[ \t\r\n\f\v]{2,}+|[\t\r\n\f\v]")
_ODD = re.compile(r"[\"\\<>]|[^\x20-\x7e]")


@dataclass(slots=True)
class Guarded:
    """A document taken apart. pieces: its MJML; numbers: which tag of the document each one is.

    held: the HTML for which the pieces have stand-ins; held_at: the number of the tag before it.
    """

    pieces: list[Piece] = field(default_factory=list)
    numbers: list[int] = field(default_factory=list)
    held: list[str] = field(default_factory=list)
    held_at: list[int] = field(default_factory=list)

    def add(self, number: int, piece: Piece) -> None:
        self.pieces.append(piece)
        self.numbers.append(number)

    def stand_in(self, html: str) -> str:
        """What stands for the HTML after the last piece, until `filled`."""
        self.held.append(html)
        self.held_at.append(self.numbers[-1])
        return f"{_OPEN}{len(self.held) - 1}{_SHUT}"

    def filled(self, page: str) -> str:
        """The engine's page with what was held back."""
        return _HELD.sub(self._held, page)

    def _held(self, match: re.Match[str]) -> str:
        number = int(match[1])
        return self.held[number] if number < len(self.held) else ""


def guard(pieces: list[Piece]) -> Guarded:
    """The document taken apart.

    Raises Wrong where tags do not close each other, nest too deep or cannot be read: the engine would
    name no line, or end the process.
    """
    guarded, opened, number = Guarded(), _Open(), 0
    while number < len(pieces):
        piece = pieces[number]
        opened.pass_by(piece, number)
        guarded.add(number, _safe_tag(piece, number))
        number += 1
        if piece[3] in _HOLDERS and not piece[2] and not piece[5]:
            since, number = number, _end_of(pieces, number, opened)
            html = joined(pieces[since:number], pieces[number][0]) if number < len(pieces) else ""
            if html.strip():
                pieces[number] = (guarded.stand_in(html), *pieces[number][1:])
    opened.end()
    return guarded


def _end_of(pieces: list[Piece], number: int, opened: _Open) -> int:
    """Where the innermost open element ends that holds HTML; pictures in it without words are marked so."""
    names, numbers = opened.names, opened.numbers
    level = len(names)
    for at in range(number, len(pieces)):
        before, _, end, name, written, empty = pieces[at]
        if end:
            if len(names) == level and names[-1] == name:
                return at
            opened.close(name, at)
        elif name and not empty and name not in VOID:
            names.append(name)
            numbers.append(at)
            if len(names) > DEEPEST:
                raise Wrong(at, _DEEP)
        elif not name and not is_comment(pieces[at]):
            raise Wrong(at, _LONE)
        elif name == "img" and "alt" not in dict(attributes(written) or ()):
            pieces[at] = start(before, name, f' alt=""{written}', empty)
    return len(pieces)


@dataclass(slots=True)
class _Open:
    """The elements that are open, and the numbers of the tags that opened them."""

    names: list[str] = field(default_factory=list)
    numbers: list[int] = field(default_factory=list)

    def pass_by(self, piece: Piece, number: int) -> None:
        _, _, end, name, _, empty = piece
        if end:
            self.close(name, number)
        elif name and not empty and name not in VOID:
            self.names.append(name)
            self.numbers.append(number)
            if len(self.names) > DEEPEST:
                raise Wrong(number, _DEEP)
        elif not name and not is_comment(piece):
            raise Wrong(number, _LONE)

    def close(self, name: str | None, number: int) -> None:
        """The innermost element is closed; Wrong where that is another one."""
        opened, at = (self.names.pop(), self.numbers.pop()) if self.names else ("", 0)
        if opened == name:
            return
        if name in self.names:
            raise Wrong(at, f"<{opened}> is not closed before </{name}>")
        raise Wrong(number, f"</{name}> closes no tag that is open")

    def end(self) -> None:
        if self.names:
            raise Wrong(self.numbers[-1], f"<{self.names[-1]}> is never closed")


def _safe_tag(piece: Piece, number: int) -> Piece:
    """A tag of MJML as the engine needs it."""
    before, whole, end, name, written, empty = piece
    if name == _NAMING and end:
        return value(before), whole, end, name, written, empty
    if end or not name:
        return piece
    safe = _safe(name == _PICTURE, written) if written or name == _PICTURE else ""
    if safe is None:
        raise Wrong(number, f"<{name}>: its attributes cannot be read: {written.strip()[:60]}")
    return start(before, name, safe, " /" if name in VOID else empty)


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
    return _ODD.sub(_reference, _SPACES.sub(_folded, text))


def _folded(match: re.Match[str]) -> str:
    """A line break with the space around it is one space; spaces alone stay."""
    return " " if match[0].strip(" ") else match[0]


def _reference(match: re.Match[str]) -> str:
    code = ord(match[0])
    return "" if code < 0x20 or code == 0x7F else f"&#{code};"
