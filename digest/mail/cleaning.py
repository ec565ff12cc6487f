"""Foreign text made harmless for a mail: no control characters, no bidi overrides, no forged slots."""

from __future__ import annotations

import dataclasses
import functools
import operator
import re
import unicodedata
from collections.abc import Iterable
from typing import Any, TypeVar, cast

from digest.mail.slots import MARK

#: Longest pieces that a mail prints, in characters; so that one odd article cannot fill a mail.
TITLE, BLURB, NAME, ADDRESS = 400, 2_000, 100, 2_000

_LINES = re.compile("\r\n?|[\x85\u2028\u2029\v\f]")
_GONE = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x9f\ufeff\ufffe\uffff"  # C0, C1, byte-order mark, no characters
    "\u202a-\u202e\u2066-\u2069"  # bidi embeddings, overrides, isolates (UAX 9)
    "\ud800-\udfff]"  # half of a pair
)
_BLANK = re.compile(r"\n[^\S\n]*\n")
#: Space where a line may break; a no-break space (U+00A0, U+202F) is a sign like others.
_SPACE = re.compile(r"[^\S\u00a0\u202f]+")
_WEB = re.compile(r"https?://[^\s<>\"'\\]+", re.IGNORECASE)

#: Windows' punctuation that came as C1 characters: right single quotation mark and the like.
_WINDOWS = {
    code: bytes([code]).decode("cp1252")
    for code in range(0x80, 0xA0)
    if code not in (0x81, 0x85, 0x8D, 0x8F, 0x90, 0x9D)
}

#: They join the signs around them, or belong to the one before.
_JOINERS = "\u200c\u200d\ufe0e\ufe0f"

Content = TypeVar("Content")


def clean(text: str) -> str:
    """Text that a mail may hold. Line ends become LF; a slot's sentinel cannot be forged."""
    if text.isascii() and text.isprintable() and MARK not in text:
        return text
    text = _GONE.sub("", _LINES.sub("\n", text).translate(_WINDOWS))
    while MARK in text:
        text = text.replace(MARK, "")
    return text


def clean_all(content: Content) -> Content:
    """A copy of plain data (dataclasses, tuples, mappings) with every string in it cleaned."""
    return cast("Content", _cleaned(content))


def _cleaned(value: object) -> object:
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, tuple):
        all_of_it = tuple(map(_cleaned, value))
        return all_of_it if any(map(operator.is_not, all_of_it, value)) else value
    if isinstance(value, dict):
        return {key: _cleaned(one) for key, one in value.items()}
    kind: Any = type(value)
    changes = {}
    for name in _names(kind):
        was = getattr(value, name)
        made = clean(was) if type(was) is str else _cleaned(was)
        if made is not was:
            changes[name] = made
    return dataclasses.replace(cast("Any", value), **changes) if changes else value


@functools.cache
def _names(kind: type) -> tuple[str, ...]:
    """The fields of a dataclass; nothing else has any."""
    if not dataclasses.is_dataclass(kind):
        return ()
    return tuple(field.name for field in dataclasses.fields(kind))


def line(text: str, longest: int = TITLE) -> str:
    """The text on one line, cut at a word with an ellipsis where it is too long."""
    text = spaced(text)
    if len(text) <= longest:
        return text
    head = text[: longest - 1]
    space = head.rfind(" ", longest * 2 // 3)
    return (head[:space] if space > 0 else _whole(head, text)).rstrip() + "…"


def spaced(text: str) -> str:
    """The text with one space where there were several, or a line end."""
    return _SPACE.sub(" ", text).strip(" ")


def _whole(head: str, text: str) -> str:
    """The head of a text, without its last signs where the cut tore them from marks or joined ones."""
    while head and (_leans(text[len(head)]) or _binds(head[-1])):
        head = head[:-1]
    return head


def _leans(sign: str) -> bool:
    """Whether it belongs to the sign before it."""
    return sign in _JOINERS or unicodedata.category(sign)[0] == "M"


def _binds(sign: str) -> bool:
    """Whether the sign after it belongs to it: a joiner, or the virama of Indic scripts."""
    return sign == "\u200d" or unicodedata.combining(sign) == 9


def dotted(pieces: Iterable[str]) -> str:
    """Pieces on one line with a dot between; where the line breaks, the dot ends the upper one."""
    return "\u00a0· ".join(pieces)


def blurb(text: str) -> str:
    """A text of paragraphs, of sane length."""
    return text if len(text) <= BLURB else line(text, BLURB)


def paragraphs(text: str) -> list[str]:
    """The paragraphs of a text, each on one line."""
    return [spaced(part) for part in _BLANK.split(text) if part.strip()]


def web(url: str | None) -> str:
    """The address if a reader may follow it (http or https, of sane length), else empty."""
    return url if url and len(url) <= ADDRESS and _WEB.fullmatch(url) else ""


def secure(url: str | None) -> str:
    """The address if it is https: pictures come from nowhere else."""
    found = web(url)
    return found if found.lower().startswith("https:") else ""
