"""A document taken apart so that the engine (mrml 6.0.1) gets its MJML alone, written as it needs it.

The engine writes every attribute with Rust's debug form, so a line break, a quotation mark, a
backslash and many characters outside ASCII come out as `\\n` or `\\u{…}`; it wants XML where people
write HTML; and very deep nesting ends the process. So HTML never meets it: what stands in mj-text and
its like is held back, and put into the page that the engine makes. The attributes of MJML may go as they
are when mrml escapes them as HTML does.
"""

from __future__ import annotations

import functools
import itertools
import re
from dataclasses import dataclass, field

from digest.mail.tags import HTML_TAG, SIMPLE_TAG, TAG, VOID, Piece, Wrong, attributes

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
    """A document taken apart: its MJML, the text after the last tag, and the HTML that stands in the page only.

    held_at: where each piece of HTML begins in the document.
    """

    pieces: list[Piece] = field(default_factory=list)
    rest: str = ""
    held: list[str] = field(default_factory=list)
    held_at: list[int] = field(default_factory=list)

    def hold(self, html: str, at: int) -> str:
        """What stands for this HTML, until `filled`."""
        self.held.append(html)
        self.held_at.append(at)
        return f"{_OPEN}{len(self.held) - 1}{_SHUT}"

    def filled(self, page: str) -> str:
        """The engine's page with what was held back."""
        return _HELD.sub(self._held, page)

    def _held(self, match: re.Match[str]) -> str:
        number = int(match[1])
        return self.held[number] if number < len(self.held) else ""


def guard(source: str) -> Guarded:
    """The document taken apart.

    Raises Wrong where tags do not close each other, nest too deep or cannot be read: the engine would
    name no line, or end the process.
    """
    guarded, done, stand_in = Guarded(), 0, ""
    still_open: list[tuple[str, int]] = []
    while (at := source.find("<", done)) >= 0:
        match = TAG.match(source, at)
        if not match:
            raise Wrong(at, _LONE)
        before, done, stand_in = stand_in or source[done:at], match.end(), ""
        whole, end, name, written, empty, holds = _tag(match[0])
        if whole is None:
            raise Wrong(at, f"<{name}>: its attributes cannot be read: {written.strip()[:60]}")
        if end:
            _close(name, still_open, at)
            before = value(before) if name == _NAMING else before
        elif name and not empty:
            still_open.append((name, at))
            if len(still_open) > DEEPEST:
                raise Wrong(at, _DEEP)
        guarded.pieces.append(Piece(before, whole, end, name, written, empty, at))
        if holds:
            began, done = done, _end_of(name, source, done, at)
            html = source[began:done].lstrip()
            began = done - len(html)
            if html:
                safe = _html(html.rstrip(), began, DEEPEST - len(still_open))
                stand_in = guarded.hold(safe, began)
    if still_open:
        raise Wrong(still_open[-1][1], f"<{still_open[-1][0]}> is never closed")
    guarded.rest = source[done:]
    return guarded


def _close(name: str, still_open: list[tuple[str, int]], at: int) -> None:
    """The innermost tag is closed; Wrong where that is another one."""
    if still_open and still_open[-1][0] == name:
        still_open.pop()
        return
    if any(name == one for one, _ in still_open):
        opened, where = still_open[-1]
        raise Wrong(where, f"<{opened}> is not closed before </{name}>")
    raise Wrong(at, f"</{name}> closes no tag that is open")


def _end_of(name: str, source: str, began: int, at: int) -> int:
    """Where the end tag of an element begins that holds HTML."""
    found = source.find(f"</{name}", began)
    if found < 0:
        raise Wrong(at, f"<{name}> is never closed")
    return found


def _html(html: str, began: int, levels: int) -> str:
    """HTML whose tags close each other, as it was written; a picture without words is marked as one.

    levels: how deep it may nest. Raises Wrong with the place in the document, where `html` begins at `began`.
    """
    if "<" not in html:
        return html
    try:
        if not _is_simple(html, levels):
            _check(html, levels)
    except Wrong as wrong:  # with the tag's number, which is cheaper to know than its place
        tag = next(itertools.islice(HTML_TAG.finditer(html), wrong.at, None))
        raise Wrong(began + tag.start(), wrong.reason) from None
    return HTML_TAG.sub(_with_words, html) if "<img" in html else html


def _is_simple(html: str, levels: int) -> bool:
    """Whether the tags close each other as far as can be seen in a hurry; if not, `_check` looks again."""
    names = SIMPLE_TAG.findall(html)
    if html.count("<") != len(names) + html.count("/>"):
        return False  # there are comments, or angles that are no tag's
    return _are_balanced(tuple(names), levels)


@functools.lru_cache(maxsize=512)
def _are_balanced(names: tuple[str, ...], levels: int) -> bool:
    """Whether tags close each other and nest no deeper; most stories have the same ones."""
    still_open = list[str]()
    for name in names:
        if name[0] == "/":
            if not still_open or still_open.pop() != name[1:]:
                return False
        elif name not in VOID:
            still_open.append(name)
            if len(still_open) > levels:
                return False
    return not still_open


def _check(html: str, levels: int) -> None:
    still_open = list[tuple[str, int]]()
    for number, (name, written, broken) in enumerate(HTML_TAG.findall(html)):
        if broken:
            raise Wrong(number, _LONE)
        if name[:1] == "/":
            if still_open and still_open[-1][0] == name[1:]:
                still_open.pop()
            else:
                _close(name[1:], still_open, number)
        elif name and written[-1:] != "/" and name not in VOID:
            still_open.append((name, number))
            if len(still_open) > levels:
                raise Wrong(number, _DEEP)
    if still_open:
        raise Wrong(still_open[-1][1], f"<{still_open[-1][0]}> is never closed")


def _with_words(match: re.Match[str]) -> str:
    """A picture that does not say what it shows shows nothing (HTML Living Standard, 4.8.4.4)."""
    name, written, _ = match.groups()
    if name != "img" or "alt" in dict(attributes(written.removesuffix("/")) or ()):
        return match[0]
    return f'<img alt=""{written}>'


@functools.lru_cache(maxsize=4096)
def _tag(whole: str) -> tuple[str | None, str, str, str, str, bool]:
    """A tag of MJML as the engine needs it, what it is made of, and whether it holds HTML.

    None in place of the tag where its attributes cannot be read.
    """
    match = TAG.fullmatch(whole)
    assert match is not None
    end, name, written = match.groups("")
    if end or not name:
        return whole, end, name, written, "", False
    empty = "/" if written.endswith("/") else ""
    safe = _safe(name == _PICTURE, written[:-1] if empty else written)
    if safe is None:
        return None, "", name, written, "", False
    empty = " /" if empty or name in VOID else ""
    return f"<{name}{safe}{empty}>", "", name, safe, empty, name in _HOLDERS and not empty


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
