"""A message's header: encoded words (RFC 2047), folded lines, and no way to smuggle in a line."""

from __future__ import annotations

import base64
import re

_LONGEST = 76
#: Bytes in an encoded word, of at most 75 columns: base64 makes 60 of 45, and `=?utf-8?B?…?=` adds 12.
_WORD_BYTES = 45
_FIRST_BYTES = 36  # the field's name stands on the same line
#: Cannot be seen, but scripts and emoji need them: the zero-width joiner and non-joiner.
_JOINERS = "\u200c\u200d"
_ATOM = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~ -]+")
#: A name and an address that need no folding, quoting or coding: together with "Reply-To" within 76 columns.
_SIMPLE = re.compile(r"[A-Za-z]{1,15}(?: [A-Za-z0-9]{1,10})?")
_SPEC = re.compile(r"[!-;=?-~]{1,36}")
_QUOTED = re.compile(r"[ -~]+")


def line(name: str, text: str) -> bytes:
    """A field of free text, such as a subject; folded, line end included."""
    return _folded(f"{name}:", _words(_single(text)))


def mailbox(name: str, address: str, *, field: str) -> bytes:
    """A field with one mailbox, `Alice <alice@reader.example>`; line end included."""
    if _SIMPLE.fullmatch(name) and _SPEC.fullmatch(address):  # as most are, and a million are made
        return f"{field}: {name} <{address}>\r\n".encode("ascii")
    shown = phrase(name)
    spec = f"<{address}>" if shown else address
    return _folded(f"{field}:", [*shown, spec])


def words(name: str, parts: list[str]) -> bytes:
    """A field of words that are encoded already; folded, line end included."""
    return _folded(f"{name}:", parts)


def phrase(name: str) -> list[str]:
    """A display name as words that may stand on lines of their own; empty for an empty name."""
    name = _single(name)
    if not name:
        return []
    if _ATOM.fullmatch(name) and "=?" not in name:
        return name.split(" ")
    if _QUOTED.fullmatch(name) and "=?" not in name and len(name) <= 60:
        return ['"' + re.sub(r'(["\\])', r"\\\1", name) + '"']
    return _encoded(name)


def _single(text: str) -> str:
    """On one line, without anything that cannot be seen."""
    if not text.isprintable():
        text = "".join(c if c.isprintable() or c in _JOINERS else " " for c in text)
    return " ".join(text.split())


def _words(text: str) -> list[str]:
    words = text.split(" ")
    fits = text.isascii() and "=?" not in text and max(map(len, words)) <= 60
    return words if fits else _encoded(text)


def _encoded(text: str) -> list[str]:
    """Encoded words of whole characters (RFC 2047 §5); readers join them without the spaces."""
    whole = text.encode("utf-8")
    if len(whole) <= _FIRST_BYTES:  # as nearly every name is
        return [f"=?utf-8?B?{base64.b64encode(whole).decode()}?="]
    words, piece = list[bytes](), b""
    for sign in text:
        data = sign.encode("utf-8")
        if len(piece) + len(data) > (_WORD_BYTES if words else _FIRST_BYTES):
            words.append(piece)
            piece = b""
        piece += data
    return [f"=?utf-8?B?{base64.b64encode(word).decode()}?=" for word in (*words, piece)]


def _folded(start: str, words: list[str]) -> bytes:
    lines, line = [], start
    for word in words:
        if len(line) + 1 + len(word) > _LONGEST and line.strip() and line != start:
            lines.append(line)
            line = ""
        line += f" {word}"
    return ("\r\n".join((*lines, line)) + "\r\n").encode("utf-8")
