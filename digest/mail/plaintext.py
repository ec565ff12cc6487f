"""The text part: lines of at most 72 columns, as wide as they look; addresses on lines of their own."""

from __future__ import annotations

import functools
import re
import unicodedata
from collections.abc import Iterator

from digest.mail import cleaning

WIDTH = 72

#: Signs that may not begin a line; they stay with the sign before them.
_CLOSERS = frozenset(
    "、。，．・：；？！）］｝」』】〉》〕ー々…‥ぁぃぅぇぉっゃゅょァィゥェォッャュョ"
)
_JOINERS = frozenset("\u200d\ufe0e\ufe0f")

#: Vowels of Thai and Lao that are written after and before their consonant.
_FOLLOWERS = frozenset("ะาำๅๆฯະາຳຽໆ")
_LEADERS = frozenset("เแโใไເແໂໃໄ")


def width(text: str) -> int:
    """How many columns a text takes: wide East Asian signs and emoji take two, marks none."""
    return len(text) if text.isascii() else sum(_columns(sign) for sign in text)


def _columns(sign: str) -> int:
    if sign < "\u0300":
        return 1
    if unicodedata.combining(sign) or unicodedata.category(sign) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(sign) in "WF" else 1


def wrap(text: str, indent: str = "", columns: int = WIDTH) -> str:
    """Paragraphs wrapped; a blank line stays between two. A word longer than a line is broken."""
    paragraphs = [part for part in re.split(r"\n[^\S\n]*\n\s*", text.strip()) if part.strip()]
    return "\n\n".join(_wrapped(part, indent, columns) for part in paragraphs)


@functools.lru_cache(maxsize=4096)  # a week is printed anew after each change of one story
def _wrapped(paragraph: str, indent: str, columns: int) -> str:
    room = columns - width(indent)
    lines, line, used = [], "", 0
    for space, atom in _atoms(paragraph, room):
        takes = width(atom)
        if line and used + space + takes > room:
            lines.append(line)
            line, used, space = "", 0, 0
        gap = " " * space if line else ""
        line, used = line + gap + atom, used + len(gap) + takes
    return "\n".join(indent + one for one in (*lines, line))


def _atoms(paragraph: str, room: int) -> Iterator[tuple[int, str]]:
    """The pieces between which a line may break, each with the number of spaces (0, 1) before it."""
    for word in cleaning.spaced(paragraph).split(" "):
        space = 1
        for piece in _pieces(word):
            for atom in _broken(piece, room):
                yield space, atom
                space = 0


def _pieces(word: str) -> Iterator[str]:
    """A word, cut wherever East Asian text may be cut."""
    if word.isascii():
        yield from filter(None, (word,))
        return
    piece = ""
    for sign in word:
        joins = sign in _CLOSERS or _columns(sign) == 0 or piece[-1:] in _JOINERS
        wide = _columns(sign) == 2 or _columns(piece[-1:] or " ") == 2
        if piece and wide and not joins:
            yield piece
            piece = ""
        piece += sign
    if piece:
        yield piece


def _broken(piece: str, room: int) -> Iterator[str]:
    """A piece in parts of at most `room` columns, none of which tears a syllable apart if it can be helped."""
    if 2 * len(piece) <= room:
        yield piece
        return
    part, used = "", 0
    for sign in piece:
        if part and used + _columns(sign) > room:
            at = _break_near(part, sign)
            yield part[:at]
            part = part[at:]
            used = width(part)
        part, used = part + sign, used + _columns(sign)
    yield part


def _break_near(part: str, sign: str) -> int:
    """Where a part may end before `sign` comes: at its end, or a few signs earlier."""
    text = part + sign
    near = range(len(part), max(len(part) - 4, len(part) // 2), -1)
    return next((at for at in near if _may_part(text[at - 1], text[at])), len(part))


def _may_part(before: str, after: str) -> bool:
    """Vowel signs stay with the letter that they are written at, in Thai and Lao on both sides of it."""
    marks = unicodedata.category(after)[0] == "M" or after in _FOLLOWERS or after in _JOINERS
    return not marks and before not in _LEADERS and before not in _JOINERS


def underline(text: str, sign: str = "=", columns: int = WIDTH) -> str:
    """A heading, wrapped, with a line under it as wide as its longest line."""
    wrapped = wrap(text, columns=columns)
    return f"{wrapped}\n{sign * max(map(width, wrapped.splitlines()), default=0)}"


def tidy(text: str) -> str:
    """No space at line ends, never two blank lines, one line end at the end."""
    lines = "\n".join(line.rstrip() for line in text.splitlines())
    return re.sub(r"\n{3,}", "\n\n", lines).strip("\n") + "\n"
